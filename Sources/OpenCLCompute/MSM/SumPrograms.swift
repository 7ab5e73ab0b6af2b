// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// The programs for sums of points of one curve.
struct SumPrograms<Suite: CurveSuite> {
    let variant: ProductVariant
    let tuning: DeviceTuning

    init(variant: ProductVariant, tuning: DeviceTuning) {
        self.variant = variant
        self.tuning = tuning
    }

    /// Digits of scalars and their sort.
    var scalars: ProgramDescription {
        // Nothing there is a product of field elements; the variant does not matter.
        ProgramDescription(
            name: "\(Suite.id.rawValue)-scalars", files: ["scalars.cl"], field: Suite.Fr.self,
            variant: .limbs32, workGroup: tuning.digitGroup)
    }

    /// Sums of points of one of the curve's groups.
    func points<Group: CurveGroup>(of group: Group.Type) -> ProgramDescription {
        precondition(group == Suite.G1.self || group == Suite.G2.self)
        let degree = MemoryLayout<Group.BaseField>.size / MemoryLayout<Suite.Fp>.size
        return ProgramDescription(
            name: "\(Suite.id.rawValue)-g\(degree)-\(variant.rawValue)",
            files: ["field.cl", "extension.cl", "curve.cl", "msm.cl"], field: Suite.Fp.self, variant: variant,
            definitions: [
                ("COORDINATE_DEGREE", "\(degree)"),
                ("COORDINATE_Q", "\(Suite.Tower.timesQ(.one).canonical[0])"),
            ] + tuning.definitions(variant),
            workGroup: tuning.pointGroup)
    }
}

/// The kernels for points of one group, built for one device.
struct PointKernels<Group: CurveGroup> {
    let program: DeviceProgram

    init<Suite: CurveSuite>(
        _ programs: SumPrograms<Suite>, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        program = try queue.program(programs.points(of: Group.self))
    }

    /// The size of an affine point in bytes.
    static var affineBytes: Int { MemoryLayout<Affine<Group>>.stride }
    /// The size of a sum in bytes.
    static var sumBytes: Int { MemoryLayout<XYZZ<Group>>.stride }
}

extension DeviceProgram {
    /// How many work-groups `items` work-items need.
    func groups(for items: Int) -> Int { (items + workGroup - 1) / workGroup }
}
