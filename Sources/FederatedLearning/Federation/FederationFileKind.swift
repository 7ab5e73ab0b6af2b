// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnarkFormats
import StrictJSON

/// The JSON files of federations, by what they call themselves in `format`, without the version behind a
/// slash.
package enum FederationFileKind: String, CaseIterable, Sendable {
    case task = "martlet-fl-task"
    case registry = "martlet-fl-registry"
    case invitations = "martlet-fl-invitations"
    case registration = "martlet-fl-registration"
    case state = "martlet-fl-state"
    case update = "martlet-fl-update"
    case round = "martlet-fl-round"
    case identity = "martlet-fl-identity"
    case dataset = "martlet-fl-dataset"

    /// What such a file is, for people.
    package var description: String {
        switch self {
        case .task: "the task of a federation"
        case .registry: "the registered clients of a federation"
        case .invitations: "the invitations to a federation"
        case .registration: "a client's registration for a federation"
        case .state: "a state of a federation, with its model"
        case .update: "a client's update of a federation, with its proof"
        case .round: "what a round of a federation took and refused"
        case .identity: "a client's identity in a federation; keep it secret"
        case .dataset: "a client's samples in a federation; keep them secret"
        }
    }

    /// The description as a part of a sentence.
    fileprivate var phrase: Substring { description.prefix { $0 != ";" && $0 != "," } }

    /// The kind of files with this format; nil for none of these.
    init?(format: String) { self.init(rawValue: String(format.prefix { $0 != "/" })) }
}

extension FederationError {
    /// That a file is plainly of another kind than the one wanted; nil where it does not tell what it is.
    static func otherKind(_ file: MappedFile, wanted: FederationFileKind) -> Self? {
        otherKind(file, wanted: String(wanted.phrase), except: wanted)
    }

    /// The same for a file that is no document.
    static func otherKind(
        _ file: MappedFile, wanted: String, except kind: FederationFileKind? = nil
    ) -> Self? {
        guard let found = holding(file, except: kind) else { return nil }
        return Self(.badInput, file: file.name, "holds \(found), where \(wanted) is wanted")
    }

    private static func holding(_ file: MappedFile, except kind: FederationFileKind?) -> String? {
        if let evident = FileKind.evident(file) { return evident.description }
        guard let found = FederationFileKind.format(of: file).flatMap(FederationFileKind.init(format:)),
            found != kind
        else { return nil }
        return String(found.phrase)
    }

}

extension FederationFileKind {
    private struct Named: Decodable { var format: String? }

    /// The `format` of a JSON object; nil for one without, and for what is none.
    static func format(of file: MappedFile) -> String? {
        guard file.count <= JSONFile.sizeLimit, let bytes = try? file.read(at: 0, count: file.count),
            bytes.first == UInt8(ascii: "{")
        else { return nil }
        return (try? StrictJSONDecoder().decode(Named.self, from: Data(bytes)))?.format
    }

    /// Whether a file that could not be read as this kind is one of it all the same: it says so, or is JSON
    /// that is broken, so that it does not tell.
    func isPossible(_ file: MappedFile) -> Bool {
        guard let bytes = try? file.read(at: 0, count: min(file.count, JSONFile.sizeLimit)),
            bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{")
        else { return false }
        guard let named = try? StrictJSONDecoder().decode(Named.self, from: Data(bytes)) else { return true }
        return named.format.flatMap(Self.init(format:)) == self
    }
}
