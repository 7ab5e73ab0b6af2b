// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// A term of a multi-scalar multiplication: the index of a base, and in bit 31 whether the base is to be
/// negated.
typealias SignedIndex = UInt32

extension SignedIndex {
    static let signBit: UInt32 = 1 << 31

    @inline(__always) var index: Int { Int(self & ~SignedIndex.signBit) }
    @inline(__always) var isNegative: Bool { self & SignedIndex.signBit != 0 }
}

/// The terms of a multi-scalar multiplication by the size of their scalars.
///
/// Witnesses are mostly bits: terms with scalar 0 or with the identity as base vanish, those with ±1 need one
/// addition each, and short scalars need few windows. A scalar s above r/2 counts as −(r − s), which makes
/// small negative numbers small.
struct ScalarClasses {
    /// Scalars ±1.
    var units: [SignedIndex] = []
    /// Scalars of at most `shortBits` bits.
    var short: [SignedIndex] = []
    /// The bit length of the greatest magnitude in `short`.
    var shortLength = 0
    /// All others.
    var full: [SignedIndex] = []
    /// The bit length of the greatest magnitude in `full`.
    var fullLength = 0

    /// Scalars up to this length are kept apart: a quarter of a full one of four limbs, so that their windows
    /// cost a quarter.
    static let shortBits = 64

    /// Below this many short terms a class of their own costs more (windows, doublings) than it saves.
    static let fewestShort = 64

    @inline(__always)
    mutating func add<Scalar: PrimeField>(
        index: Int, scalar: Scalar.Limbs, modulus: Scalar.Limbs, of field: Scalar.Type
    ) {
        if scalar == .zero { return }
        var magnitude = scalar
        var term = SignedIndex(truncatingIfNeeded: index)
        let opposite = modulus.subtractingInteger(scalar)
        if opposite.isLess(than: scalar) {
            magnitude = opposite
            term |= SignedIndex.signBit
        }
        let length = magnitude.bitLength
        if length == 1 {
            units.append(term)
        } else if length <= Self.shortBits {
            short.append(term)
            shortLength = max(shortLength, length)
        } else {
            full.append(term)
            fullLength = max(fullLength, length)
        }
    }

    /// Moves a handful of short terms to the full ones, when there are any to share windows with.
    mutating func mergeFewShort() {
        guard short.count < Self.fewestShort, !full.isEmpty else { return }
        full += short
        short = []
        shortLength = 0
    }

    mutating func append(_ other: ScalarClasses) {
        units += other.units
        short += other.short
        full += other.full
        shortLength = max(shortLength, other.shortLength)
        fullLength = max(fullLength, other.fullLength)
    }
}
