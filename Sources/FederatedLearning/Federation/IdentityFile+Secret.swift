// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import FiniteFields
import Foundation
import SnarkFormats

/// The client's secret goes between its file and its `Identity` past the JSON of the rest: parsers and
/// writers of JSON leave copies of what they handle, and nobody can overwrite those.
extension IdentityFile {
    private static let limit = 64 << 20
    /// The member as this module writes it; a text of JSON cannot have these bytes in it anywhere else.
    private static let mark = Array("\"secret\":\"".utf8)
    /// The digits of the largest element.
    private static let digitLimit = 80

    /// Reads the file of an identity. The memory that it is read into, and that of the identity, are
    /// overwritten when they go.
    ///
    /// - Throws: what is wrong with the file.
    static func open(_ path: String) throws(FederationError) -> (file: IdentityFile, identity: Identity) {
        let memory: MappedFile
        do throws(FormatError) { memory = try MappedFile(secret: path, limit: limit) } catch {
            throw FederationError(error)
        }
        return try memory.withBytes { bytes throws(FederationError) in
            guard let start = place(in: bytes) else {
                // Spelt in another way: JSON all the same.
                let file = try checked(bytes.withUnsafeBytes { Data($0) }, path)
                return (file, Identity(secret: file.secret.value))
            }
            let limit = min(start + digitLimit, bytes.byteCount)
            let end = (start..<limit).first { bytes[$0] == UInt8(ascii: "\"") } ?? limit
            let limbs = bytes.extracting(start..<end).withUnsafeBytes { Scalar.Limbs(digits: $0) }
            guard let limbs, let secret = Scalar(canonical: limbs),
                end - start == 1 || bytes[start] != UInt8(ascii: "0")
            else {
                throw FederationError(
                    .badInput, file: path, "secret: not a decimal number below the group order")
            }
            let rest = bytes.withUnsafeBytes { Data($0[..<start]) + Data("0".utf8) + Data($0[end...]) }
            return (try checked(rest, path), Identity(secret: secret))
        }
    }

    /// Where the digits begin; nil where that is not plain.
    private static func place(in bytes: RawSpan) -> Int? {
        var found: Int?
        var index = 0
        while index + mark.count <= bytes.byteCount {
            if bytes[index] == mark[0],
                bytes.extracting(index..<index + mark.count).elementsEqual(mark.span.bytes)
            {
                guard found == nil else { return nil }
                found = index + mark.count
            }
            index += 1
        }
        return found
    }

    private static func checked(_ data: Data, _ path: String) throws(FederationError) -> IdentityFile {
        let file = try JSONFile.decode(IdentityFile.self, data, file: path)
        guard file.format == currentFormat else {
            throw FederationError(.badInput, file: path, formatFault(file.format))
        }
        return file
    }

    /// Writes the file of an identity, for this user only.
    ///
    /// - Throws: `.infrastructure`.
    static func write(
        _ identity: Identity, name: String, task: Scalar, salts: [Scalar], to path: String
    ) throws(FederationError) {
        let hollow = IdentityFile(
            name: name, identity: Identity(secret: .zero), task: task, salts: salts)
        guard let text = try? JSONFile.encode(hollow),
            let start = place(in: text.bytes), start < text.count
        else { throw FederationError(.infrastructure, file: path, "cannot be encoded") }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: text.count + digitLimit, alignment: 16)
        defer {
            overwrite(buffer)
            buffer.deallocate()
        }
        buffer.copyBytes(from: text[..<start])
        // The digits come to the end of their room; then they, and the rest, are moved to where they belong.
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<(start + digitLimit)])
        let count = identity.secret.canonical.writeDigits(to: room)
        let digits = UnsafeRawBufferPointer(rebasing: room[(digitLimit - count)...])
        for (place, digit) in digits.enumerated() { buffer[start + place] = digit }
        let rest = text[(start + 1)...]
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[(start + count)...])
        target.copyBytes(from: rest)
        do throws(FormatError) {
            try OutputTarget.write(
                secret: UnsafeRawBufferPointer(rebasing: buffer[..<(start + count + rest.count)]), to: path)
        } catch {
            throw FederationError(error)
        }
    }
}
