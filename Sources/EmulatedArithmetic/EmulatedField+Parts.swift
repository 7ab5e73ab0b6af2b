// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import FiniteFields

/// How much of a circuit something is.
package struct Extent: Hashable, Sendable {
    /// Wires, chunks among them.
    package var wires: Int
    /// Chunks.
    package var chunks: Int
    /// Leaves: new elements, those of limbs, and selections.
    package var leaves: Int
    /// Products.
    package var products: Int
    /// Checks.
    package var checks: Int

    package static func + (a: Extent, b: Extent) -> Extent {
        Extent(
            wires: a.wires + b.wires, chunks: a.chunks + b.chunks, leaves: a.leaves + b.leaves,
            products: a.products + b.products, checks: a.checks + b.checks)
    }

    package static func - (a: Extent, b: Extent) -> Extent {
        Extent(
            wires: a.wires - b.wires, chunks: a.chunks - b.chunks, leaves: a.leaves - b.leaves,
            products: a.products - b.products, checks: a.checks - b.checks)
    }
}

/// Parts that several threads make. The circuit is that of parts which are made one after another, wire by
/// wire and check by check, however many threads there are: a part is told where its wires, chunks, leaves
/// and products begin.
extension EmulatedField {
    /// Parts of one shape: the first one is made alone, and tells how large each is.
    ///
    /// - Parameters:
    ///   - count: the number of parts.
    ///   - part: makes one, which it is given the number of, with a field of its own. It takes elements from
    ///     around it, but gives this field and its emulation no orders, which ends the program: it binds
    ///     nothing.
    /// - Returns: what the parts give.
    /// - Precondition: each part is as large as the first.
    package func inParallel<Result>(_ count: Int, _ part: (EmulatedField, Int) -> Result) -> [Result] {
        requireOpen("a part")
        guard count > 0 else { return [] }
        let before = sizes
        let first = builder.asFirstPart { part(self, 0) }
        let own = [Extent](repeating: sizes - before, count: count - 1)
        return [first] + inParallel(own) { part($0, $1 + 1) }
    }

    /// Parts that are as large as is said.
    ///
    /// - Parameters:
    ///   - extents: how large each is; it may have fewer products.
    ///   - part: as for `inParallel(_:_:)`.
    /// - Returns: what the parts give.
    package func inParallel<Result>(
        _ extents: [Extent], _ part: (EmulatedField, Int) -> Result
    ) -> [Result] {
        requireOpen("a part")
        if extents.isEmpty { return [] }
        var starts = [sizes]
        for own in extents { starts.append(starts[starts.count - 1] + own) }
        let made = forked {
            builder.inParallel(wires: extents.map(\.wires), emulation.parallel) { builder, index in
                let field = EmulatedField(partOf: self, builder, at: starts[index])
                return (field, part(field, index))
            }
        }
        return zip(made, extents).map { own, extent in
            let (field, result) = own
            precondition(
                field.ranges.wires.count == extent.chunks && field.leaves.count == extent.leaves
                    && field.checks.count == extent.checks,
                "a part of a circuit is not as large as was said")
            if let whole = self as? EmulatedField<BN254.Fp>, let part = field as? EmulatedField<BN254.Fp> {
                // In code for this type alone, as `enforce`.
                whole.append(part, products: extent.products)
            } else {
                append(field, products: extent.products)
            }
            return result
        }
    }

    /// What `count` new elements are, without products and checks.
    package func extent(ofNew count: Int) -> Extent {
        Extent(
            wires: count * shape.chunkCount, chunks: count * shape.chunkCount, leaves: count, products: 0,
            checks: 0)
    }

    /// The number of leaves so far.
    package var leafCount: Int { sizes.leaves }

    /// The new element that is leaf `number`, which another part makes; where the leaf is anything else in
    /// the end, `Emulation.finish` ends the program.
    ///
    /// - Parameter value: its value; called where values are made.
    package func element(newLeaf number: Int, value: () -> Field) -> Element {
        promise(leaf: number)
        return element(leaf: number, value: hasValues ? value() : .zero)
    }
}
