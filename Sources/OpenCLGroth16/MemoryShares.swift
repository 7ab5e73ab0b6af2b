// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Groth16

/// What the sums of a proof may take of a device's memory, after what the quotient needs.
struct MemoryShares: Equatable {
    var h: Int
    var witness: Int

    /// - Parameter withMultiples: whether multiples fill what is left: then the tables share it in proportion
    ///   to their sizes, for each saves in proportion to its own. Else each sum may have what the others'
    ///   tables leave, or everything where they do not fit together and make room for each other.
    init<Suite: CurveSuite>(_ tables: Groth16Tables<Suite>, budget: Int, withMultiples: Bool) {
        let element = MemoryLayout<Suite.Fr>.stride
        // Three vectors and the factors, the matrices with their rows, and the witness.
        let quotient =
            4 * element << tables.logDomainSize + tables.coefficients.count * (element + 4)
            + tables.coefficients.rowCount * 16 + tables.witness.a.count * element
        let (one, two) = (PointTable<Suite.G1>.stride, PointTable<Suite.G2>.stride)
        let sizeH = tables.h.count * one
        let sizeWitness = tables.witness.a.count * (3 * one + two)
        let rest = max(0, budget - quotient)
        if withMultiples {
            h = Int(Double(rest) * Double(sizeH) / Double(max(1, sizeH + sizeWitness)))
            witness = rest - h
        } else {
            let fitTogether = sizeH + sizeWitness <= rest / 2
            h = fitTogether ? rest - sizeWitness : rest
            witness = fitTogether ? rest - sizeH : rest
        }
    }
}
