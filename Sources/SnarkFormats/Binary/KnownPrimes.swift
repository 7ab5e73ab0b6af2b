// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// The primes of the supported curves, and how files name them.
enum KnownPrimes {
    /// The canonical little-endian bytes of a field's modulus.
    static func bytes<F: PrimeField>(_ field: F.Type) -> [UInt8] {
        let limbs = F.modulus
        return (0..<F.byteCount).map { UInt8(truncatingIfNeeded: limbs[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }

    /// q, the order of the base field, as a file writes it.
    static func base(_ curve: CurveID) -> [UInt8] {
        func base<Suite: CurveSuite>(_: Suite.Type) -> [UInt8] { bytes(Suite.Fp.self) }
        return base(curve.suite)
    }

    /// r, the order of the groups, as a file writes it.
    static func scalar(_ curve: CurveID) -> [UInt8] {
        func scalar<Suite: CurveSuite>(_: Suite.Type) -> [UInt8] { bytes(Suite.Fr.self) }
        return scalar(curve.suite)
    }

    /// r as four limbs, which scalars in binary files are.
    static func scalarLimbs(_ curve: CurveID) -> Limbs4 {
        let bytes = scalar(curve)
        precondition(bytes.count == MemoryLayout<Limbs4>.size)
        return bytes.span.bytes.unsafeLoadUnaligned(as: Limbs4.self)
    }

    /// The curve whose groups have this order.
    static func curve(scalarPrime prime: [UInt8]) -> CurveID? {
        CurveID.allCases.first { scalar($0) == prime }
    }

    /// The curve over the field of this order.
    static func curve(basePrime prime: [UInt8]) -> CurveID? {
        CurveID.allCases.first { base($0) == prime }
    }

    /// s in r = t·2^s + 1.
    static func twoAdicity(_ curve: CurveID) -> Int {
        func twoAdicity<Suite: CurveSuite>(_: Suite.Type) -> Int { Suite.Fr.twoAdicity }
        return twoAdicity(curve.suite)
    }

    /// Little-endian bytes in decimal, for messages; at most 48 bytes are worth showing.
    static func decimal(_ bytes: [UInt8]) -> String {
        guard bytes.count <= 48 else { return "of \(bytes.count) bytes" }
        var limbs = Limbs6.zero
        for (i, byte) in bytes.enumerated() { limbs[i / 8] |= UInt64(byte) << UInt64(8 * (i % 8)) }
        return limbs.decimal
    }
}

extension Cursor {
    /// Reads `{u32 n8, prime of n8 bytes}` of a scalar field.
    ///
    /// - Throws: `.fieldWidth` at once for a width that no supported curve has, `.unknownPrime`,
    ///   `.truncated`.
    mutating func scalarPrime() throws(FormatError) -> CurveID {
        let at = position
        let width = try uint32()
        guard width == 32 else { throw error(.fieldWidth(width, expected: "32"), at: at) }
        let prime = try take(Int(width))
        guard let curve = KnownPrimes.curve(scalarPrime: prime) else {
            throw error(.unknownPrime(KnownPrimes.decimal(prime)), at: at + 4)
        }
        return curve
    }

    /// Reads `{u32 n8, prime of n8 bytes}` of a base field.
    ///
    /// - Throws: as `scalarPrime()`.
    mutating func basePrime() throws(FormatError) -> CurveID {
        let at = position
        let width = try uint32()
        guard width == 32 || width == 48 else {
            throw error(.fieldWidth(width, expected: "32 or 48"), at: at)
        }
        let prime = try take(Int(width))
        guard let curve = KnownPrimes.curve(basePrime: prime) else {
            throw error(.unknownPrime(KnownPrimes.decimal(prime)), at: at + 4)
        }
        return curve
    }

    /// Reads both primes of a key, base field first.
    ///
    /// - Throws: as the two above, and `.primeMismatch` when they belong to different curves.
    mutating func primes() throws(FormatError) -> CurveID {
        let base = try basePrime()
        let at = position
        let scalar = try scalarPrime()
        guard base == scalar else {
            throw error(
                .primeMismatch(
                    what: "group order", expected: KnownPrimes.decimal(KnownPrimes.scalar(base)),
                    found: KnownPrimes.decimal(KnownPrimes.scalar(scalar))), at: at + 4)
        }
        return base
    }
}
