// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A JSON Schema (2020-12) in the part of the language that ours are written in. A keyword that is not known
/// here is an error, so that nothing is passed over.
///
/// Unchecked: what JSONSerialization makes of a text, and nobody changes.
package struct JSONSchema: @unchecked Sendable {
    private let root: [String: Any]

    /// Reads a schema's text.
    package init(_ text: Data) throws {
        guard let root = try JSONSerialization.jsonObject(with: text) as? [String: Any] else {
            throw CocoaError(.fileReadCorruptFile)
        }
        self.root = root
    }

    /// What is wrong with a document; empty when nothing is.
    ///
    /// - Parameter strictly: also members that the schema does not name are wrong, though it lets newer
    ///   programs add some.
    package func faults(_ text: Data, strictly: Bool = true) throws -> [String] {
        var check = Check(isStrict: strictly)
        check.look(
            try JSONSerialization.jsonObject(with: text, options: .fragmentsAllowed), root, at: "", true)
        return check.faults
    }
}

private struct Check {
    var isStrict: Bool
    var faults: [String] = []

    private static let known: Set = [
        "$schema", "$id", "title", "description", "type", "const", "enum", "minimum", "maximum", "minLength",
        "pattern", "properties", "required", "items", "dependentRequired", "allOf", "if", "then", "not",
    ]

    /// - Parameter isWhole: false for parts that speak of some members only.
    mutating func look(_ value: Any, _ schema: [String: Any], at place: String, _ isWhole: Bool) {
        for keyword in schema.keys where !Self.known.contains(keyword) {
            faults.append("the schema has the keyword \(keyword), which the check does not know")
        }
        if let type = schema["type"] as? String, !Self.isOf(type, value) {
            return faults.append("\(place): not of the type \(type): \(value)")
        }
        if let wanted = schema["const"] as? String, value as? String != wanted {
            faults.append("\(place): not \(wanted): \(value)")
        }
        if let all = schema["enum"] as? [String], !all.contains(value as? String ?? "") {
            faults.append("\(place): none of \(all): \(value)")
        }
        if let number = value as? NSNumber, !Self.isBoolean(value) {
            if let least = schema["minimum"] as? NSNumber, number.doubleValue < least.doubleValue {
                faults.append("\(place): \(number) is less than \(least)")
            }
            if let most = schema["maximum"] as? NSNumber, number.doubleValue > most.doubleValue {
                faults.append("\(place): \(number) is more than \(most)")
            }
        }
        if let text = value as? String {
            if let least = schema["minLength"] as? Int, text.unicodeScalars.count < least {
                faults.append("\(place): too short")
            }
            if let pattern = schema["pattern"] as? String,
                text.range(of: pattern, options: .regularExpression) == nil
            {
                faults.append("\(place): does not match \(pattern): \(text)")
            }
        }
        if let items = schema["items"] as? [String: Any], let array = value as? [Any] {
            for (index, item) in array.enumerated() { look(item, items, at: "\(place)[\(index)]", true) }
        }
        if let object = value as? [String: Any] { look(members: object, schema, at: place, isWhole) }
        combine(value, schema, at: place)
    }

    private mutating func look(
        members object: [String: Any], _ schema: [String: Any], at place: String, _ isWhole: Bool
    ) {
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        for (name, value) in object {
            if let property = properties[name] {
                look(value, property, at: place.isEmpty ? name : "\(place).\(name)", true)
            } else if isStrict && isWhole {
                faults.append("\(place): the schema knows no member \(name)")
            }
        }
        for name in schema["required"] as? [String] ?? [] where object[name] == nil {
            faults.append("\(place): \(name) is missing")
        }
        for (name, needed) in schema["dependentRequired"] as? [String: [String]] ?? [:]
        where object[name] != nil {
            for other in needed where object[other] == nil {
                faults.append("\(place): \(name) is there without \(other)")
            }
        }
    }

    private mutating func combine(_ value: Any, _ schema: [String: Any], at place: String) {
        for part in schema["allOf"] as? [[String: Any]] ?? [] { look(value, part, at: place, false) }
        if let condition = schema["if"] as? [String: Any], let then = schema["then"] as? [String: Any],
            holds(value, condition)
        {
            look(value, then, at: place, false)
        }
        if let not = schema["not"] as? [String: Any], holds(value, not) {
            faults.append("\(place): is what it must not be: \(not)")
        }
    }

    private func holds(_ value: Any, _ schema: [String: Any]) -> Bool {
        var inner = Check(isStrict: false)
        inner.look(value, schema, at: "", false)
        return inner.faults.isEmpty
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": isBoolean(value)
        case "integer":
            !isBoolean(value)
                && (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
        case "number": !isBoolean(value) && value is NSNumber
        default: false
        }
    }

    /// `true` and `1` are both numbers to Foundation; only the first is a boolean in JSON.
    private static func isBoolean(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? (value is Bool)
    }
}
