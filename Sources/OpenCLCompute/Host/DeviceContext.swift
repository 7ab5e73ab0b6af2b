import COpenCL
import Synchronization

/// A device's OpenCL context with its two in-order queues; lives as long as anything made in it.
final class DeviceContext: @unchecked Sendable {
    let library: OpenCLLibrary
    let device: Device
    let context: cl_context
    /// Kernels, and transfers in step with them.
    let compute: cl_command_queue
    /// Transfers beside the kernels.
    let transfer: cl_command_queue
    /// Bytes of all buffers that live.
    let allocated = Atomic<Int>(0)

    init(_ device: Device) throws(OpenCLError) {
        let library = try OpenCLLibrary.shared.get()
        if let obstacle = device.obstacle {
            throw OpenCLError(
                kind: .unavailable, operation: "opening the device", device: device.name, detail: obstacle)
        }
        var status = cl_int(CL_SUCCESS)
        var handle: cl_device_id? = device.handle
        guard let context = library.table.createContext(nil, 1, &handle, nil, nil, &status) else {
            throw OpenCLError("clCreateContext", status, on: device.name)
        }
        let profiling = cl_bitfield(CL_QUEUE_PROFILING_ENABLE)
        let compute = library.table.createCommandQueue(context, device.handle, profiling, &status)
        let transfer = library.table.createCommandQueue(context, device.handle, profiling, &status)
        guard let compute, let transfer else {
            if let compute { _ = library.table.releaseCommandQueue(compute) }
            _ = library.table.releaseContext(context)
            throw OpenCLError("clCreateCommandQueue", status, on: device.name)
        }
        self.compute = compute
        self.transfer = transfer
        self.library = library
        self.device = device
        self.context = context
    }

    deinit {
        _ = library.table.finish(transfer)
        _ = library.table.finish(compute)
        _ = library.table.releaseCommandQueue(transfer)
        _ = library.table.releaseCommandQueue(compute)
        _ = library.table.releaseContext(context)
    }

    /// The parts that a fill of many bytes is done in: NVIDIA's driver 580 fills the bytes modulo 4 GiB, and says nothing.
    static func parts(ofFill bytes: Range<Int>) -> [Range<Int>] {
        let most = 1 << 30
        return stride(from: bytes.lowerBound, to: bytes.upperBound, by: most).map {
            $0..<min($0 + most, bytes.upperBound)
        }
    }

    /// Starts to fill 4-byte words of one such part.
    func fill(
        _ buffer: cl_mem, with word: UInt32, _ bytes: Range<Int>, event: UnsafeMutablePointer<cl_event?>?
    ) -> cl_int {
        var word = word
        return library.table.enqueueFillBuffer(
            compute, buffer, &word, 4, bytes.lowerBound, bytes.count, 0, nil, event)
    }

    /// Throws where `status` is not success.
    func check(_ status: cl_int, _ operation: @autoclosure () -> String) throws(OpenCLError) {
        guard status == CL_SUCCESS else { throw OpenCLError(operation(), status, on: device.name) }
    }
}
