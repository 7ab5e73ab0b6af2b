// SPDX-License-Identifier: Apache-2.0

extension PrimeField {
    /// Reads a canonical integer of exactly `byteCount` little-endian bytes.
    ///
    /// Returns `nil` when the length is wrong or the value is not below the modulus.
    public init?(littleEndian bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var limbs = Limbs.zero
        for (i, byte) in bytes.enumerated() { limbs[i / 8] |= UInt64(byte) << UInt64(8 * (i % 8)) }
        self.init(canonical: limbs)
    }

    /// Reads a canonical integer of exactly `byteCount` big-endian bytes; `nil` as for `init(littleEndian:)`.
    public init?(bigEndian bytes: some Collection<UInt8>) {
        self.init(littleEndian: Array(bytes.reversed()))
    }

    /// The element that a big-endian integer of any length stands for: its remainder modulo p.
    package init(reducingBigEndian bytes: some Sequence<UInt8>) {
        let radix = Self(256)
        self = bytes.reduce(Self.zero) { $0 * radix + Self(UInt64($1)) }
    }

    /// The canonical integer as `byteCount` little-endian bytes.
    public var littleEndianBytes: [UInt8] {
        let limbs = canonical
        return (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: limbs[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }

    /// The canonical integer as `byteCount` big-endian bytes.
    public var bigEndianBytes: [UInt8] { littleEndianBytes.reversed() }

    /// The canonical integer in decimal.
    public var decimal: String { canonical.decimal }

    /// Reads decimal digits: no sign, no blanks, at least one digit.
    ///
    /// Returns `nil` for anything else and for values that are not below the modulus. Leading zeros are
    /// allowed.
    public init?(decimal: some StringProtocol) {
        guard let limbs = Limbs(decimal: decimal) else { return nil }
        self.init(canonical: limbs)
    }
}

extension FixedLimbs {
    /// Reads decimal digits; `nil` for other characters, an empty string, or a value of more than `count`
    /// limbs.
    public init?(decimal: some StringProtocol) {
        self.init(digits: decimal.utf8)
    }

    /// The same of ASCII digits that lie anywhere: a secret's are not copied.
    public init?(digits: some Collection<UInt8>) {
        var limbs = Self.zero
        guard !digits.isEmpty else { return nil }
        for character in digits {
            guard character >= 0x30 && character <= 0x39 else { return nil }
            var carry = UInt64(character - 0x30)
            for i in 0..<Self.count {
                let product = limbs[i].multipliedFullWidth(by: 10)
                let (low, overflow) = product.low.addingReportingOverflow(carry)
                limbs[i] = low
                carry = product.high + (overflow ? 1 : 0)
            }
            guard carry == 0 else { return nil }
        }
        self = limbs
    }

    /// Writes the integer's decimal digits to the end of `target`, in ASCII, as many as there are, one for
    /// zero; gives their number.
    ///
    /// - Precondition: there is room: 20 bytes a limb are enough.
    public func writeDigits(to target: UnsafeMutableRawBufferPointer) -> Int {
        var (rest, count) = (self, 0)
        repeat {
            var remainder: UInt64 = 0
            for i in stride(from: Self.count - 1, through: 0, by: -1) {
                (rest[i], remainder) = UInt64(10).dividingFullWidth((remainder, rest[i]))
            }
            count += 1
            target[target.count - count] = UInt8(ascii: "0") + UInt8(remainder)
        } while rest != .zero
        return count
    }

    /// The integer in decimal.
    public var decimal: String {
        var rest = self
        var chunks: [UInt64] = []
        let base: UInt64 = 10_000_000_000_000_000_000
        while !rest.isZero {
            var remainder: UInt64 = 0
            for i in stride(from: Self.count - 1, through: 0, by: -1) {
                let division = base.dividingFullWidth((remainder, rest[i]))
                rest[i] = division.quotient
                remainder = division.remainder
            }
            chunks.append(remainder)
        }
        guard let top = chunks.last else { return "0" }
        return chunks.dropLast().reversed().reduce(String(top)) { text, chunk in
            let digits = String(chunk)
            return text + String(repeating: "0", count: 19 - digits.count) + digits
        }
    }
}
