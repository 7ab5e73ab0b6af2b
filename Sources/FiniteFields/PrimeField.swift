// SPDX-License-Identifier: Apache-2.0

/// A field of prime order, kept in Montgomery form.
public protocol PrimeField: Field {
    /// The integers that elements are kept as: wide enough for p.
    associatedtype Limbs: FixedLimbs

    /// p, canonical.
    static var modulus: Limbs { get }
    /// The number of bits of p.
    static var bitWidth: Int { get }
    /// s, the exponent of 2 in p − 1.
    static var twoAdicity: Int { get }
    /// A primitive 2^s-th root of unity; for scalar fields a power of 5, as in the snarkjs formats.
    static var twoAdicRoot: Self { get }
    /// What the field is called in messages, such as "BN254 Fr".
    static var name: String { get }
    /// Where the field's constants are, `Limbs.Constants`: C's `martlet_field4` for `Limbs4`, its
    /// `martlet_field6` for `Limbs6`.
    static var kernelConstants: UnsafeRawPointer { get }

    /// The Montgomery limbs, below the modulus.
    var montgomery: Limbs { get }
    /// Takes Montgomery limbs, which must be below the modulus: nothing is checked.
    init(montgomery: Limbs)
    /// The value as an integer below the modulus.
    var canonical: Limbs { get }
    /// Takes an integer; `nil` when it is not below the modulus.
    init?(canonical: Limbs)
    /// The element that an integer stands for.
    init(_ value: UInt64)

    /// The product of a.0 + a.1·u and b.0 + b.1·u where u² = −1.
    static func multiplyComplex(_ a: (Self, Self), _ b: (Self, Self)) -> (Self, Self)
    /// The square of a.0 + a.1·u where u² = −1.
    static func squareComplex(_ a: (Self, Self)) -> (Self, Self)
}

/// What makes one prime field: its constants and its name.
public protocol FieldParameters: Sendable {
    /// The integers that elements are kept as: wide enough for p.
    associatedtype Limbs: FixedLimbs
    /// The constants in C, which live as long as the process.
    static var constants: UnsafePointer<Limbs.Constants> { get }
    /// What the field is called in messages, such as "BN254 Fr".
    static var name: String { get }
}

/// The prime field with the given parameters; elements in Montgomery form, R = 2^(64·limbs).
@frozen
public struct MontgomeryField<Parameters: FieldParameters>: PrimeField {
    /// The integers that elements are kept as.
    public typealias Limbs = Parameters.Limbs

    /// The Montgomery limbs, below the modulus.
    public var montgomery: Limbs

    @inlinable @inline(__always)
    public init(montgomery: Limbs) { self.montgomery = montgomery }

    /// The constants in C, which live as long as the process.
    @inlinable @inline(__always)
    static var constants: UnsafePointer<Limbs.Constants> { Parameters.constants }

    @inlinable public static var modulus: Limbs { constants.pointee.modulusLimbs }
    @inlinable public static var bitWidth: Int { constants.pointee.bitWidth }
    @inlinable public static var byteCount: Int { 8 * Limbs.count }
    @inlinable public static var twoAdicity: Int { constants.pointee.twoAdicity }
    @inlinable public static var twoAdicRoot: Self { Self(montgomery: constants.pointee.twoAdicRootLimbs) }
    public static var name: String { Parameters.name }
    public static var kernelConstants: UnsafeRawPointer { UnsafeRawPointer(constants) }

    @inlinable @inline(__always) public static var zero: Self { Self(montgomery: .zero) }
    @inlinable @inline(__always) public static var one: Self { Self(montgomery: constants.pointee.oneLimbs) }
    @inlinable @inline(__always) public var isZero: Bool { montgomery == .zero }

    @inlinable
    public init?(canonical: Limbs) {
        guard canonical.isLess(than: Self.modulus) else { return nil }
        montgomery = Limbs.multiply(canonical, Self.constants.pointee.rSquaredLimbs, Self.constants)
    }

    @inlinable
    public init(_ value: UInt64) {
        var limbs = Limbs.zero
        limbs[0] = value
        montgomery = Limbs.multiply(limbs, Self.constants.pointee.rSquaredLimbs, Self.constants)
    }

    @inlinable
    public var canonical: Limbs {
        var one = Limbs.zero
        one[0] = 1
        return Limbs.multiply(montgomery, one, Self.constants)
    }

    @inlinable @inline(__always)
    public static func + (a: Self, b: Self) -> Self {
        Self(montgomery: Limbs.add(a.montgomery, b.montgomery, constants))
    }

    @inlinable @inline(__always)
    public static func - (a: Self, b: Self) -> Self {
        Self(montgomery: Limbs.subtract(a.montgomery, b.montgomery, constants))
    }

    @inlinable @inline(__always)
    public static func * (a: Self, b: Self) -> Self {
        Self(montgomery: Limbs.multiply(a.montgomery, b.montgomery, constants))
    }

    @inlinable @inline(__always)
    public static prefix func - (a: Self) -> Self {
        Self(montgomery: Limbs.negate(a.montgomery, constants))
    }

    @inlinable @inline(__always)
    public func doubled() -> Self { self + self }

    @inlinable @inline(__always)
    public func squared() -> Self { self * self }

    @inlinable @inline(__always)
    public static func multiplyComplex(_ a: (Self, Self), _ b: (Self, Self)) -> (Self, Self) {
        let r = Limbs.multiplyComplex(
            (a.0.montgomery, a.1.montgomery), (b.0.montgomery, b.1.montgomery), constants)
        return (Self(montgomery: r.0), Self(montgomery: r.1))
    }

    @inlinable @inline(__always)
    public static func squareComplex(_ a: (Self, Self)) -> (Self, Self) {
        let r = Limbs.squareComplex((a.0.montgomery, a.1.montgomery), constants)
        return (Self(montgomery: r.0), Self(montgomery: r.1))
    }

    /// The inverse by Bernstein–Yang division steps; variable-time. `nil` for zero.
    @inlinable
    public func inverse() -> Self? {
        isZero ? nil : Self(montgomery: Limbs.invert(montgomery, Self.constants))
    }

    /// A square root, either one of the two; `nil` for a non-residue.
    ///
    /// Tonelli–Shanks with the field's 2-power root of unity (Cohen 1993, algorithm 1.5.1).
    public func squareRoot() -> Self? {
        if isZero { return self }
        // p − 1 = t·2^s with t odd; w = a^((t−1)/2), so a·w² = a^t lies in the group of order 2^s.
        var odd = Self.modulus
        odd[0] -= 1
        var shift = Self.twoAdicity
        while shift > 0 {
            odd = odd.shiftedRight(by: min(shift, 63))
            shift -= min(shift, 63)
        }
        let w = power(odd.shiftedRight(by: 1).words)
        var root = self * w
        var rest = root * w
        var generator = Self.twoAdicRoot
        var order = Self.twoAdicity
        while rest != .one {
            var k = 0
            var square = rest
            while square != .one {
                square = square.squared()
                k += 1
                if k == order { return nil }
            }
            var factor = generator
            for _ in 0..<(order - k - 1) { factor = factor.squared() }
            root *= factor
            generator = factor.squared()
            rest *= generator
            order = k
        }
        return root
    }

    /// A uniformly random element.
    ///
    /// Uniform by rejection from `bitWidth` random bits.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        while true {
            var limbs = Limbs.zero
            for i in 0..<Limbs.count { limbs[i] = generator.next() }
            let excess = 64 * Limbs.count - bitWidth
            limbs[Limbs.count - 1] >>= UInt64(excess)
            // Uniform below p as an integer is uniform as Montgomery limbs too.
            if limbs.isLess(than: modulus) { return Self(montgomery: limbs) }
        }
    }
}

extension MontgomeryField: CustomStringConvertible {
    /// The value as a decimal number.
    public var description: String { decimal }
}

extension MontgomeryField: ExpressibleByIntegerLiteral {
    /// The element that a literal stands for.
    @inlinable
    public init(integerLiteral value: UInt64) { self.init(value) }
}
