// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import FiniteFields

/// The constants of a field that C does not know of, from its modulus.
struct DerivedConstants<Limbs: FixedLimbs> {
    /// 2^(64·limbs) and its square.
    let one, rSquared: Limbs
    /// A power of the least non-residue, Montgomery form.
    let twoAdicRoot: Limbs
    let twoAdicity: Int

    /// - Parameter field: of which the modulus and −p⁻¹ mod 2^64 are set: all that sums and products read.
    init(_ modulus: Limbs, _ field: UnsafePointer<Limbs.Constants>) {
        var power = Limbs.zero
        power[0] = 1
        for _ in 0..<64 * Limbs.count { power = Limbs.add(power, power, field) }
        let one = power
        for _ in 0..<64 * Limbs.count { power = Limbs.add(power, power, field) }
        (self.one, rSquared) = (one, power)
        var odd = modulus
        odd[0] -= 1
        let half = odd.shiftedRight(by: 1)
        var twos = 0
        while odd[0] & 1 == 0 {
            odd = odd.shiftedRight(by: 1)
            twos += 1
        }
        func raise(_ base: Limbs, to exponent: Limbs) -> Limbs {
            var result = one
            for bit in (0..<64 * Limbs.count).reversed() {
                result = Limbs.multiply(result, result, field)
                if exponent[bit / 64] >> UInt64(bit % 64) & 1 == 1 {
                    result = Limbs.multiply(result, base, field)
                }
            }
            return result
        }
        // Euler's criterion.
        let minusOne = Limbs.negate(one, field)
        var candidate = one
        repeat { candidate = Limbs.add(candidate, one, field) } while raise(candidate, to: half) != minusOne
        twoAdicRoot = raise(candidate, to: odd)
        twoAdicity = twos
    }
}

/// −m⁻¹ mod 2^64 for odd m, by Newton's iteration.
func negativeInverse(of m: UInt64) -> UInt64 {
    var inverse = m  // right to 3 bits
    for _ in 0..<5 { inverse &*= 2 &- m &* inverse }
    return 0 &- inverse
}

extension FieldConstants6 {
    /// Those of the field with this modulus, of at most 381 bits; never freed.
    static func derived(_ modulus: Limbs6) -> UnsafePointer<FieldConstants6> {
        let field = UnsafeMutablePointer<FieldConstants6>.allocate(capacity: 1)
        var constants = FieldConstants6()
        constants.modulus.l = modulus.l
        constants.inv = negativeInverse(of: modulus[0])
        field.initialize(to: constants)
        let derived = DerivedConstants(modulus, UnsafePointer(field))
        constants.one.l = derived.one.l
        constants.r_squared.l = derived.rSquared.l
        constants.two_adic_root.l = derived.twoAdicRoot.l
        constants.two_adicity = UInt32(derived.twoAdicity)
        constants.bit_width = UInt32(modulus.bitLength)
        let mask = UInt64.max >> 2
        constants.inv62 = (0 &- constants.inv) & mask
        withUnsafeMutableBytes(of: &constants.modulus62) { bytes in
            let words = bytes.bindMemory(to: Int64.self)
            for i in words.indices {
                let (limb, shift) = (62 * i / 64, UInt64(62 * i % 64))
                let low = modulus[limb] >> shift
                let high = limb + 1 < Limbs6.count && shift > 0 ? modulus[limb + 1] << (64 - shift) : 0
                words[i] = Int64((low | high) & mask)
            }
        }
        field.pointee = constants
        return UnsafePointer(field)
    }
}

extension FixedLimbs {
    /// An integer of this module's source.
    init(known text: String) {
        guard let value = Self(decimal: text) else { preconditionFailure("no integer of the width: \(text)") }
        self = value
    }
}

extension PrimeField {
    /// An element of this module's source.
    init(known text: String) {
        guard let value = Self(canonical: Limbs(known: text)) else {
            preconditionFailure("not an element of \(Self.name): \(text)")
        }
        self = value
    }
}
