// SPDX-License-Identifier: Apache-2.0

extension FormatError {
    /// File, place and reason in one line: `circuit.zkey: section 5 (A points), item 3, byte 1420: …`.
    public var message: String { "\(file): \(messageWithoutFile)" }

    /// The same; of a file of no such format it does not say with what bytes it starts.
    public var messageWithoutContent: String {
        guard case .notThisFormat(let expected, _) = reason else { return message }
        return "\(file): not a \(expected) file"
    }

    /// Place and reason, for a sentence that names the file already.
    package var messageWithoutFile: String {
        let location = place.description
        return location.isEmpty ? "\(reason)" : "\(location): \(reason)"
    }
}

extension FormatError.Place: CustomStringConvertible {
    /// The parts that are known, such as `section 5 (A points), item 3, byte 1420`; empty when none is.
    public var description: String {
        var parts: [String] = []
        switch (section, name) {
        case (let id?, let name?): parts.append("section \(id) (\(name))")
        case (let id?, nil): parts.append("section \(id)")
        case (nil, let name?): parts.append(name)
        case (nil, nil): break
        }
        if let key, !key.isEmpty { parts.append(key) }
        if let index { parts.append("item \(index)") }
        if let offset { parts.append("byte \(offset)") }
        return parts.joined(separator: ", ")
    }
}

extension FormatError.Reason: CustomStringConvertible {
    /// A clause without file and place.
    public var description: String {
        switch self {
        case .cannotRead(let why): "cannot be read: \(why)"
        case .readFailed(let why, _): "cannot be read: \(why)"
        case .cannotWrite(let why), .noOutput(let why): "cannot be written: \(why)"
        case .isDirectory: "it is a directory, where a file is wanted"
        case .notARegularFile:
            "not a regular file but a pipe or a device, and it has to be read here and there"
        case .notText: "not text in UTF-8"
        case .sameFile(let other): "the same file as \(other): an output needs a file of its own"
        case .readTwice(let other): "the same as \(other), and it can be read only once"
        case .tooLarge(let bytes, let limit):
            "\(bytes) bytes are more than the \(limit) that such a file may have"
        case .notThisFormat(let expected, let found): "not a \(expected) file: it starts with \(found)"
        case .otherKind(let found, let wanted):
            "holds \(found), where \(wanted.description) \(wanted.isPlural ? "are" : "is") wanted"
        case .unsupportedVersion(let version, let supported):
            supported.count == 1
                ? "version \(version) is not supported, only \(supported.lowerBound)"
                : "version \(version) is not supported, only \(supported.lowerBound) to \(supported.upperBound)"
        case .unknownFormat:
            "none of the known formats; a file of gnark's, which has no label, is not known where it is cut off or has bytes to spare"
        case .truncated(let needed, let available):
            "truncated: \(needed) bytes are announced and \(available) are there"
        case .tooManySections(let claimed, let limit):
            "\(claimed) sections are announced and such a file has \(limit) at most"
        case .duplicateSection: "the section occurs twice"
        case .missingSection: "the section is missing"
        case .sectionLength(let expected, let found):
            "the section has \(found) bytes and the header asks for \(expected)"
        case .trailingBytes(let count): "\(count) trailing bytes after the last section"
        case .fieldWidth(let found, let expected):
            "field elements of \(found) bytes are not supported, only \(expected)"
        case .unknownPrime(let prime): "the prime \(prime) belongs to no known curve"
        case .primeMismatch(let what, let expected, let found):
            "the \(what) is \(found) and should be \(expected)"
        case .curveMismatch(let expected, let found): "made for the curve \(found), not for \(expected)"
        case .unsupportedProtocol(let found, let wanted):
            "made for the proof system \(found), not for \(wanted)"
        case .unsupportedCurve(let found, let wanted):
            "the curve \"\(found)\" is not supported here, only \(wanted)"
        case .inconsistentHeader(let what): what
        case .countMismatch(let what, let expected, let found):
            "the number of \(what) is \(found), and not \(expected)"
        case .valueOutOfRange(let limit): "the value is not below \(limit)"
        case .coordinateOutOfRange:
            "not a valid point: a coordinate is not below the modulus of the base field"
        case .pointNotOnCurve: "not a valid point: it does not lie on the curve"
        case .pointEncoding(let what): "not the encoding of a point: \(what)"
        case .pointNotInSubgroup: "not a valid point: it is outside the subgroup of prime order"
        case .identityNotAllowed: "the point at infinity is not allowed here"
        case .coefficientMatrix(let found):
            "the coefficient belongs to matrix \(found); there are 0 (A) and 1 (B)"
        case .coefficientRow(let row, let rows):
            "the coefficient's row \(row) is not below the domain size \(rows)"
        case .coefficientSignal(let signal, let signals):
            "the coefficient's signal \(signal) is not below the number of variables \(signals)"
        case .wireOutOfRange(let constraint, let wire, let wires):
            "constraint \(constraint) uses wire \(wire), and the last one is \(wires - 1)"
        case .termCount(let constraint, let claimed):
            "truncated: constraint \(constraint) announces \(claimed) terms, more than the section holds"
        case .witnessFirstNotOne: "wire 0 of the witness is not 1"
        case .notJSON(let why): "not valid JSON: \(why)"
        case .missingKey: "missing"
        case .wrongType(let expected): "\(expected) is expected here"
        case .notDecimal: "a decimal string of digits without leading zeros is expected here"
        case .wrongLabel(let expected, let found): "says \"\(found)\" where \"\(expected)\" is expected"
        case .oldProtocol(let name):
            """
            the file is of snarkjs' old \"\(name)\" protocol (\(OldProofSystem(rawValue: name)?.meaning ?? "")), which is not \
            supported: set up again with groth16
            """
        case .unknownProtocol(let name):
            "\"\(name)\" is not a proof system that is known here: there are \(ProofSystem.allCases.map(\.name).joined(separator: ", "))"
        case .customGates(let templates, let uses): Self.text(templates, uses)
        case .malformedAggregate(let what): "not a sound aggregate: \(what)"
        case .malformedLine(let what): "not a line of such a file: \(what)"
        case .otherCircuit(let what): "the file is of another circuit: \(what)"
        }
    }

    private static func text(_ templates: [String], _ uses: Int) -> String {
        let names = templates.prefix(10).map { String($0.prefix(60)) }.joined(separator: ", ")
        let more = templates.count > 10 ? " and \(templates.count - 10) more" : ""
        return """
            the circuit has custom gates (\(names.isEmpty ? "no template is named" : names)\(more); \(uses) \
            \(uses == 1 ? "use" : "uses")), which Groth16 cannot express: they would not be constrained at all. Compile it with \
            templates that have constraints
            """
    }
}
