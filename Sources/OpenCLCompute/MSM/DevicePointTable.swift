// SPDX-License-Identifier: Apache-2.0

import Compute
import EllipticCurves

/// A table of affine points on a device, with their multiples where the plan has several levels.
///
/// Level l holds 2^(windowBits·groups·l) times the points, `terms` places behind the level before. The points
/// are those of the last `count` of the plan's scalars.
final class DevicePointTable<Group: CurveGroup>: Resident {
    let count: Int
    let terms: Int
    let windowBits: Int
    let groups: Int
    let levels: Int
    let points: DeviceBuffer

    var byteCount: Int { points.byteCount }

    /// Points that one work-item of `msm_normalise` inverts for at a time.
    private static var normalisedTogether: Int { 32 }

    /// Uploads a table and computes its multiples.
    ///
    /// - Precondition: the plan is for all scalars at once, and there are at least as many of them as points.
    init(
        _ table: PointTable<Group>, plan: MSMPlan, kernels: PointKernels<Group>,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        precondition(plan.chunks == 1 && table.count <= plan.terms)
        count = table.count
        terms = plan.terms
        windowBits = plan.windowBits
        groups = plan.groups
        levels = plan.levels
        let pointBytes = PointKernels<Group>.affineBytes
        points = try queue.allocate(
            plan.tableBytes(count: table.count, pointBytes: pointBytes), "\(Group.name) points")
        guard table.count > 0 else { return }
        try withExtendedLifetime(table) { () throws(OpenCLError) in try queue.write(table.bytes, to: points) }
        guard levels > 1 else { return }
        // Between the levels of a table that has fewer points than there are scalars lie identities.
        try queue.fill(points, at: table.count * pointBytes)
        try makeLevels(plan, kernels.program, on: queue)
    }

    /// Whether the table serves a plan's sums.
    func serves(_ plan: MSMPlan) -> Bool {
        levels == plan.levels && groups == plan.groups && windowBits == plan.windowBits && terms == plan.terms
    }

    private func makeLevels(
        _ plan: MSMPlan, _ program: DeviceProgram, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let doublings = windowBits * groups
        // Multiples are made in sums first, some points at a time.
        let step = min(count, max(1024, min(1 << 20, plan.launchLimit / doublings)))
        let multiples = try queue.allocate(step * PointKernels<Group>.sumBytes, "multiples of points")
        for level in 1..<levels {
            for first in stride(from: 0, to: count, by: step) {
                let part = min(step, count - first)
                try queue.launch(program, "msm_double", groups: program.groups(for: part)) {
                    $0.buffer(points)
                    $0.value(UInt32((level - 1) * terms + first))
                    $0.value(UInt32(part))
                    $0.value(UInt32(doublings))
                    $0.buffer(multiples)
                }
                let length = Self.normalisedTogether
                let items = (part + length - 1) / length
                try queue.launch(program, "msm_normalise", groups: program.groups(for: items)) {
                    $0.buffer(multiples)
                    $0.value(UInt32(part))
                    $0.value(UInt32(length))
                    $0.buffer(points)
                    $0.value(UInt32(level * terms + first))
                }
            }
        }
    }
}

extension DevicePointTable {
    /// The table as it is on the device since an earlier sum by the same plan, or uploaded now and kept.
    static func resident(
        _ table: PointTable<Group>, plan: MSMPlan, kernels: PointKernels<Group>,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> DevicePointTable {
        let shape = "\(plan.terms) terms, \(plan.levels) levels of \(plan.groups) × \(plan.windowBits) bits"
        let source = ResidentSource(
            owner: table.owner, address: UInt(bitPattern: table.bytes.baseAddress),
            form: "\(Group.name) \(table.count) points, \(shape)")
        if let resident = queue.residents.find(source, as: DevicePointTable.self) { return resident }
        let resident = try DevicePointTable(table, plan: plan, kernels: kernels, on: queue)
        queue.residents.insert(resident, from: source)
        return resident
    }
}
