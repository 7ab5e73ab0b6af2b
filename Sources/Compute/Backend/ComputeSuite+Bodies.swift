// SPDX-License-Identifier: Apache-2.0

public import Curves
public import FiniteFields

extension ComputeSuite {
    public static func cpuMSM(
        _ tables: PointTables<Self>, _ scalars: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> PointSums<Self> {
        SharedPippenger(tables: tables, scalars: scalars, parallel: parallel).sums()
    }

    public static func cpuPrepare(
        _ domain: EvaluationDomain<Fr>, forwardAt points: EvaluationDomain<Fr>.Points
    ) {
        let current = LaneKernels<Fr>.current
        let lanes = LaneTransform(domain: domain, lanes: current) == nil ? nil : current
        _ = domain.inverseTwiddles(lanes)
        _ = domain.forwardTwiddles(points, lanes)
    }

    public static func cpuInverseNTT(_ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>)
    {
        domain.inverseUnscaled(values)
        guard let factor = Fr(UInt64(domain.size)).inverse() else { return }
        let shared = UncheckedSendable(values)
        let lanes = LaneKernels<Fr>.current
        domain.parallel.forEachRange(values.count, minimum: 4096) { range in
            if let lanes {
                let part = UnsafeMutableBufferPointer(rebasing: shared.value[range])
                return lanes.multiply(UnsafeBufferPointer(part), by: factor, into: part)
            }
            for i in range { shared.value[i] *= factor }
        }
    }

    public static func cpuForwardNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>,
        at points: EvaluationDomain<Fr>.Points
    ) {
        domain.forward(values, at: points)
    }

    public static func cpuUnscaledInverseNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>
    ) {
        domain.inverseUnscaled(values)
    }

    public static func cpuBigEndianBytes(of coordinates: UnsafeRawBufferPointer, degree: Int) -> [UInt8] {
        let size = MemoryLayout<Fp>.stride
        precondition(coordinates.count % (degree * size) == 0)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(coordinates.count)
        for first in stride(from: 0, to: coordinates.count, by: degree * size) {
            for power in (0..<degree).reversed() {
                let limbs = coordinates.loadUnaligned(fromByteOffset: first + power * size, as: Fp.self)
                    .canonical
                for index in (0..<Fp.Limbs.count).reversed() {
                    withUnsafeBytes(of: limbs[index].bigEndian) { bytes.append(contentsOf: $0) }
                }
            }
        }
        return bytes
    }
}
