// SPDX-License-Identifier: Apache-2.0

import Curves

/// The parameters of a contribution: u8 type, in ascending order, and for types 1 (the name, UTF-8) and 3 (a
/// beacon's value) u8 length and bytes; for type 2 (log₂ of a beacon's iterations) one byte.
extension SetupContribution {
    /// The public randomness that a beacon's secrets follow from.
    public struct Beacon: Hashable, Sendable {
        /// The randomness, 1 to 255 bytes.
        public var value: [UInt8]
        /// log₂ of how often the value is hashed.
        public var logIterations: Int

        /// A beacon as it is given: the lengths are not checked.
        public init(value: [UInt8], logIterations: Int) {
            self.value = value
            self.logIterations = logIterations
        }
    }

    /// The parameters of a beacon's contribution; see `parameters(name:)`.
    ///
    /// - Precondition: the value has 1 to 255 bytes, and the logarithm is below 64.
    static func parameters(name: String, beacon: Beacon) -> [UInt8] {
        parameters(name: name) + [2, UInt8(beacon.logIterations), 3, UInt8(beacon.value.count)] + beacon.value
    }

    /// log₂ of the most iterations of a beacon that are repeated unless told otherwise: minutes.
    public static var usualBeaconLimit: Int { 30 }

    /// What the parameters say, one entry a type; `nil` where they are not of the form.
    private var entries: [UInt8: ArraySlice<UInt8>]? {
        var rest = parameters[...]
        var found: [UInt8: ArraySlice<UInt8>] = [:]
        var last: UInt8 = 0
        while let type = rest.popFirst() {
            guard type > last, type <= 3 else { return nil }
            last = type
            let length = type == 2 ? 1 : rest.popFirst().map { Int($0) }
            guard let length, rest.count >= length else { return nil }
            found[type] = rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        return found
    }

    /// The contributor's name, if one is given. Nothing binds it.
    public var name: String? { entries?[1].map { String(decoding: $0, as: UTF8.self) } }

    /// The beacon of a contribution that says to be one.
    public var beacon: Beacon? {
        guard kind == 1, let entries, let value = entries[3], let log = entries[2]?.first else { return nil }
        return Beacon(value: Array(value), logIterations: Int(log))
    }

    /// What is wrong with kind and parameters; `nil` where they are those of a contribution or of a beacon.
    public var fault: String? {
        guard kind <= 1 else { return "it is of kind \(kind), which there is not" }
        guard let entries else { return "its parameters are not of the form that they must have" }
        if let name = entries[1], String(validating: name, as: UTF8.self) == nil {
            return "its name is not UTF-8"
        }
        switch kind {
        case 0:
            guard entries[2] == nil, entries[3] == nil else {
                return "it has a beacon's value, and does not say that it is one"
            }
        default:
            guard let value = entries[3], !value.isEmpty, let log = entries[2]?.first, log < 64 else {
                return "it says that it is a beacon, and does not say of which value"
            }
        }
        return nil
    }
}

extension StringProtocol {
    /// The beginning that has at most so many bytes of UTF-8, cut between characters; between the code points
    /// of one that is longer by itself.
    package func prefix(utf8 limit: Int) -> SubSequence {
        var (end, bytes) = (startIndex, 0)
        while end < endIndex {
            let next = index(after: end)
            bytes += self[end..<next].utf8.count
            guard bytes <= limit else { break }
            end = next
        }
        if end > startIndex || isEmpty { return self[..<end] }
        bytes = 0
        for scalar in unicodeScalars {
            bytes += scalar.utf8.count
            guard bytes <= limit else { break }
            end = unicodeScalars.index(after: end)
        }
        return self[..<end]
    }
}
