// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Checked-in test vectors, under Tests/Vectors.
package enum Vectors {
    package static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Vectors")

    /// The file or folder at `path` below Tests/Vectors.
    package static func url(_ path: String) -> URL { directory.appending(path: path) }

    package static func json<T: Decodable>(_ path: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: url(path)))
    }
}

/// The larger fixtures, which are not checked in: the folder that `MARTLET_FIXTURES` names.
package enum Fixtures {
    package static let directory: URL? = {
        guard let path = ProcessInfo.processInfo.environment["MARTLET_FIXTURES"], !path.isEmpty,
            FileManager.default.fileExists(atPath: path)
        else { return nil }
        return URL(filePath: path)
    }()

    /// For `.enabled(if: Fixtures.arePresent, "…")`.
    package static var arePresent: Bool { directory != nil }
}
