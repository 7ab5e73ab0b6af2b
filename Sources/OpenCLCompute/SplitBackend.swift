// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
package import FiniteFields
import Foundation

/// Several devices as one: sums are cut by ranges of points, which the devices sum at the same time.
/// Transforms are not cut and run on the first.
///
/// A proof takes less time than on one device, but the devices together make fewer proofs than with one proof
/// each.
package final class SplitBackend<Part: ComputeBackend>: ComputeBackend {
    package typealias Suite = Part.Suite

    /// At least one.
    package let parts: [Part]

    /// - Precondition: there is at least one part.
    package init(_ parts: [Part]) {
        precondition(!parts.isEmpty)
        self.parts = parts
    }

    package var name: String { parts.map(\.name).joined(separator: "+") }

    package func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        guard bases.count == scalars.count else {
            throw .lengthMismatch(
                operation: "\(Group.name) MSM", left: bases.count, right: scalars.count)
        }
        return total(
            try onEach(count: bases.count) { (part, range) throws(ComputeError) in
                try part.msm(bases.slice(range), UnsafeBufferPointer(rebasing: scalars[range]))
            })
    }

    package func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> {
        try tables.check(scalars.count)
        let sums = try onEach(count: scalars.count) { (part, range) throws(ComputeError) in
            try part.msm(
                tables.slice(range, of: scalars.count), UnsafeBufferPointer(rebasing: scalars[range]))
        }
        return PointSums(
            g1: tables.g1.indices.map { table in total(sums.map { $0.g1[table] }) },
            g2: tables.g2.indices.map { table in total(sums.map { $0.g2[table] }) })
    }

    package func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        try parts[0].inverseNTT(values)
    }

    package func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        try parts[0].forwardNTT(values, at: points)
    }

    /// Runs `body` for every part with its range of 0 ..< count, at the same time; the results in order.
    private func onEach<R>(
        count: Int, _ body: (Part, Range<Int>) throws(ComputeError) -> R
    ) throws(ComputeError) -> [R] {
        let results = Slots<Result<R, ComputeError>?>(repeating: nil, count: parts.count)
        withoutActuallyEscaping(body) { body in
            let group = DispatchGroup()
            for index in parts.indices {
                let range = count * index / parts.count..<count * (index + 1) / parts.count
                let call = BorrowedCall { [part = parts[index]] in
                    results[index] = Result { () throws(ComputeError) in try body(part, range) }
                }
                group.enter()
                // Calls of a device block: no thread of the cooperative pool.
                Thread.detachNewThread {
                    call.make()
                    group.leave()
                }
            }
            group.wait()
        }
        var values: [R] = []
        for case let result? in results.all { values.append(try result.get()) }
        return values
    }

    private func total<Group: CurveGroup>(_ points: [Affine<Group>]) -> Affine<Group> {
        points.reduce(into: Jacobian<Group>.identity) { $0 += $1 }.affine
    }
}
