// SPDX-License-Identifier: Apache-2.0

public import Curves
public import FiniteFields

/// `public.json`: the public inputs as an array of decimal strings.
public enum PublicInputsJSON {
    /// Reads public inputs of a curve; `count` is how many the key wants, `nil` takes any number.
    ///
    /// - Throws: `.notJSON`, `.wrongType` (numbers are not strings), `.notDecimal`, `.countMismatch`, which
    ///   says both numbers, `.valueOutOfRange` for a value not below the group order; `.tooLarge` for more
    ///   than 16 MiB.
    public static func read<Suite: CurveSuite>(
        _ file: MappedFile, of suite: Suite.Type, count: Int? = nil
    ) throws(FormatError) -> [Suite.Fr] {
        let json = JSONDocument(file: file, itemName: "public inputs")
        let texts = try file.expecting(.publicInputs) { () throws(FormatError) in
            try json.decode([String].self)
        }
        if let count, texts.count != count {
            throw json.error(
                .countMismatch(what: "values", expected: count, found: texts.count), at: "")
        }
        var result: [Suite.Fr] = []
        result.reserveCapacity(texts.count)
        for (i, text) in texts.enumerated() {
            result.append(try json.scalar(text, of: Suite.Fr.self, at: "[\(i)]"))
        }
        return result
    }

    /// Public inputs in the bytes of snarkjs' `public.json`.
    public static func text<Scalar: PrimeField>(_ inputs: [Scalar]) -> String {
        JSONNode.array(inputs.map { .element($0) }).text
    }
}
