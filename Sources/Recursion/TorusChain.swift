// SPDX-License-Identifier: Apache-2.0

import Curves
import EmulatedArithmetic
import FiniteFields

/// Squares and products of elements of Fp12* up to factors in Fp6*, one after another, which several threads
/// enforce: their values are known before the first check.
struct TorusChain {
    enum Operation {
        case square
        case product(TorusElement)
    }

    let start: TorusElement
    let operations: [Operation]

    /// - Precondition: no coefficient of `start` is `nil`.
    init(start: TorusElement, _ operations: [Operation]) {
        precondition(start.coefficients.allSatisfy { $0 != nil })
        (self.start, self.operations) = (start, operations)
    }

    /// The operations of a part: milliseconds, so that threads end together.
    private static let partSize = 64

    /// The last value. The circuit is that of `multiply` and `squared`, one after the other.
    func enforce(_ field: EmulatedField<BN254.Fp>) -> TorusElement {
        if operations.isEmpty { return start }
        let values = field.hasValues ? values : nil
        let first = field.leafCount
        let starts = Array(stride(from: 0, to: operations.count, by: Self.partSize))
        let ranges = starts.map { $0..<min($0 + Self.partSize, operations.count) }
        return field.inParallel(ranges.map { Self.extent(of: $0.count, field) }) { field, part in
            let range = ranges[part]
            var value =
                part == 0
                ? start
                : TorusElement(
                    field, newLeaves: first + 6 * (range.lowerBound - 1),
                    value: values?[range.lowerBound - 1] ?? .zero)
            for index in range {
                switch operations[index] {
                case .square: value = field.squared(value, known: values?[index])
                case .product(let factor): value = field.multiply(value, factor, known: values?[index])
                }
            }
            return value
        }.last!
    }

    /// How large so many operations are: six new elements and six checks each, and fewer than 48 products.
    private static func extent(of operations: Int, _ field: EmulatedField<BN254.Fp>) -> Extent {
        var extent = field.extent(ofNew: 6 * operations)
        (extent.checks, extent.products) = (6 * operations, 48 * operations)
        return extent
    }

    /// The values after each operation, g of g + w: with one inversion for all. Zero where there is none, as
    /// for `multiply`.
    private var values: [Fp6<BN254.Tower>] {
        // g = n/d
        var (numerator, denominator) = (start.value.c0, Fp6<BN254.Tower>.one)
        var (numerators, denominators): ([Fp6<BN254.Tower>], [Fp6<BN254.Tower>]) = ([], [])
        for operation in operations {
            switch operation {
            case .square:
                (numerator, denominator) = (
                    numerator.squared() + denominator.squared().timesV(), (numerator * denominator).doubled()
                )
            case .product(let element):
                let factor = element.value.c0
                (numerator, denominator) = (
                    numerator * factor + denominator.timesV(), numerator + denominator * factor
                )
            }
            if denominator.isZero { (numerator, denominator) = (.zero, .one) }
            numerators.append(numerator)
            denominators.append(denominator)
        }
        // Products of all denominators before each one, and the inverse of all up to it.
        var (product, before) = (Fp6<BN254.Tower>.one, [Fp6<BN254.Tower>]())
        for own in denominators {
            before.append(product)
            product = product * own
        }
        var inverse = product.inverse()!
        for index in numerators.indices.reversed() {
            numerators[index] = numerators[index] * (inverse * before[index])
            inverse = inverse * denominators[index]
        }
        return numerators
    }
}

extension TorusElement {
    /// The product or the square that another part makes, whose six new elements have these numbers.
    fileprivate init(
        _ field: EmulatedField<BN254.Fp>, newLeaves first: Int, value: Fp6<BN254.Tower>
    ) {
        let parts = [value.c0, value.c1, value.c2]
        self.init(
            parts.enumerated().map { index, part in
                QuadraticElement(
                    field.element(newLeaf: first + 2 * index) { part.c0 },
                    field.element(newLeaf: first + 2 * index + 1) { part.c1 })
            })
    }
}
