// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// The self-shrinking Grain LFSR that Poseidon's constants come from.
///
/// - Reference: Grassi, Khovratovich, Rechberger, Roy and Schofnegger 2021, "Poseidon: a new hash function
///   for zero-knowledge proof systems", appendix E.
struct Grain {
    private var state: [Bool]
    private var position = 0

    /// The generator for the S-box x⁵ over BN254's scalars.
    init(width: Int, fullRounds: Int, partialRounds: Int) {
        let fields = [
            (1, 2), (0, 4), (BN254.Fr.bitWidth, 12), (width, 12), (fullRounds, 10), (partialRounds, 10),
        ]
        state = fields.flatMap { value, bits in (0..<bits).reversed().map { value >> $0 & 1 == 1 } }
        state += [Bool](repeating: true, count: 80 - state.count)
        for _ in 0..<160 { _ = step() }
    }

    private mutating func step() -> Bool {
        func bit(_ offset: Int) -> Bool { state[(position + offset) % 80] }
        let next = [62, 51, 38, 23, 13, 0].reduce(false) { $0 != bit($1) }
        state[position] = next
        position = (position + 1) % 80
        return next
    }

    /// A bit counts when the one before it is set.
    private mutating func shrunk() -> Bool {
        while !step() { _ = step() }
        return step()
    }

    private mutating func integer() -> BN254.Fr.Limbs {
        var limbs = BN254.Fr.Limbs.zero
        for bit in (0..<BN254.Fr.bitWidth).reversed() where shrunk() {
            limbs[bit / 64] |= 1 << UInt64(bit % 64)
        }
        return limbs
    }

    /// A round constant: drawn until it is below the order.
    mutating func constant() -> BN254.Fr {
        while true {
            if let value = BN254.Fr(canonical: integer()) { return value }
        }
    }

    /// An element for the matrix: reduced.
    mutating func reduced() -> BN254.Fr {
        let limbs = integer()
        // 2^254 < 2p, so one subtraction is enough.
        return BN254.Fr(canonical: limbs) ?? BN254.Fr(canonical: limbs.subtractingInteger(BN254.Fr.modulus))!
    }
}
