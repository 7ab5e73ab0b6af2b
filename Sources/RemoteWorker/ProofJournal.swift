// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Foundation
package import Foundations
import Outcomes
import StrictJSON

/// Finished proofs that the coordinator may not know of yet: on the disk before they are reported, removed
/// afterwards.
package struct ProofJournal: Sendable {
    package struct Entry: Sendable, Equatable, Codable {
        package var lease: String
        package var completion: Completion

        package init(lease: String, completion: Completion) {
            self.lease = lease
            self.completion = completion
        }
    }

    private static let limit = 16 << 20
    private let folder: PrivateFolder

    package init(_ folder: PrivateFolder) { self.folder = folder }

    /// Keeps a proof; when this returns, it outlives a loss of power.
    package func write(_ entry: Entry) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try folder.write(encoder.encode(entry), to: Self.name(entry.lease))
    }

    /// What is kept. Files that are no entries are left alone.
    package func entries() throws(FileError) -> [Entry] {
        var result: [Entry] = []
        for name in try folder.names() where name.hasSuffix(".json") {
            guard let data = try folder.read(name, limit: Self.limit),
                let entry = try? StrictJSONDecoder().decode(Entry.self, from: data),
                Self.name(entry.lease) == name
            else { continue }
            result.append(entry)
        }
        return result
    }

    /// Forgets a proof; it is no error when there is none.
    package func remove(_ lease: String) throws(FileError) { try folder.remove(Self.name(lease)) }

    private static func name(_ lease: String) -> String { fileName(lease) + ".json" }
}

/// The name of what belongs to a lease on this disk: its own where that is a plain name, else one made of its
/// bytes.
func fileName(_ lease: String) -> String {
    if let id = try? JobID(lease) { return id.text }
    return "x" + lease.utf8.prefix(100).map { String($0, radix: 16) }.joined(separator: "-")
}
