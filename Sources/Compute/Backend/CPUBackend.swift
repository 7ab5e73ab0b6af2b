// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
public import Curves
public import EllipticCurves
public import FiniteFields
import Synchronization

/// The sets of kernels for the CPU. All give the same bits.
public enum CPUPath: String, Sendable, CaseIterable {
    /// C without assumptions about the processor.
    case portable
    /// Field products by mulx and the two carry chains of adcx and adox (x86-64).
    case adx
    /// As `adx`, with batches of additions and transforms in lanes on AVX2 and FMA.
    case avx2
    /// As `adx`, with batches of additions and transforms in lanes on AVX-512 IFMA.
    case ifma
    /// The algorithms of `ifma` in portable C: for tests on machines without it.
    case ifmaEmulated = "ifma-emulated"

    var number: Int32 {
        switch self {
        case .portable: Int32(MARTLET_CPU_PORTABLE)
        case .adx: Int32(MARTLET_CPU_ADX)
        case .avx2: Int32(MARTLET_CPU_AVX2)
        case .ifma: Int32(MARTLET_CPU_IFMA)
        case .ifmaEmulated: Int32(MARTLET_CPU_IFMA_EMULATED)
        }
    }

    /// True when this machine can run the path.
    public var isSupported: Bool { martlet_cpu_supports(number) == 1 }

    /// The path in use.
    public static var current: CPUPath { allCases.first { $0.number == martlet_cpu_current() } ?? .portable }

    /// Makes the whole process use the path; returns false, and changes nothing, where it is not supported.
    /// To be called before computations start.
    @discardableResult
    public func select() -> Bool { martlet_cpu_select(number) == 0 }
}

/// Computes on the processor this process runs on.
public final class CPUBackend<Suite: CPUKernels>: ComputeBackend {
    public let parallel: Parallel
    private let domains = Mutex<[Int: EvaluationDomain<Suite.Fr>]>([:])

    public init(parallel: Parallel) { self.parallel = parallel }

    public var name: String { "cpu-\(CPUPath.current.rawValue)" }

    public func msm(
        _ bases: PointTable<Suite.G1>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Suite.G1> {
        try check("G1 MSM", bases.count, scalars.count)
        return Suite.cpuMSM(bases, scalars, parallel)
    }

    public func msm(
        _ bases: PointTable<Suite.G2>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Suite.G2> {
        try check("G2 MSM", bases.count, scalars.count)
        return Suite.cpuMSM(bases, scalars, parallel)
    }

    public func witnessSums(
        _ tables: WitnessTables<Suite>, _ witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> WitnessSums<Suite> {
        try tables.check(witness.count)
        return Suite.cpuWitnessSums(tables, witness, parallel)
    }

    public func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        Suite.cpuInverseNTT(try domain("inverse NTT", size: values.count), values)
    }

    public func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        Suite.cpuForwardNTT(try domain("forward NTT", size: values.count), values, at: points)
    }

    public func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        guard logDomainSize >= 0 && logDomainSize < Suite.Fr.twoAdicity else {
            throw .unsupportedSize(operation: "quotient", size: logDomainSize)
        }
        guard matrices.columnCount == witness.count else {
            throw .lengthMismatch(operation: "quotient", left: matrices.columnCount, right: witness.count)
        }
        guard matrices.rowCount == 1 << logDomainSize else {
            throw .lengthMismatch(operation: "quotient", left: matrices.rowCount, right: 1 << logDomainSize)
        }
        return Suite.cpuQuotient(try domain("quotient", size: 1 << logDomainSize), matrices, witness)
    }

    private func check(_ operation: String, _ bases: Int, _ scalars: Int) throws(ComputeError) {
        guard bases == scalars else {
            throw .lengthMismatch(operation: operation, left: bases, right: scalars)
        }
        guard bases < 1 << 31 else { throw .unsupportedSize(operation: operation, size: bases) }
    }

    private func domain(_ operation: String, size: Int) throws(ComputeError) -> EvaluationDomain<Suite.Fr> {
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
