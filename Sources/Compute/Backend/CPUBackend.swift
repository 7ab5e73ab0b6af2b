// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import FiniteFields
import Synchronization

/// Computes on the processor this process runs on.
public final class CPUBackend<Suite: ComputeSuite>: ComputeBackend {
    /// How many threads a computation uses at most.
    public let parallel: Parallel
    private let domains = Mutex<[Int: EvaluationDomain<Suite.Fr>]>([:])

    /// A backend that uses up to so many threads a computation. It keeps the twiddle factors of every size
    /// that it has transformed.
    public init(parallel: Parallel) { self.parallel = parallel }

    public var name: String { "cpu-\(CPUPath.current.rawValue)" }

    public func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        guard bases.count == scalars.count else {
            throw .lengthMismatch(
                operation: "\(Group.name) MSM", left: bases.count, right: scalars.count)
        }
        guard bases.count < 1 << 31 else {
            throw .unsupportedSize(operation: "\(Group.name) MSM", size: bases.count)
        }
        return Group.cpuMSM(bases, scalars, parallel)
    }

    public func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> {
        try tables.check(scalars.count)
        return Suite.cpuMSM(tables, scalars, parallel)
    }

    public func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        Suite.cpuInverseNTT(try domain("inverse NTT", size: values.count), values)
    }

    public func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        Suite.cpuForwardNTT(try domain("forward NTT", size: values.count), values, at: points)
    }

    /// The domain of `size` elements with the factors of its transforms, which are kept.
    ///
    /// - Throws: `ComputeError.unsupportedSize`, in the name of `operation`.
    package func domain(_ operation: String, size: Int) throws(ComputeError) -> EvaluationDomain<Suite.Fr> {
        guard size > 0, size & (size - 1) == 0, size.trailingZeroBitCount < Suite.Fr.twoAdicity else {
            throw .unsupportedSize(operation: operation, size: size)
        }
        let log = size.trailingZeroBitCount
        return domains.withLock { domains in
            if let domain = domains[log] { return domain }
            let domain = EvaluationDomain<Suite.Fr>(logSize: log, parallel: parallel)
            domains[log] = domain
            return domain
        }
    }
}
