// SPDX-License-Identifier: Apache-2.0

import Foundations
import NIOHTTP1
import Testing

/// What `/metrics` tells of a coordinator that has done nothing yet, and its form.
@Suite struct MetricsTests {
    @Test func theProgramAndItsStoreAreNamed() async throws {
        try await withCoordinator { server in
            let text = try await server.send(.GET, "/metrics").text
            let (version, platform) = (MartletVersion.current, MartletVersion.platform)
            let labels = "version=\"\(version)\",platform=\"\(platform)\",store=\"sqlite\""
            #expect(text.contains("\nmartlet_build_info{\(labels)} 1\n"), "\(text)")
        }
    }

    /// Every sample stands below the help and the type of its family, and no family comes twice.
    @Test func familiesAreDescribedOnce() async throws {
        try await withCoordinator { server in
            let text = try await server.send(.GET, "/metrics").text
            var (families, helped): ([String], String?) = ([], nil)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                if line.hasPrefix("# HELP ") {
                    helped = words[2]
                    #expect(words.count > 3, "\(line)")
                } else if line.hasPrefix("# TYPE ") {
                    #expect(words.count == 4 && words[2] == helped, "\(line)")
                    families.append(words[2])
                } else {
                    #expect(line.hasPrefix(families.last ?? "none"), "\(line)")
                }
            }
            #expect(families.count > 10 && Set(families).count == families.count, "\(families)")
        }
    }
}
