// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields

/// The factors of all transforms of up to 2^logCapacity elements, resident on a device: one table for both
/// directions, the odd coset and every size (see Kernels/opencl/ntt.cl).
final class DeviceDomain<F: PrimeField>: Resident {
    let logCapacity: Int
    /// θ(0), θ(1), …: 2^logCapacity elements in Montgomery form, where θ(i) = exp(2πi · rev(i)/2), rev(i)
    /// being the bits of i behind the point in reverse order.
    let twiddles: DeviceBuffer

    var byteCount: Int { twiddles.byteCount }

    /// Computes the table on the device.
    ///
    /// - Precondition: logCapacity < F.twoAdicity; the program is `TransformProgram`'s for F.
    private init(
        logCapacity: Int, program: DeviceProgram, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        self.logCapacity = logCapacity
        twiddles = try queue.allocate(MemoryLayout<F>.stride << logCapacity, "twiddle factors")
        var one = F.one
        try withUnsafeBytes(of: &one) { bytes throws(OpenCLError) in try queue.write(bytes, to: twiddles) }
        for log in 0..<logCapacity {
            let factor = EvaluationDomain<F>.root(log: log + 2).montgomery
            try queue.launchParts(program, "ntt_twiddles", items: 1 << log) { arguments, first, _ in
                arguments.buffer(twiddles)
                arguments.value(UInt32(log))
                arguments.value(UInt32(first))
                arguments.value(factor)
            }
        }
    }

    /// The resident table for 2^logSize elements, a larger one's where there is one; made where there is
    /// none.
    static func resident(
        logSize: Int, program: DeviceProgram, on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> DeviceDomain {
        func source(_ log: Int) -> ResidentSource {
            ResidentSource(owner: queue, address: 0, form: "twiddles of \(F.name), 2^\(log)")
        }
        for log in logSize..<F.twoAdicity {
            if let domain: DeviceDomain = queue.residents.find(source(log)) { return domain }
        }
        let domain = try DeviceDomain(logCapacity: logSize, program: program, on: queue)
        queue.residents.insert(domain, from: source(logSize))
        return domain
    }
}

extension DeviceQueue {
    /// Work-items of one launch of a kernel of small steps: so few that none keeps a display waiting.
    package static var itemsOfLaunch: Int { 1 << 22 }

    /// Launches a kernel for `items` work-items in parts; `arguments` gets the first item of a part and their
    /// number.
    package func launchParts(
        _ program: DeviceProgram, _ kernel: String, items: Int,
        _ arguments: (inout KernelArguments, Int, Int) -> Void
    ) throws(OpenCLError) {
        for first in stride(from: 0, to: items, by: Self.itemsOfLaunch) {
            let count = min(Self.itemsOfLaunch, items - first)
            try launch(program, kernel, groups: (count + program.workGroup - 1) / program.workGroup) {
                arguments(&$0, first, count)
            }
        }
    }
}
