public import Compute
public import Curves
public import EllipticCurves
public import FiniteFields

/// Computes on an OpenCL device.
///
/// On first use of a curve its programs are loaded and must pass known-answer tests; the fastest variant of products that
/// passes is used. Calls block and queue up behind each other.
public final class OpenCLBackend<Suite: CPUKernels>: ComputeBackend {
    public let queue: DeviceQueue

    public init(_ queue: DeviceQueue) { self.queue = queue }

    public var name: String { "opencl:\(queue.device.index)" }

    public func test() throws(ComputeError) {}
    public func variant() throws(ComputeError) -> ProductVariant { .limbs32 }
    public func productsPerSecond() throws -> Double { 0 }

    public func msm(
        _ bases: PointTable<Suite.G1>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Suite.G1> { fatalError() }

    public func msm(
        _ bases: PointTable<Suite.G2>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Suite.G2> { fatalError() }

    public func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {}

    public func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {}

    public func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> { fatalError() }
}
