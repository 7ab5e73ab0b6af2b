// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// The different coefficients of a constraint system, each kept once and known by a number; 1 has number 0
/// and −1 number 1, the others have theirs in the order of their appearance.
@usableFromInline
package struct CoefficientTable<Scalar: PrimeField>: Sendable {
    /// The coefficients by their numbers.
    @usableFromInline var values: [Scalar]
    /// Open addressing: number + 1, or 0 where there is none; their count is a power of two.
    @usableFromInline var slots: [UInt32]
    /// Random odd factors, one a limb: whoever writes a file cannot know which coefficients collide.
    @usableFromInline let factors: [UInt64]

    @inlinable
    package init() {
        values = []
        slots = [UInt32](repeating: 0, count: 64)
        factors = (0..<Scalar.Limbs.count).map { _ in UInt64.random(in: .min ... .max) | 1 }
        _ = number(of: .one)
        _ = number(of: -.one)
    }

    /// The number of different coefficients.
    @inlinable package var count: Int { values.count }

    /// The coefficient with a number.
    @inlinable package subscript(number: UInt32) -> Scalar { values[Int(number)] }

    /// The place where the search for a coefficient begins.
    @inlinable
    func firstSlot(of coefficient: Scalar) -> Int {
        let limbs = coefficient.montgomery
        var sum: UInt64 = 0
        for index in 0..<Scalar.Limbs.count { sum &+= limbs[index] &* factors[index] }
        return Int(sum >> UInt64(slots.count.leadingZeroBitCount + 1))
    }

    /// The slot of a coefficient, or the free one where it would be.
    @inlinable
    func slot(of coefficient: Scalar) -> Int {
        var slot = firstSlot(of: coefficient)
        while slots[slot] != 0 && values[Int(slots[slot] - 1)] != coefficient {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// The number of a coefficient, which gets one where it has none.
    ///
    /// - Precondition: there are fewer than 2^32 − 1 different ones.
    @inlinable
    package mutating func number(of coefficient: Scalar) -> UInt32 {
        let slot = slot(of: coefficient)
        return slots[slot] != 0 ? slots[slot] - 1 : add(coefficient, at: slot)
    }

    /// The number of a coefficient; `nil` where it has none.
    @inlinable
    package func find(_ coefficient: Scalar) -> UInt32? {
        let slot = slot(of: coefficient)
        return slots[slot] == 0 ? nil : slots[slot] - 1
    }

    @inlinable @inline(never)
    mutating func add(_ coefficient: Scalar, at slot: Int) -> UInt32 {
        precondition(
            values.count < Int(UInt32.max) - 1, "a system has at most 2^32 − 2 different coefficients")
        values.append(coefficient)
        slots[slot] = UInt32(values.count)
        if 2 * values.count > slots.count {
            slots = [UInt32](repeating: 0, count: 2 * slots.count)
            for (number, value) in values.enumerated() { slots[self.slot(of: value)] = UInt32(number + 1) }
        }
        return UInt32(values.count - 1)
    }
}
