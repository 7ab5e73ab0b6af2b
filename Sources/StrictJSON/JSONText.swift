// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    public import Foundation
#endif

/// The JSON text of a value, with sorted keys.
///
/// The types written here have no value that cannot be encoded, provided that every number is finite.
package func jsonData(_ value: some Encodable, pretty: Bool = false) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
        pretty
        ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)) ?? Data("null".utf8)
}

/// The value in JSON text, or nil when the text is not of that form.
package func jsonValue<T: Decodable>(_ type: T.Type, _ data: Data) -> T? {
    try? StrictJSONDecoder().decode(type, from: data)
}
