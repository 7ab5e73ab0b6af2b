import Curves
import EllipticCurves
import FiniteFields

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A JSON file while it is read: turns what goes wrong into errors that name file and key.
struct JSONDocument {
    let file: MappedFile
    /// What the items of the document are called in errors, such as "public input".
    var itemName: String?

    /// Keys and lists of public inputs may be long; nothing else is.
    static let sizeLimit = 16 << 20
    /// Above any proof.
    static let proofSizeLimit = 64 << 10

    /// Decodes the whole file.
    ///
    /// - Throws: `.tooLarge` before anything is read, `.notJSON`, `.missingKey`, `.wrongType`.
    func decode<T: Decodable>(_ type: T.Type, limit: Int = sizeLimit) throws(FormatError) -> T {
        guard file.count <= limit else {
            throw FormatError(.tooLarge(bytes: file.count, limit: limit), file: file.name)
        }
        let data = Data(try file.read(at: 0, count: file.count))
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw convert(error)
        } catch {
            throw FormatError(.notJSON("\(error)"), file: file.name)
        }
    }

    private func convert(_ error: DecodingError) -> FormatError {
        switch error {
        case .keyNotFound(let key, let context):
            self.error(.missingKey, at: Self.path(context.codingPath + [key]))
        case .typeMismatch(let type, let context): wrongType(type, context)
        case .valueNotFound(let type, let context): wrongType(type, context)
        case .dataCorrupted(let context):
            self.error(.notJSON(context.debugDescription), at: Self.path(context.codingPath))
        @unknown default: self.error(.notJSON("\(error)"), at: "")
        }
    }

    private func wrongType(_ type: any Any.Type, _ context: DecodingError.Context) -> FormatError {
        let path = Self.path(context.codingPath)
        let expected =
            if type == String.self {
                ["protocol", "curve"].contains(path) ? "a string" : "a decimal string"
            } else if type == Int.self {
                "an integer"
            } else if "\(type)".hasPrefix("Array") {
                "an array"
            } else {
                "an object"
            }
        return error(.wrongType(expected: expected), at: path)
    }

    /// A coding path as `pi_b[0][1]`.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { text, key in
            if let index = key.intValue { return "\(text)[\(index)]" }
            return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
        }
    }

    /// An error at a key.
    func error(_ reason: FormatError.Reason, at key: String) -> FormatError {
        FormatError(reason, file: file.name, place: FormatError.Place(name: itemName, key: key))
    }

    /// Demands the name of a curve, where the file says one.
    func check(curve found: String?, is wanted: CurveID) throws(FormatError) {
        guard let found, try curve(named: found) != wanted else { return }
        throw error(
            .curveMismatch(expected: wanted.snarkjsName, found: String(found.prefix(40))), at: "curve")
    }

    /// The curve with the name that the file gives, in any of its spellings.
    func curve(named name: String) throws(FormatError) -> CurveID {
        guard let curve = CurveID(name: name) else {
            let all = CurveID.allCases.map(\.snarkjsName).joined(separator: " and ")
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

    /// A point of G1 as `[x, y, "1"]`, or the identity as `["0", "1", "0"]`; on the curve and in the subgroup.
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

    /// A point of G2 as `[[x0, x1], [y0, y1], ["1", "0"]]`, or the identity as `[["0", "0"], ["1", "0"], ["0", "0"]]`;
    /// on the curve and in the subgroup.
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
