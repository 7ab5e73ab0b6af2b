// SPDX-License-Identifier: Apache-2.0

public import CFieldKernels

/// A fixed number of little-endian 64-bit limbs, with the field kernels of that width.
///
/// The arithmetic functions take a pointer to a field's constants. Their operands are in Montgomery form with
/// R = 2^(64·count), below the modulus; so are their results.
///
/// In memory a value is its limbs, the least significant first, and nothing else: kernels take arrays of
/// values for arrays of words.
public protocol FixedLimbs: Hashable, Sendable, BitwiseCopyable {
    /// The layout in which the kernels keep a field of this width.
    associatedtype Constants: FieldConstants where Constants.Limbs == Self

    /// The number of limbs.
    static var count: Int { get }
    /// The integer zero.
    static var zero: Self { get }
    /// Limb `index`, the least significant first.
    subscript(index: Int) -> UInt64 { get set }

    /// a + b in the field.
    static func add(_ a: Self, _ b: Self, _ field: UnsafePointer<Constants>) -> Self
    /// a − b in the field.
    static func subtract(_ a: Self, _ b: Self, _ field: UnsafePointer<Constants>) -> Self
    /// −a in the field.
    static func negate(_ a: Self, _ field: UnsafePointer<Constants>) -> Self
    /// a·b/R in the field: the product of what a and b stand for.
    static func multiply(_ a: Self, _ b: Self, _ field: UnsafePointer<Constants>) -> Self
    /// The inverse of what a stands for; zero for zero.
    static func invert(_ a: Self, _ field: UnsafePointer<Constants>) -> Self

    /// The product of a.0 + a.1·u and b.0 + b.1·u where u² = −1; needs five times the modulus below
    /// 2^(64·count).
    static func multiplyComplex(
        _ a: (Self, Self), _ b: (Self, Self), _ field: UnsafePointer<Constants>
    ) -> (Self, Self)
    /// The square of a.0 + a.1·u, as above.
    static func squareComplex(_ a: (Self, Self), _ field: UnsafePointer<Constants>) -> (Self, Self)
}

/// The constants of one prime field, as the C kernels keep them.
public protocol FieldConstants {
    /// The integers of the field's width.
    associatedtype Limbs: FixedLimbs
    /// p, canonical.
    var modulusLimbs: Limbs { get }
    /// R mod p: one in Montgomery form.
    var oneLimbs: Limbs { get }
    /// R² mod p, which turns canonical into Montgomery form in one product.
    var rSquaredLimbs: Limbs { get }
    /// A primitive 2^s-th root of unity, Montgomery form.
    var twoAdicRootLimbs: Limbs { get }
    /// The exponent of 2 in p − 1.
    var twoAdicity: Int { get }
    /// The number of bits of p.
    var bitWidth: Int { get }
}

extension FixedLimbs {
    /// True when this integer is below `other`.
    @inlinable
    public func isLess(than other: Self) -> Bool {
        for i in stride(from: Self.count - 1, through: 0, by: -1) where self[i] != other[i] {
            return self[i] < other[i]
        }
        return false
    }

    /// True for the integer zero.
    @inlinable
    public var isZero: Bool {
        var any: UInt64 = 0
        for i in 0..<Self.count { any |= self[i] }
        return any == 0
    }

    /// The number of bits up to and including the highest set one; 0 for zero.
    @inlinable
    public var bitLength: Int {
        for i in stride(from: Self.count - 1, through: 0, by: -1) where self[i] != 0 {
            return 64 * i + 64 - self[i].leadingZeroBitCount
        }
        return 0
    }

    /// The integer difference `self − other` mod 2^(64·count), with no field in play.
    @inlinable
    public func subtractingInteger(_ other: Self) -> Self {
        var result = self
        var borrow: UInt64 = 0
        for i in 0..<Self.count {
            let (d, b1) = self[i].subtractingReportingOverflow(other[i])
            let (e, b2) = d.subtractingReportingOverflow(borrow)
            result[i] = e
            borrow = (b1 || b2) ? 1 : 0
        }
        return result
    }

    /// The integer shifted right by `bits` in 0..<64.
    @inlinable
    public func shiftedRight(by bits: Int) -> Self {
        guard bits > 0 else { return self }
        var result = self
        for i in 0..<Self.count {
            let above = i + 1 < Self.count ? self[i + 1] << UInt64(64 - bits) : 0
            result[i] = self[i] >> UInt64(bits) | above
        }
        return result
    }

    /// The limbs as an array, least significant first.
    @inlinable
    public var words: [UInt64] { (0..<Self.count).map { self[$0] } }
}

/// Four limbs, the integers of up to 256 bits.
@frozen
public struct Limbs4: FixedLimbs {
    public typealias Constants = FieldConstants4

    /// The limbs, the least significant first.
    public var l: (UInt64, UInt64, UInt64, UInt64)

    /// The integer with these limbs, the least significant first.
    @inlinable @inline(__always)
    public init(l: (UInt64, UInt64, UInt64, UInt64)) { self.l = l }

    @inlinable @inline(__always)
    init(_ kernel: martlet_limbs4) { l = kernel.l }

    @inlinable @inline(__always)
    var kernel: martlet_limbs4 { martlet_limbs4(l: l) }

    @inlinable public static var count: Int { 4 }
    @inlinable public static var zero: Limbs4 { Limbs4(l: (0, 0, 0, 0)) }

    @inlinable
    public subscript(index: Int) -> UInt64 {
        get {
            precondition(index >= 0 && index < 4)
            return withUnsafeBytes(of: l) { $0.load(fromByteOffset: 8 * index, as: UInt64.self) }
        }
        set {
            precondition(index >= 0 && index < 4)
            withUnsafeMutableBytes(of: &l) {
                $0.storeBytes(of: newValue, toByteOffset: 8 * index, as: UInt64.self)
            }
        }
    }

    @inlinable
    public static func == (a: Limbs4, b: Limbs4) -> Bool {
        (a.l.0 ^ b.l.0) | (a.l.1 ^ b.l.1) | (a.l.2 ^ b.l.2) | (a.l.3 ^ b.l.3) == 0
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        for i in 0..<4 { hasher.combine(self[i]) }
    }

    @inlinable @inline(__always)
    public static func add(_ a: Limbs4, _ b: Limbs4, _ field: UnsafePointer<Constants>) -> Limbs4 {
        Limbs4(martlet_add4(a.kernel, b.kernel, field))
    }

    @inlinable @inline(__always)
    public static func subtract(_ a: Limbs4, _ b: Limbs4, _ field: UnsafePointer<Constants>) -> Limbs4 {
        Limbs4(martlet_sub4(a.kernel, b.kernel, field))
    }

    @inlinable @inline(__always)
    public static func negate(_ a: Limbs4, _ field: UnsafePointer<Constants>) -> Limbs4 {
        Limbs4(martlet_neg4(a.kernel, field))
    }

    @inlinable @inline(__always)
    public static func multiply(_ a: Limbs4, _ b: Limbs4, _ field: UnsafePointer<Constants>) -> Limbs4 {
        Limbs4(martlet_mul4(a.kernel, b.kernel, field))
    }

    @inlinable @inline(__always)
    public static func multiplyComplex(
        _ a: (Limbs4, Limbs4), _ b: (Limbs4, Limbs4), _ field: UnsafePointer<Constants>
    ) -> (Limbs4, Limbs4) {
        var r = (martlet_limbs4(), martlet_limbs4())
        var x = (a.0.kernel, a.1.kernel)
        var y = (b.0.kernel, b.1.kernel)
        withUnsafeMutableBytes(of: &r) { r in
            withUnsafeMutableBytes(of: &x) { x in
                withUnsafeMutableBytes(of: &y) { y in
                    martlet_fp2_mul4(
                        r.baseAddress!.assumingMemoryBound(to: martlet_limbs4.self),
                        x.baseAddress!.assumingMemoryBound(to: martlet_limbs4.self),
                        y.baseAddress!.assumingMemoryBound(to: martlet_limbs4.self), field)
                }
            }
        }
        return (Limbs4(r.0), Limbs4(r.1))
    }

    @inlinable @inline(__always)
    public static func squareComplex(
        _ a: (Limbs4, Limbs4), _ field: UnsafePointer<Constants>
    ) -> (Limbs4, Limbs4) {
        var r = (martlet_limbs4(), martlet_limbs4())
        var x = (a.0.kernel, a.1.kernel)
        withUnsafeMutableBytes(of: &r) { r in
            withUnsafeMutableBytes(of: &x) { x in
                martlet_fp2_square4(
                    r.baseAddress!.assumingMemoryBound(to: martlet_limbs4.self),
                    x.baseAddress!.assumingMemoryBound(to: martlet_limbs4.self), field)
            }
        }
        return (Limbs4(r.0), Limbs4(r.1))
    }

    @inlinable
    public static func invert(_ a: Limbs4, _ field: UnsafePointer<Constants>) -> Limbs4 {
        var result = martlet_limbs4()
        withUnsafePointer(to: a.kernel) { martlet_inverse4(&result, $0, field) }
        return Limbs4(result)
    }
}

/// The constants of a field of four limbs.
public typealias FieldConstants4 = martlet_field4

extension martlet_field4: FieldConstants {
    @inlinable public var modulusLimbs: Limbs4 { Limbs4(modulus) }
    @inlinable public var oneLimbs: Limbs4 { Limbs4(one) }
    @inlinable public var rSquaredLimbs: Limbs4 { Limbs4(r_squared) }
    @inlinable public var twoAdicRootLimbs: Limbs4 { Limbs4(two_adic_root) }
    @inlinable public var twoAdicity: Int { Int(two_adicity) }
    @inlinable public var bitWidth: Int { Int(bit_width) }
}

/// Six limbs, the integers of up to 384 bits.
@frozen
public struct Limbs6: FixedLimbs {
    public typealias Constants = FieldConstants6

    /// The limbs, the least significant first.
    public var l: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// The integer with these limbs, the least significant first.
    @inlinable @inline(__always)
    public init(l: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)) { self.l = l }

    @inlinable @inline(__always)
    init(_ kernel: martlet_limbs6) { l = kernel.l }

    @inlinable @inline(__always)
    var kernel: martlet_limbs6 { martlet_limbs6(l: l) }

    @inlinable public static var count: Int { 6 }
    @inlinable public static var zero: Limbs6 { Limbs6(l: (0, 0, 0, 0, 0, 0)) }

    @inlinable
    public subscript(index: Int) -> UInt64 {
        get {
            precondition(index >= 0 && index < 6)
            return withUnsafeBytes(of: l) { $0.load(fromByteOffset: 8 * index, as: UInt64.self) }
        }
        set {
            precondition(index >= 0 && index < 6)
            withUnsafeMutableBytes(of: &l) {
                $0.storeBytes(of: newValue, toByteOffset: 8 * index, as: UInt64.self)
            }
        }
    }

    @inlinable
    public static func == (a: Limbs6, b: Limbs6) -> Bool {
        let low = (a.l.0 ^ b.l.0) | (a.l.1 ^ b.l.1) | (a.l.2 ^ b.l.2)
        return low | (a.l.3 ^ b.l.3) | (a.l.4 ^ b.l.4) | (a.l.5 ^ b.l.5) == 0
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        for i in 0..<6 { hasher.combine(self[i]) }
    }

    @inlinable @inline(__always)
    public static func add(_ a: Limbs6, _ b: Limbs6, _ field: UnsafePointer<Constants>) -> Limbs6 {
        Limbs6(martlet_add6(a.kernel, b.kernel, field))
    }

    @inlinable @inline(__always)
    public static func subtract(_ a: Limbs6, _ b: Limbs6, _ field: UnsafePointer<Constants>) -> Limbs6 {
        Limbs6(martlet_sub6(a.kernel, b.kernel, field))
    }

    @inlinable @inline(__always)
    public static func negate(_ a: Limbs6, _ field: UnsafePointer<Constants>) -> Limbs6 {
        Limbs6(martlet_neg6(a.kernel, field))
    }

    @inlinable @inline(__always)
    public static func multiply(_ a: Limbs6, _ b: Limbs6, _ field: UnsafePointer<Constants>) -> Limbs6 {
        Limbs6(martlet_mul6(a.kernel, b.kernel, field))
    }

    @inlinable @inline(__always)
    public static func multiplyComplex(
        _ a: (Limbs6, Limbs6), _ b: (Limbs6, Limbs6), _ field: UnsafePointer<Constants>
    ) -> (Limbs6, Limbs6) {
        var r = (martlet_limbs6(), martlet_limbs6())
        var x = (a.0.kernel, a.1.kernel)
        var y = (b.0.kernel, b.1.kernel)
        withUnsafeMutableBytes(of: &r) { r in
            withUnsafeMutableBytes(of: &x) { x in
                withUnsafeMutableBytes(of: &y) { y in
                    martlet_fp2_mul6(
                        r.baseAddress!.assumingMemoryBound(to: martlet_limbs6.self),
                        x.baseAddress!.assumingMemoryBound(to: martlet_limbs6.self),
                        y.baseAddress!.assumingMemoryBound(to: martlet_limbs6.self), field)
                }
            }
        }
        return (Limbs6(r.0), Limbs6(r.1))
    }

    @inlinable @inline(__always)
    public static func squareComplex(
        _ a: (Limbs6, Limbs6), _ field: UnsafePointer<Constants>
    ) -> (Limbs6, Limbs6) {
        var r = (martlet_limbs6(), martlet_limbs6())
        var x = (a.0.kernel, a.1.kernel)
        withUnsafeMutableBytes(of: &r) { r in
            withUnsafeMutableBytes(of: &x) { x in
                martlet_fp2_square6(
                    r.baseAddress!.assumingMemoryBound(to: martlet_limbs6.self),
                    x.baseAddress!.assumingMemoryBound(to: martlet_limbs6.self), field)
            }
        }
        return (Limbs6(r.0), Limbs6(r.1))
    }

    @inlinable
    public static func invert(_ a: Limbs6, _ field: UnsafePointer<Constants>) -> Limbs6 {
        var result = martlet_limbs6()
        withUnsafePointer(to: a.kernel) { martlet_inverse6(&result, $0, field) }
        return Limbs6(result)
    }
}

/// The constants of a field of six limbs.
public typealias FieldConstants6 = martlet_field6

extension martlet_field6: FieldConstants {
    @inlinable public var modulusLimbs: Limbs6 { Limbs6(modulus) }
    @inlinable public var oneLimbs: Limbs6 { Limbs6(one) }
    @inlinable public var rSquaredLimbs: Limbs6 { Limbs6(r_squared) }
    @inlinable public var twoAdicRootLimbs: Limbs6 { Limbs6(two_adic_root) }
    @inlinable public var twoAdicity: Int { Int(two_adicity) }
    @inlinable public var bitWidth: Int { Int(bit_width) }
}
