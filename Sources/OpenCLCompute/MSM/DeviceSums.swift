// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
import FiniteFields

/// Sums of multiples of one curve's points on one device.
package struct DeviceSums<Suite: ComputeSuite> {
    package typealias Fr = Suite.Fr

    /// Whether tables stay on the device after a sum.
    package enum Residency: Sendable {
        /// They do. Other tables that nobody uses make room.
        case keep
        /// They do, with multiples of their points as far as memory allows: for keys that prove hundreds of
        /// times.
        case keepMultiples
        /// They pass through, in pieces where they are large.
        case stream
    }

    private let programs: SumPrograms<Suite>

    /// Programs are built when a sum first needs them.
    package init(variant: ProductVariant, on queue: isolated DeviceQueue) {
        programs = SumPrograms(variant: variant, tuning: queue.tuning)
    }

    /// How sums over `terms` scalars will be computed.
    ///
    /// - Parameters:
    ///   - pointBytes: bytes of a point of each table that shares the scalars.
    ///   - memory: bytes for all of it; `nil` for the queue's budget.
    package static func plan(
        terms: Int, pointBytes: [Int], _ residency: Residency, memory: Int? = nil, on queue: DeviceQueue
    ) -> MSMPlan {
        var device = MSMDevice(queue)
        if let memory { device.memory = memory }
        return MSMPlan(
            terms: terms, of: Fr.self,
            tables: MSMTables(
                pointBytes: pointBytes, areResident: residency != .stream,
                mostLevels: residency == .keepMultiples ? 24 : 1),
            device: device)
    }

    /// Computes `Σ scalars[i]·table[i]` over the last `table.count` scalars.
    package func sum<Group: ComputeGroup>(
        _ table: PointTable<Group>, _ scalars: ScalarSource<Fr>, _ residency: Residency = .keep,
        memory: Int? = nil, on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> Affine<Group> where Group.Scalar == Fr {
        try attempt([PointTable<Group>.stride], scalars.count, residency, memory, on: queue) {
            (plan, residency, queue) throws(OpenCLError) in
            let kernels = try PointKernels<Group>(programs, on: queue)
            let sum = try tableSum(table, plan, residency, kernels, on: queue)
            try SumRunner(plan, programs, on: queue).run([sum], over: scalars, on: queue)
            return Group.cpuCombine(sum.sums, windowBits: plan.windowBits)
        }
    }

    /// Computes the sums of several tables, each over the last `table.count` scalars, which are sorted once.
    package func sums(
        _ tables: PointTables<Suite>, _ scalars: ScalarSource<Fr>, _ residency: Residency = .keep,
        memory: Int? = nil, on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> PointSums<Suite> {
        let pointBytes = Self.pointBytes(of: tables)
        return try attempt(pointBytes, scalars.count, residency, memory, on: queue) {
            (plan, residency, queue) throws(OpenCLError) in
            let sums1 = try tableSums(tables.g1, plan, residency, on: queue)
            let sums2 = try tableSums(tables.g2, plan, residency, on: queue)
            // The longest first.
            let all: [any TableSumming] = sums2 + sums1
            try SumRunner(plan, programs, on: queue).run(all, over: scalars, on: queue)
            let bits = plan.windowBits
            return PointSums(
                g1: sums1.map { Suite.G1.cpuCombine($0.sums, windowBits: bits) },
                g2: sums2.map { Suite.G2.cpuCombine($0.sums, windowBits: bits) })
        }
    }

    /// Bytes of a point of each table.
    package static func pointBytes(of tables: PointTables<Suite>) -> [Int] {
        tables.g1.map { _ in PointTable<Suite.G1>.stride }
            + tables.g2.map { _ in PointTable<Suite.G2>.stride }
    }

    /// Runs `body` by the best plan that the device has room for: when memory runs out, tables are streamed,
    /// then in ever smaller pieces.
    private func attempt<R>(
        _ pointBytes: [Int], _ terms: Int, _ residency: Residency, _ memory: Int?,
        on queue: isolated DeviceQueue,
        _ body: (MSMPlan, Residency, isolated DeviceQueue) throws(OpenCLError) -> R
    ) throws(OpenCLError) -> R {
        var residency = residency
        var memory = memory ?? queue.memoryBudget
        while true {
            let plan = Self.plan(
                terms: terms, pointBytes: pointBytes, residency, memory: memory, on: queue)
            do throws(OpenCLError) {
                let result = try body(plan, plan.chunks == 1 ? residency : .stream, queue)
                // A product in Fp2 is three in Fp.
                let factor = pointBytes.reduce(0) { $0 + ($1 > PointTable<Suite.G1>.stride ? 3 : 1) }
                queue.count(products: plan.cost * Double(factor))
                return result
            } catch  where error.kind == .outOfMemory {
                if residency != .stream {
                    residency = .stream
                } else if plan.terms > Self.smallestPiece {
                    memory = min(memory, plan.byteCount) / 2
                } else {
                    throw error
                }
            }
        }
    }

    /// Pieces of fewer scalars are not tried.
    private static var smallestPiece: Int { 1024 }

    private func tableSums<Group: CurveGroup>(
        _ tables: [PointTable<Group>], _ plan: MSMPlan, _ residency: Residency,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> [TableSum<Group>] {
        if tables.isEmpty { return [] }
        let kernels = try PointKernels<Group>(programs, on: queue)
        var sums: [TableSum<Group>] = []
        for table in tables {
            sums.append(try tableSum(table, plan, residency, kernels, on: queue))
        }
        return sums
    }

    private func tableSum<Group: CurveGroup>(
        _ table: PointTable<Group>, _ plan: MSMPlan, _ residency: Residency, _ kernels: PointKernels<Group>,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> TableSum<Group> {
        let resident =
            residency != .stream
            ? try DevicePointTable.resident(table, plan: plan, kernels: kernels, on: queue) : nil
        return TableSum(table, terms: plan.totalTerms, resident: resident, kernels: kernels)
    }
}
