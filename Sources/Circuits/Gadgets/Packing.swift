// SPDX-License-Identifier: Apache-2.0

import Curves
public import FiniteFields

/// How small signed integers are put into field elements before they are hashed.
///
/// A number of `bits` bits becomes u + 2^(bits−1), and as many of those as fit into 252 bits become one
/// element, the first lowest, in slots of `slotBits` bits each. Slots wider than the numbers leave room to
/// add packed elements up without carries between slots.
///
/// Injective on numbers that are range-checked: hash packed elements only where each number's range is
/// enforced.
public struct Packing: Hashable, Sendable {
    /// The bits of a number, its sign included.
    public let bits: Int
    /// The bits that a number has room in.
    public let slotBits: Int

    /// The widest slots that there are.
    public static let mostSlotBits = 62

    /// The packing of numbers of `bits` bits into slots of `slotBits`.
    ///
    /// - Precondition: 1 ≤ bits ≤ slotBits ≤ `mostSlotBits`.
    public init(bits: Int, slotBits: Int? = nil) {
        let slotBits = slotBits ?? bits
        precondition(bits >= 1 && bits <= slotBits && slotBits <= Self.mostSlotBits)
        self.bits = bits
        self.slotBits = slotBits
    }

    /// The numbers of an element.
    public var slots: Int { 252 / slotBits }
    /// What is added to a number to make it non-negative.
    public var offset: Int { 1 << (bits - 1) }

    /// The elements that `count` numbers take.
    public func elementCount(_ count: Int) -> Int { (count + slots - 1) / slots }

    /// The packed elements of numbers.
    ///
    /// - Precondition: each number is a signed integer of `bits` bits.
    public func pack(_ numbers: [Int]) -> [Scalar] {
        stride(from: 0, to: numbers.count, by: slots).map { start in
            var limbs = Scalar.Limbs.zero
            for (index, number) in numbers[start..<min(start + slots, numbers.count)].enumerated() {
                let digit = number + offset
                precondition(digit >= 0 && digit < 2 * offset)
                let (limb, shift) = (index * slotBits / 64, UInt64(index * slotBits % 64))
                limbs[limb] |= UInt64(digit) << shift
                if shift + UInt64(slotBits) > 64 { limbs[limb + 1] |= UInt64(digit) >> (64 - shift) }
            }
            return Scalar(canonical: limbs)!
        }
    }
}

extension CircuitBuilder {
    /// The packed elements of numbers: no constraint. The numbers' ranges must be enforced elsewhere.
    public func pack(_ numbers: [Linear], _ packing: Packing) -> [Linear] {
        let offset = powerOfTwo(packing.bits - 1)
        return stride(from: 0, to: numbers.count, by: packing.slots).map { start in
            var element = Linear.zero
            for (index, number) in numbers[start..<min(start + packing.slots, numbers.count)].enumerated() {
                element.add(number + offset, times: powerOfTwo(index * packing.slotBits))
            }
            return element
        }
    }
}
