// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// The files under Tests/Vectors/py_ecc: each is an object with one section a curve or field.
///
/// Keys are written in camel case here: `bls12381Fp` is the file's `bls12_381_fp`.
package enum VectorFile {
    /// The section `key` of `name`.json; the others are not decoded.
    package static func section<T: Decodable>(_ key: String, of name: String, as _: T.Type) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.userInfo[Section<T>.key] = key
        let data = try Data(contentsOf: Vectors.url("py_ecc/\(name).json"))
        return try decoder.decode(Section<T>.self, from: data).content
    }

    /// A whole file that is one object, such as snarkjs' verification keys.
    package static func object<T: Decodable>(_ path: String, as _: T.Type) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(T.self, from: Data(contentsOf: Vectors.url(path)))
    }

    private struct Section<T: Decodable>: Decodable {
        static var key: CodingUserInfoKey { CodingUserInfoKey(rawValue: "martlet.section")! }

        let content: T

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            let key = decoder.userInfo[Self.key] as? String ?? ""
            content = try container.decode(T.self, forKey: Name(stringValue: key))
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
