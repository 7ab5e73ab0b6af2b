// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// The computations of a curve on one device with one way to compute products, tested or not.
///
/// Operands that cannot be sent are lent: they are used on the queue's thread while the caller waits.
struct DeviceComputations<Suite: ComputeSuite>: ComputeBackend {
    let queue: DeviceQueue
    let variant: ProductVariant

    var name: String { "opencl:\(queue.device.index)-\(variant.rawValue)" }

    func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        try require("\(Group.name) MSM", bases.count, equals: scalars.count)
        nonisolated(unsafe) let scalars = scalars  // Unchecked: the caller waits.
        return try run { sums, queue throws(OpenCLError) in
            try sums.sum(bases, .host(scalars), residency, on: queue)
        }
    }

    func witnessSums(
        _ tables: WitnessTables<Suite>, _ witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> WitnessSums<Suite> {
        try tables.check(witness.count)
        nonisolated(unsafe) let witness = witness  // Unchecked: the caller waits.
        return try run { sums, queue throws(OpenCLError) in
            try sums.witnessSums(tables, .host(witness), residency, on: queue)
        }
    }

    func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        let log = try logSize("inverse NTT", values.count)
        nonisolated(unsafe) let values = values  // Unchecked: the caller waits.
        try queue.commanding { queue throws(OpenCLError) in
            try DeviceTransform<Suite.Fr>(logSize: log, variant: variant, on: queue)
                .inverse(values, on: queue)
        }
    }

    func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        let log = try logSize("forward NTT", values.count)
        nonisolated(unsafe) let values = values  // Unchecked: the caller waits.
        try queue.commanding { queue throws(OpenCLError) in
            try DeviceTransform<Suite.Fr>(logSize: log, variant: variant, on: queue)
                .forward(values, at: points, on: queue)
        }
    }

    func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try check(matrices, witness.count, logDomainSize)
        nonisolated(unsafe) let witness = witness  // Unchecked: the caller waits.
        return try queue.commanding { queue throws(OpenCLError) in
            try DeviceQuotient(matrices, logDomainSize: logDomainSize, variant: variant, on: queue)
                .scalars(witness: witness, on: queue)
        }
    }

    /// The whole of a proof after the witness has been uploaded; a handful of points comes back.
    func groth16Sums(
        _ tables: Groth16Tables<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        observe: (Groth16Stage) -> Void
    ) throws(ComputeError) -> Groth16Sums<Suite> {
        try check(tables.coefficients, witness.count, tables.logDomainSize)
        try tables.witness.check(witness.count)
        try require("H MSM", tables.h.count, equals: 1 << tables.logDomainSize)
        let shares = MemoryShares(
            tables, budget: queue.memoryBudget, withMultiples: queue.options.keepsMultiples)
        nonisolated(unsafe) let (witness, observe) = (witness, observe)  // Unchecked: the caller waits.
        return try run { sums, queue throws(OpenCLError) in
            observe(.quotient)
            let bytes = UnsafeRawBufferPointer(witness)
            let buffer = try queue.allocate(bytes.count, "a witness", isSecret: true)
            try queue.write(bytes, to: buffer)
            let quotient = try DeviceQuotient(
                tables.coefficients, logDomainSize: tables.logDomainSize, variant: variant, on: queue)
            let h = ScalarBuffer(try quotient.scalars(buffer, on: queue), count: tables.h.count)
            observe(.msmH)
            let sumH = try sums.sum(tables.h, .device(h), residency, memory: shares.h, on: queue)
            observe(.msmWitness)
            let uploaded = ScalarBuffer(buffer, count: witness.count)
            return Groth16Sums(
                h: sumH,
                witness: try sums.witnessSums(
                    tables.witness, .device(uploaded), residency, memory: shares.witness, on: queue))
        }
    }

    /// How a proof with these tables will be computed, for people.
    func explanation(of tables: Groth16Tables<Suite>) throws(ComputeError) -> String {
        let shares = MemoryShares(
            tables, budget: queue.memoryBudget, withMultiples: queue.options.keepsMultiples)
        let (one, two) = (PointTable<Suite.G1>.stride, PointTable<Suite.G2>.stride)
        let transform = TransformPlan(
            logSize: tables.logDomainSize, logTile: TransformProgram.logTile(on: queue))
        let h = DeviceSums<Suite>.plan(
            terms: tables.h.count, pointBytes: [one], residency, memory: shares.h, on: queue)
        let witness = DeviceSums<Suite>.plan(
            terms: tables.witness.a.count, pointBytes: [one, one, two, one], residency,
            memory: shares.witness,
            on: queue)
        return """
            \(queue.device.name): products by \(variant.rawValue), \(queue.memoryBudget >> 20) MiB for buffers
            transforms: \(transform)
            sum of H: \(h)
            sums of A, B1, B2 and C: \(witness)
            """
    }

    private var residency: DeviceSums<Suite>.Residency {
        queue.options.keepsMultiples ? .keepMultiples : .keep
    }

    // MARK: checks

    private func require(_ operation: String, _ left: Int, equals right: Int) throws(ComputeError) {
        guard left == right else { throw .lengthMismatch(operation: operation, left: left, right: right) }
        guard left < 1 << 31 else { throw .unsupportedSize(operation: operation, size: left) }
    }

    private func logSize(_ operation: String, _ size: Int) throws(ComputeError) -> Int {
        guard size > 0, size & (size - 1) == 0, size.trailingZeroBitCount < Suite.Fr.twoAdicity else {
            throw .unsupportedSize(operation: operation, size: size)
        }
        return size.trailingZeroBitCount
    }

    private func check(
        _ matrices: CoefficientMatrices<Suite.Fr>, _ witnessCount: Int, _ logDomainSize: Int
    ) throws(ComputeError) {
        guard logDomainSize >= 0 && logDomainSize < Suite.Fr.twoAdicity else {
            throw .unsupportedSize(operation: "quotient", size: logDomainSize)
        }
        try require("quotient", matrices.columnCount, equals: witnessCount)
        try require("quotient", matrices.rowCount, equals: 1 << logDomainSize)
    }

    private func run<R>(
        _ body: (DeviceSums<Suite>, isolated DeviceQueue) throws(OpenCLError) -> R
    ) throws(ComputeError) -> R {
        nonisolated(unsafe) let body = body  // Unchecked: the caller waits.
        return try queue.commanding { queue throws(OpenCLError) in
            try body(DeviceSums<Suite>(variant: variant, on: queue), queue)
        }
    }
}

/// What the sums of a proof may take of a device's memory, after what the quotient needs.
struct MemoryShares: Equatable {
    var h: Int
    var witness: Int

    /// - Parameter withMultiples: whether multiples fill what is left: then the tables share it in proportion
    ///   to their sizes, for each saves in proportion to its own. Else each sum may have what the others'
    ///   tables leave, or everything where they do not fit together and make room for each other.
    init<Suite: CurveSuite>(_ tables: Groth16Tables<Suite>, budget: Int, withMultiples: Bool) {
        let element = MemoryLayout<Suite.Fr>.stride
        // Three vectors and the factors, the matrices with their rows, and the witness.
        let quotient =
            4 * element << tables.logDomainSize + tables.coefficients.count * (element + 4)
            + tables.coefficients.rowCount * 16 + tables.witness.a.count * element
        let (one, two) = (PointTable<Suite.G1>.stride, PointTable<Suite.G2>.stride)
        let sizeH = tables.h.count * one
        let sizeWitness = tables.witness.a.count * (3 * one + two)
        let rest = max(0, budget - quotient)
        if withMultiples {
            h = Int(Double(rest) * Double(sizeH) / Double(max(1, sizeH + sizeWitness)))
            witness = rest - h
        } else {
            let fitTogether = sizeH + sizeWitness <= rest / 2
            h = fitTogether ? rest - sizeWitness : rest
            witness = fitTogether ? rest - sizeH : rest
        }
    }
}

extension DeviceQueue {
    /// Runs `body` on the queue's thread while the caller waits.
    nonisolated func computing<R>(
        _ body: (isolated DeviceQueue) throws(ComputeError) -> R
    ) throws(ComputeError) -> R {
        try run(body)
    }

    /// As `computing`, with what the device says turned into what a backend says.
    nonisolated func commanding<R>(
        _ body: (isolated DeviceQueue) throws(OpenCLError) -> R
    ) throws(ComputeError) -> R {
        do throws(OpenCLError) {
            return try run(body)
        } catch {
            throw ComputeError(error)
        }
    }
}

extension ComputeError {
    init(_ error: OpenCLError) {
        self = .device(reason: error.message, isOutOfMemory: error.kind == .outOfMemory)
    }
}
