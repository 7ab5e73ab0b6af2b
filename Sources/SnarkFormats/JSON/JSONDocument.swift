// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import StrictJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    public import Foundation
#endif

/// A JSON file while it is read: turns what goes wrong into errors that name file and key.
struct JSONDocument {
    let file: MappedFile
    /// What the items of the document are called in errors, such as "public input".
    var itemName: String?

    /// Decodes the whole file.
    ///
    /// - Throws: `.tooLarge` before anything is read, `.notJSON`, `.missingKey`, `.wrongType`; `.otherKind`
    ///   where the file is plainly
    ///   another one than the type wants.
    func decode<T: Decodable>(_ type: T.Type, limit: Int = JSONLimits.file) throws(FormatError) -> T {
        let kind = (type as? any KindDocument.Type)?.kind
        guard file.count <= limit else {
            if let error = otherKind(than: kind) { throw error }
            throw FormatError(.tooLarge(bytes: file.count, limit: limit), file: file.name)
        }
        let data = Data(try file.read(at: 0, count: file.count))
        do throws(JSONError) {
            return try Self.decoder.decode(type, from: data)
        } catch {
            // What is missing here says little where the file is of another kind.
            throw otherKind(than: kind) ?? convert(error, kind)
        }
    }

    /// A name in other upper and lower case is another name here, and the same to some other readers.
    private static let decoder: StrictJSONDecoder = {
        var decoder = StrictJSONDecoder()
        decoder.refusesCaseVariants = true
        return decoder
    }()

    private func convert(_ error: JSONError, _ kind: FileKind?) -> FormatError {
        let reason: FormatError.Reason =
            switch error.reason {
            case .missing: .missingKey
            case .wrongType(let expected, _):
                .wrongType(
                    expected: expected == "a string" && !["protocol", "curve"].contains(error.path)
                        ? "a decimal string" : expected)
            case .outOfRange: .wrongType(expected: "a whole number below 2^63")
            default: .notJSON("\(error.reason) (\(error.place))")
            }
        let place = FormatError.Place(name: itemName ?? kind?.noun, key: error.path)
        return FormatError(reason, file: file.name, place: place)
    }

    /// An error where the file is evidently one of another kind.
    private func otherKind(than wanted: FileKind?) -> FormatError? {
        wanted.flatMap { file.otherKind(than: $0) }
    }

    /// An error at a key.
    func error(_ reason: FormatError.Reason, at key: String) -> FormatError {
        FormatError(reason, file: file.name, place: FormatError.Place(name: itemName, key: key))
    }

    /// Demands the name of a curve, where the file says one.
    func check(curve found: String?, is wanted: CurveID) throws(FormatError) {
        guard let found else { return }
        let curve = try curve(named: found)
        guard curve == wanted else {
            throw error(.curveMismatch(expected: wanted.rawValue, found: curve.rawValue), at: "curve")
        }
    }

    /// The curve with the name that the file gives, in any of its spellings.
    func curve(named name: String) throws(FormatError) -> CurveID {
        guard let curve = CurveID(name: name) else {
            let all = CurveID.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(.unsupportedCurve(found: String(name.prefix(40)), wanted: all), at: "curve")
        }
        return curve
    }

    /// A scalar below the group order.
    func scalar<F: PrimeField>(_ text: String, of field: F.Type, at key: String) throws(FormatError) -> F {
        try element(text, of: field, at: key, tooLarge: .valueOutOfRange(limit: "the group order"))
    }

    /// A coordinate below the modulus of the base field.
    func coordinate<F: PrimeField>(_ text: String, of field: F.Type, at key: String) throws(FormatError) -> F
    {
        try element(text, of: field, at: key, tooLarge: .coordinateOutOfRange)
    }

    private func element<F: PrimeField>(
        _ text: String, of field: F.Type, at key: String, tooLarge: FormatError.Reason
    ) throws(FormatError) -> F {
        do throws(DecimalText.ElementFault) {
            return try DecimalText.element(text, of: field, tooLarge: tooLarge)
        } catch {
            throw self.error(error.reason, at: key)
        }
    }

    private func demand(_ condition: Bool, _ expected: String, at key: String) throws(FormatError) {
        guard condition else { throw error(.wrongType(expected: expected), at: key) }
    }

    /// A point of G1 as `[x, y, "1"]`, or the identity as `["0", "1", "0"]`; on the curve and in the
    /// subgroup.
    func g1<Suite: CurveSuite>(
        _ texts: [String], of suite: Suite.Type, at key: String
    ) throws(FormatError) -> Affine<Suite.G1> {
        try demand(texts.count == 3, "an array of three coordinates", at: key)
        let x = try coordinate(texts[0], of: Suite.Fp.self, at: "\(key)[0]")
        let y = try coordinate(texts[1], of: Suite.Fp.self, at: "\(key)[1]")
        if texts[2] == "0" {
            try demand(x.isZero && y == .one, "the point at infinity as [0, 1, 0]", at: key)
            return .identity
        }
        try demand(texts[2] == "1", "\"1\", or \"0\" for the point at infinity,", at: "\(key)[2]")
        return try checked(Affine(x: x, y: y), at: key)
    }

    /// A point of G2 as `[[x0, x1], [y0, y1], ["1", "0"]]`, or the identity as `[["0", "0"], ["1", "0"],
    /// ["0", "0"]]`; on the curve and in the subgroup.
    func g2<Suite: CurveSuite>(
        _ texts: [[String]], of suite: Suite.Type, at key: String
    ) throws(FormatError) -> Affine<Suite.G2> {
        try demand(texts.count == 3 && texts.allSatisfy { $0.count == 2 }, "an array of three pairs", at: key)
        let x = Suite.Fp2(
            try coordinate(texts[0][0], of: Suite.Fp.self, at: "\(key)[0][0]"),
            try coordinate(texts[0][1], of: Suite.Fp.self, at: "\(key)[0][1]"))
        let y = Suite.Fp2(
            try coordinate(texts[1][0], of: Suite.Fp.self, at: "\(key)[1][0]"),
            try coordinate(texts[1][1], of: Suite.Fp.self, at: "\(key)[1][1]"))
        if texts[2] == ["0", "0"] {
            try demand(x.isZero && y == .one, "the point at infinity as [[0, 0], [1, 0], [0, 0]]", at: key)
            return .identity
        }
        try demand(
            texts[2] == ["1", "0"], "[\"1\", \"0\"], or zeros for the point at infinity,", at: "\(key)[2]")
        return try checked(Affine(x: x, y: y), at: key)
    }

    private func checked<Group: CurveGroup>(_ point: Affine<Group>, at key: String) throws(FormatError)
        -> Affine<Group>
    {
        // (0, 0) stands for the identity inside, but no file may write it so.
        guard point.isOnCurve, !point.isIdentity else { throw error(.pointNotOnCurve, at: key) }
        guard Group.isInSubgroup(point) else { throw error(.pointNotInSubgroup, at: key) }
        return point
    }
}
