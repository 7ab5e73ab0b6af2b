// SPDX-License-Identifier: Apache-2.0

import FiniteFields

/// One limb, the integers of up to 63 bits, in plain Swift: a width for which C has no kernels.
package struct Limbs1: FixedLimbs {
    package typealias Constants = FieldConstants1

    var l: UInt64

    package static var count: Int { 1 }
    package static var zero: Limbs1 { Limbs1(l: 0) }

    package subscript(index: Int) -> UInt64 {
        get {
            precondition(index == 0)
            return l
        }
        set {
            precondition(index == 0)
            l = newValue
        }
    }

    /// a − p where a ≥ p.
    private static func reduced(_ a: UInt64, _ field: UnsafePointer<Constants>) -> Limbs1 {
        let p = field.pointee.modulusLimbs.l
        return Limbs1(l: a >= p ? a - p : a)
    }

    package static func add(_ a: Limbs1, _ b: Limbs1, _ field: UnsafePointer<Constants>) -> Limbs1 {
        reduced(a.l + b.l, field)
    }

    package static func subtract(_ a: Limbs1, _ b: Limbs1, _ field: UnsafePointer<Constants>) -> Limbs1 {
        add(a, negate(b, field), field)
    }

    package static func negate(_ a: Limbs1, _ field: UnsafePointer<Constants>) -> Limbs1 {
        Limbs1(l: a.l == 0 ? 0 : field.pointee.modulusLimbs.l - a.l)
    }

    /// Montgomery's product.
    package static func multiply(_ a: Limbs1, _ b: Limbs1, _ field: UnsafePointer<Constants>) -> Limbs1 {
        let product = a.l.multipliedFullWidth(by: b.l)
        let m = product.low &* field.pointee.inv
        let multiple = m.multipliedFullWidth(by: field.pointee.modulusLimbs.l)
        // The low limbs add up to zero, with a carry unless both are zero.
        return reduced(product.high + multiple.high + (product.low == 0 ? 0 : 1), field)
    }

    /// Fermat's power.
    package static func invert(_ a: Limbs1, _ field: UnsafePointer<Constants>) -> Limbs1 {
        let exponent = field.pointee.modulusLimbs.l - 2
        var power = field.pointee.oneLimbs
        for bit in (0..<64).reversed() {
            power = multiply(power, power, field)
            if exponent >> UInt64(bit) & 1 == 1 { power = multiply(power, a, field) }
        }
        return power
    }

    package static func multiplyComplex(
        _ a: (Limbs1, Limbs1), _ b: (Limbs1, Limbs1), _ field: UnsafePointer<Constants>
    ) -> (Limbs1, Limbs1) {
        (
            subtract(multiply(a.0, b.0, field), multiply(a.1, b.1, field), field),
            add(multiply(a.0, b.1, field), multiply(a.1, b.0, field), field)
        )
    }

    package static func squareComplex(
        _ a: (Limbs1, Limbs1), _ field: UnsafePointer<Constants>
    ) -> (Limbs1, Limbs1) {
        multiplyComplex(a, a, field)
    }
}

/// The constants of a field of one limb.
package struct FieldConstants1: FieldConstants {
    package let modulusLimbs: Limbs1
    /// −p⁻¹ mod 2^64.
    let inv: UInt64
    package let bitWidth: Int
    package fileprivate(set) var oneLimbs = Limbs1.zero
    package fileprivate(set) var rSquaredLimbs = Limbs1.zero
    package fileprivate(set) var twoAdicRootLimbs = Limbs1.zero
    package fileprivate(set) var twoAdicity = 0

    /// Those of the field with this modulus; never freed.
    static func derived(_ modulus: Limbs1) -> UnsafePointer<FieldConstants1> {
        precondition(modulus.bitLength < 64)
        let field = UnsafeMutablePointer<FieldConstants1>.allocate(capacity: 1)
        field.initialize(
            to: FieldConstants1(
                modulusLimbs: modulus, inv: negativeInverse(of: modulus.l), bitWidth: modulus.bitLength))
        let derived = DerivedConstants(modulus, field)
        field.pointee.oneLimbs = derived.one
        field.pointee.rSquaredLimbs = derived.rSquared
        field.pointee.twoAdicRootLimbs = derived.twoAdicRoot
        field.pointee.twoAdicity = derived.twoAdicity
        return UnsafePointer(field)
    }
}
