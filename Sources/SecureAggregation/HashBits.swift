// SPDX-License-Identifier: Apache-2.0

import Circuits
import EmulatedArithmetic
import FiniteFields

extension CircuitBuilder {
    /// The canonical bits of a hash, of which one in 2^83 has none.
    func hashBits(of hash: Linear) -> [Linear] {
        let limbs = hasValues ? hash.value.canonical : .zero
        let bits = (0..<Scalar.bitWidth).map { index in
            boolean(limbs[index / 64] >> UInt64(index % 64) & 1 == 1)
        }
        enforceEqual(weighted(bits), hash)
        enforceClearlyBelowOrder(bits)
        return bits
    }
}
