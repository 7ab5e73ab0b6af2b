// SPDX-License-Identifier: Apache-2.0

import FederatedLearning
import Foundation
import SnarkFormats
import StrictJSON

/// A JSON file of Martlet's own: it names itself by `schema` or `format`, or has members that only it has.
///
/// Says what the file is and shows a few members; whether it is sound, its readers find out.
struct OwnDocument {
    typealias Row = (key: String, label: String, value: FileSummary.Value)

    /// The facts, in the order in which a table shows them.
    let rows: [Row]

    /// A kind of document.
    private struct Kind {
        /// What `schema` or `format` says, without the version behind a slash; else what `info` calls it.
        var name: String
        /// What it is, for people.
        var description: String
        /// Members by which it is recognised where it does not name itself.
        var marks: Set<String> = []
        /// Members worth showing: texts and numbers as they are, of lists the number of elements.
        var shown: [String] = []
    }

    private static let kinds =
        otherKinds
        + FederationFileKind.allCases.map {
            Kind(name: $0.rawValue, description: $0.description, shown: shown($0))
        }

    private static let otherKinds = [
        Kind(
            name: "martlet-result", description: "the result of a proof or a job (docs/results.md)",
            shown: ["state", "id", "system", "curve", "backend"]),
        Kind(
            name: "martlet-error", description: "why a command did not do what it was asked", shown: ["error"]
        ),
        Kind(name: "martlet-spool", description: "the mark of a spool directory", shown: ["version"]),
        Kind(
            name: "job.json", description: "a job of a spool",
            marks: ["version", "system", "zkey", "witness"],
            shown: ["system", "zkey"]),
        Kind(
            name: "reason.json", description: "why a job of a spool has no proof",
            marks: ["version", "id", "code", "message", "attempts", "history"],
            shown: ["id", "code", "attempts"]),
        Kind(
            name: "martlet-bench", description: "figures of martlet bench",
            marks: ["commandLine", "machine", "seed", "results"], shown: ["version", "date", "results"]),
    ]

    private static func shown(_ kind: FederationFileKind) -> [String] {
        switch kind {
        case .task: ["name"]
        case .registry: ["clients"]
        case .invitations: ["invitations"]
        case .state: ["round", "hash", "weights"]
        case .update: ["round", "entries"]
        case .round: ["round", "accepted", "refused"]
        case .registration: ["name", "commitment"]
        case .identity: ["name"]
        case .dataset: ["batches"]
        }
    }

    /// Nil for what is no JSON object of Martlet's own.
    init?(_ file: MappedFile) {
        guard file.count <= Self.limit, let text = try? file.text(),
            text.unicodeScalars.first(where: { !" \t\r\n".unicodeScalars.contains($0) }) == "{",
            let members = try? StrictJSONDecoder().decode([String: Member].self, from: Data(text.utf8)),
            let (kind, format) = Self.kind(of: members)
        else { return nil }
        var rows: [Row] = [
            ("format", "format", .text(format)), ("bytes", "file size in bytes", .integer(file.count)),
            ("what", "what it is", .text(kind.description)),
        ]
        for name in kind.shown {
            switch members[name] {
            case .value(let value): rows.append((name, name, value))
            case .list(let count): rows.append((name, name, .integer(count)))
            case .object(let inner):
                for (below, value) in inner.sorted(by: { $0.key < $1.key }) {
                    let member = name + below.prefix(1).uppercased() + below.dropFirst()
                    rows.append((member, "\(name) \(below)", value))
                }
            case .other, nil: break
            }
        }
        self.rows = rows
    }

    /// The largest document that is read to find out.
    private static let limit = 256 << 20

    /// The kind of a document, and what it calls itself.
    private static func kind(of members: [String: Member]) -> (Kind, String)? {
        for name in ["schema", "format"] {
            guard case .value(.text(let text)) = members[name], text.hasPrefix("martlet-") else { continue }
            let base = text.split(separator: "/").first.map(String.init) ?? text
            let unknown = Kind(
                name: base, description: "a document that this version of martlet does not know")
            return (kinds.first { $0.name == base } ?? unknown, text)
        }
        let kind = kinds.first { !$0.marks.isEmpty && $0.marks.isSubset(of: members.keys) }
        return kind.map { ($0, $0.name) }
    }

    /// A member as far as it is shown.
    private enum Member: Decodable {
        case value(FileSummary.Value)
        /// A list of so many elements.
        case list(Int)
        /// The plain values of an object.
        case object([String: FileSummary.Value])
        /// Null and fractions.
        case other

        private struct Anything: Decodable {
            init(from decoder: any Decoder) throws {}
        }

        private struct Plain: Decodable {
            var value: FileSummary.Value?
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                guard (try? container.decode([Anything].self)) == nil else { return }
                value = try? container.decode(FileSummary.Value.self)
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let list = try? container.decode([Anything].self) {
                self = .list(list.count)
            } else if let value = try? container.decode(FileSummary.Value.self) {
                self = .value(value)
            } else if let inner = try? container.decode([String: Plain].self) {
                self = .object(inner.compactMapValues(\.value))
            } else {
                self = .other
            }
        }
    }
}
