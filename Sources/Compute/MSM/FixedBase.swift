// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// Multiples of one point for many scalars: for each window of bits a table of all multiples, so that a
/// product is one mixed addition a window.
struct FixedBase<Group: CurveGroup> {
    /// Bits a window, signed digits: tables of 2^(width − 1) points fit the level-2 cache one after another,
    /// and 22 additions a scalar come out; wider windows gain less than their tables cost below a million
    /// scalars.
    private static var width: Int { 12 }

    /// tables[w][d − 1] = d·2^(width·w)·base.
    private let tables: [[Affine<Group>]]

    init(base: Affine<Group>) {
        let windows = Group.Scalar.bitWidth / Self.width + 1
        var tables: [[Affine<Group>]] = []
        var point = Jacobian(base)
        for _ in 0..<windows {
            var multiples = [point]
            let affine = point.affine
            for _ in 1..<(1 << (Self.width - 1)) { multiples.append(multiples[multiples.count - 1] + affine) }
            tables.append(Jacobian.batchAffine(multiples))
            point = multiples[multiples.count - 1].doubled()
        }
        self.tables = tables
    }

    /// Fewer scalars are multiplied sooner without tables: they cost some 45,000 additions.
    private static var fewest: Int { 128 }

    /// Each scalar times the base, in the order of the scalars.
    static func multiples(
        of base: Affine<Group>, by scalars: [Group.Scalar], _ parallel: Parallel
    ) -> [Affine<Group>] {
        guard scalars.count < fewest else {
            return FixedBase(base: base).multiplied(by: scalars, parallel)
        }
        return perChunk(scalars.count, parallel, chunk: 8) { range in
            Jacobian.batchAffine(range.map { base.multiplied(by: scalars[$0]) })
        }
    }

    func multiplied(by scalars: [Group.Scalar], _ parallel: Parallel) -> [Affine<Group>] {
        perChunk(scalars.count, parallel) { range in
            Jacobian.batchAffine(range.map { product(scalars[$0]).jacobian })
        }
    }

    private func product(_ scalar: Group.Scalar) -> XYZZ<Group> {
        let limbs = scalar.canonical
        var sum = XYZZ<Group>.identity
        var carry = 0
        for (index, table) in tables.enumerated() {
            var digit = bits(limbs, from: index * Self.width) + carry
            carry = digit > 1 << (Self.width - 1) ? 1 : 0
            if carry == 1 { digit -= 1 << Self.width }
            if digit > 0 {
                sum += table[digit - 1]
            } else if digit < 0 {
                sum += -table[-digit - 1]
            }
        }
        // The last window has bits to spare, so nothing is carried out of it.
        return sum
    }

    @inline(__always)
    private func bits(_ limbs: Group.Scalar.Limbs, from bit: Int) -> Int {
        let (word, shift) = (bit / 64, UInt64(bit % 64))
        guard word < Group.Scalar.Limbs.count else { return 0 }
        var value = limbs[word] >> shift
        if shift + UInt64(Self.width) > 64, word + 1 < Group.Scalar.Limbs.count {
            value |= limbs[word + 1] << (64 - shift)
        }
        return Int(value & (1 << UInt64(Self.width) - 1))
    }
}
