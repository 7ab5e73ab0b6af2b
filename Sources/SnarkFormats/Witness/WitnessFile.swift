// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import FiniteFields

/// A witness as circom's calculators and snarkjs write it (`.wtns`): the values of all wires, canonical
/// little-endian.
///
/// The file is never mapped: values go from the file into memory that is zeroed after use, and are checked
/// there, so that a writer that still holds the file can neither crash this process nor change a value after
/// its check.
public struct WitnessFile: Sendable {
    /// The curve whose scalar field the values belong to.
    public let curve: CurveID
    /// The number of wires.
    public let count: Int
    let container: BinaryContainer
    private let valuesOffset: Int

    private var file: MappedFile { container.file }

    private static let valueSize = 32
    private static let names: [UInt32: String] = [1: "header", 2: "values"]

    /// Reads the header and checks the structure; no value is touched.
    ///
    /// Best given a file opened with `.onDemand`.
    ///
    /// - Throws: whatever is wrong with the container; `.fieldWidth`, `.unknownPrime`; `.truncated` or
    ///   `.sectionLength` when the values do not fill their section.
    public init(_ file: MappedFile) throws(FormatError) {
        let container = try BinaryContainer(file, magic: "wtns", versions: 1...2, names: Self.names)
        var header = try container.cursor(container.require(1))
        curve = try header.scalarPrime()
        count = Int(try header.uint32())
        try header.finish()
        guard count > 0 else { throw header.error(.inconsistentHeader("a witness has at least one value")) }
        let values = try container.require(2)
        let expected = count * Self.valueSize
        if values.count < expected {
            throw container.error(
                .truncated(needed: UInt64(expected), available: UInt64(values.count)), section: 2)
        }
        try container.require(2, count: UInt64(expected))
        self.container = container
        valuesOffset = values.offset
    }

    /// Demands that the witness belongs to a circuit.
    ///
    /// - Throws: `.primeMismatch`, which names both primes, or `.countMismatch`, which names both sizes.
    public func check(curve wanted: CurveID, variableCount: Int) throws(FormatError) {
        guard curve == wanted else {
            throw FormatError(
                .primeMismatch(
                    what: "prime of the witness",
                    expected: "\(KnownPrimes.decimal(KnownPrimes.scalar(wanted))) (\(wanted.rawValue))",
                    found: "\(KnownPrimes.decimal(KnownPrimes.scalar(curve))) (\(curve.rawValue))"),
                file: file.name, place: FormatError.Place(section: 1, name: "header"))
        }
        guard count == variableCount else {
            throw FormatError(
                .countMismatch(what: "wires in the witness", expected: variableCount, found: count),
                file: file.name, place: FormatError.Place(section: 1, name: "header"))
        }
    }

    /// Reads the values: canonical, each below the group order, the first one 1.
    ///
    /// `variableCount` is the number of wires of the circuit, checked before memory is taken; `nil` takes
    /// any. The memory is zeroed when the result goes, also when a value is refused.
    ///
    /// - Throws: as `check(curve:variableCount:)`; `.valueOutOfRange` with the wire's index,
    ///   `.witnessFirstNotOne`; `.cannotRead` or `.truncated` when the file changes under the reader.
    public func values<Suite: CurveSuite>(
        of suite: Suite.Type, variableCount: Int? = nil
    ) throws(FormatError) -> SecretScalars<Suite.Fr> {
        try check(curve: Suite.id, variableCount: variableCount ?? count)
        precondition(MemoryLayout<Suite.Fr.Limbs>.stride == Self.valueSize)
        let scalars = SecretScalars<Suite.Fr>(count: count)
        try scalars.withMutableSpan { elements throws(FormatError) in
            var target = elements.mutableBytes
            try file.copyBytes(at: valuesOffset, into: &target)
        }
        // Not generic, so that it is compiled once and fast wherever it is called from.
        try scalars.withSpan { elements throws(FormatError) in try checkRange(elements.bytes) }
        return scalars
    }

    private func checkRange(_ bytes: RawSpan) throws(FormatError) {
        let limit = KnownPrimes.scalarLimbs(curve)
        for i in 0..<count {
            let value = bytes.unsafeLoadUnaligned(fromByteOffset: i * Self.valueSize, as: Limbs4.self)
            if i == 0 && value != Limbs4(l: (1, 0, 0, 0)) { throw error(.witnessFirstNotOne, wire: 0) }
            guard value.isLess(than: limit) else {
                throw error(.valueOutOfRange(limit: "the group order"), wire: i)
            }
        }
    }

    private func error(_ reason: FormatError.Reason, wire: Int) -> FormatError {
        FormatError(
            reason, file: file.name,
            place: FormatError.Place(
                section: 2, name: "values", offset: valuesOffset + wire * Self.valueSize, index: wire))
    }
}
