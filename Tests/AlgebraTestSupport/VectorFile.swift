// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// The files of known answers in the folders of Tests/Vectors: each is an object with one section a curve or
/// field.
///
/// Keys are written in camel case here: `bls12381Fp` is the file's `bls12_381_fp`.
package enum VectorFile {
    /// The section `key` of the folder's `name`.json that has it; the others are not decoded.
    package static func section<T: Decodable>(_ key: String, of name: String, as _: T.Type) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.userInfo[Section<T>.key] = key
        for folder in try FileManager.default.contentsOfDirectory(atPath: Vectors.directory.path).sorted() {
            guard let data = try? Data(contentsOf: Vectors.url("\(folder)/\(name).json")) else { continue }
            if let content = try decoder.decode(Section<T>.self, from: data).content { return content }
        }
        throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "\(name).json with \(key)"])
    }

    /// A whole file that is one object, such as snarkjs' verification keys.
    package static func object<T: Decodable>(_ path: String, as _: T.Type) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(T.self, from: Data(contentsOf: Vectors.url(path)))
    }

    private struct Section<T: Decodable>: Decodable {
        static var key: CodingUserInfoKey { CodingUserInfoKey(rawValue: "martlet.section")! }

        let content: T?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            let key = decoder.userInfo[Self.key] as? String ?? ""
            content = try container.decodeIfPresent(T.self, forKey: Name(stringValue: key))
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
