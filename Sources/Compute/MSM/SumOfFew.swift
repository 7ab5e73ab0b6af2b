// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// A sum of a handful of terms, for which buckets do not pay.
///
/// Straus' interleaving: for every term a table of 1 … 15 times its base, and one chain of doublings for all.
///
/// - Reference: Straus 1964, "Addition chains of vectors".
struct SumOfFew<Group: CurveGroup> {
    let bases: PointTable<Group>
    let scalars: UnsafeBufferPointer<Group.Scalar.Limbs>

    /// Up to so many terms.
    static var limit: Int { 20 }

    func sum() -> Affine<Group> {
        let tables = scalars.indices.map { index -> [XYZZ<Group>] in
            let base = bases[unchecked: index]
            var multiples = [XYZZ<Group>(base)]
            while multiples.count < 15 { multiples.append(multiples[multiples.count - 1] + base) }
            return multiples
        }
        let bits = scalars.map(\.bitLength).max() ?? 0
        var total = XYZZ<Group>.identity
        for digit in Swift.stride(from: (bits + 3) / 4 - 1, through: 0, by: -1) {
            for _ in 0..<4 { total = total.doubled() }
            for (scalar, table) in zip(scalars, tables) {
                let value = Int((scalar[digit / 16] >> UInt64(4 * (digit % 16))) & 15)
                if value > 0 { total += table[value - 1] }
            }
        }
        return total.affine
    }
}
