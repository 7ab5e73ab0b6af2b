// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    public import Foundation
#endif

/// Decodes values from JSON texts that every reader understands alike: the only decoder of this package.
///
/// The grammar is RFC 8259's without any leniency: no comments, no comma after the last item, no byte order
/// mark, UTF-8 only. A member that occurs twice in an object is an error, whatever its spelling. Numbers are
/// taken as they are written: a whole number has no fraction and no exponent and fits exactly, any other is
/// finite and not zero unless written so. Members that the decoded type has no key for are skipped, or errors
/// (`unknownKeys`).
///
/// `Data` is base64, all else is as its `init(from:)` has it.
package struct StrictJSONDecoder: Sendable {
    /// Brackets in brackets; no document of ours has more than a dozen.
    package static let depthLimit = 128

    /// What becomes of members that nobody asks for.
    package var unknownKeys: UnknownKeys
    /// Whether an object may not have members whose names differ in upper and lower case only: there are
    /// readers that take the one for the other.
    package var refusesCaseVariants = false
    /// Whether `"nan"`, `"inf"` and `"-inf"` are read as numbers.
    package var readsNonFiniteNumbers = false

    package init(unknownKeys: UnknownKeys = .ignore) { self.unknownKeys = unknownKeys }

    /// Decodes a value from the whole of a text.
    ///
    /// - Throws: what is wrong with the text or the value in it.
    package func decode<T: Decodable>(
        _ type: T.Type = T.self, from data: Data
    ) throws(JSONError) -> T {
        try data.withUnsafeBytes { bytes in decode(type, bytes) }.get()
    }

    /// Decodes a value from the whole of a text.
    ///
    /// - Throws: what is wrong with the text or the value in it.
    package func decode<T: Decodable>(
        _ type: T.Type = T.self, from text: String
    ) throws(JSONError) -> T {
        var text = text
        return try text.withUTF8 { bytes in decode(type, UnsafeRawBufferPointer(bytes)) }.get()
    }

    private func decode<T: Decodable>(
        _ type: T.Type, _ bytes: UnsafeRawBufferPointer
    ) -> Result<T, JSONError> {
        do throws(JSONError) {
            var scanner = JSONScanner(
                bytes, depthLimit: Self.depthLimit, refusesCaseVariants: refusesCaseVariants)
            try scanner.scan()
            let tree = JSONTree(
                bytes, scanner.nodes, unknownKeys: unknownKeys,
                readsNonFiniteNumbers: readsNonFiniteNumbers)
            defer { tree.close() }
            do throws(JSONFault) {
                return .success(try tree.value(type, 0))
            } catch {
                throw tree.located(error)
            }
        } catch {
            return .failure(error)
        }
    }

    /// Looks whether a text is JSON, without an interest in what it says.
    ///
    /// - Throws: what is wrong with the text.
    package static func check(_ data: Data) throws(JSONError) {
        try data.withUnsafeBytes { bytes -> Result<Void, JSONError> in
            do throws(JSONError) {
                var scanner = JSONScanner(bytes, depthLimit: depthLimit, refusesCaseVariants: false)
                return .success(try scanner.scan())
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
