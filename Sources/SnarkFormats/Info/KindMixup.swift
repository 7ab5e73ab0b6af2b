// SPDX-License-Identifier: Apache-2.0

import StrictJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension MappedFile {
    /// Runs a reader. Where that fails and the file is evidently one of another kind, this is what is wrong
    /// with it.
    func expecting<R>(
        _ kind: FileKind, _ read: () throws(FormatError) -> R
    ) throws(FormatError) -> R {
        do throws(FormatError) {
            return try read()
        } catch {
            switch error.reason {
            // The file has said what it is: by the name of a proof system, which that of aggregates' key is
            // not.
            case .wrongLabel, .oldProtocol, .unknownProtocol:
                throw FileKind.evident(self) == .aggregationKey ? otherKind(than: kind) ?? error : error
            default: throw otherKind(than: kind) ?? error
            }
        }
    }

    /// An error where the file is evidently one of another kind, or two in one.
    func otherKind(than wanted: FileKind) -> FormatError? {
        let found =
            ProofWithInputs.isIn(self)
            ? "a proof and public inputs in one object, each of which belongs in a file of its own"
            : FileKind.evident(self).flatMap { $0 == wanted ? nil : $0.description }
        return found.map { FormatError(.otherKind(found: $0, wanted: wanted), file: name) }
    }
}

/// What some programs make of a proof and its public inputs: one object of both.
struct ProofWithInputs: Decodable {
    struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }
    var proof: Anything
    var publicSignals: Anything

    static func isIn(_ file: MappedFile) -> Bool {
        guard file.count <= JSONLimits.file, let bytes = try? file.read(at: 0, count: file.count)
        else { return false }
        return (try? StrictJSONDecoder().decode(Self.self, from: Data(bytes))) != nil
    }
}
