// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Synchronization

/// A device's OpenCL context with its two in-order queues; lives as long as anything made in it.
///
/// Unchecked: nothing changes but counters and the pool, which see to themselves; handles may be used by any
/// thread.
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
    /// Buffers that held secrets, to be used again.
    let pool: BufferPool

    /// Bytes of one fill at most.
    private let fillPart: Int

    /// - Parameter pooledBytes: how many bytes may wait to be used again.
    init(_ device: Device, pooledBytes: Int, fillPart: Int) throws(OpenCLError) {
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
        pool = BufferPool(library, limit: pooledBytes)
        self.fillPart = fillPart
        self.compute = compute
        self.transfer = transfer
        self.library = library
        self.device = device
        self.context = context
    }

    deinit {
        _ = library.table.finish(transfer)
        _ = library.table.finish(compute)
        while pool.dropOne() {}
        _ = library.table.releaseCommandQueue(transfer)
        _ = library.table.releaseCommandQueue(compute)
        _ = library.table.releaseContext(context)
    }

    /// Fills 4-byte words, in parts: NVIDIA's driver 580 fills the bytes modulo 4 GiB, says nothing, and by
    /// an offset behind 4 GiB writes to memory that is not the buffer's.
    ///
    /// - Parameter enqueue: runs each part, which takes a place for its event.
    func fill<Failure: Error>(
        _ buffer: cl_mem, with word: UInt32, _ bytes: Range<Int>,
        enqueue: ((UnsafeMutablePointer<cl_event?>?) -> cl_int) throws(Failure) -> Void
    ) throws(Failure) {
        for origin in stride(from: bytes.lowerBound / fillPart * fillPart, to: bytes.upperBound, by: fillPart)
        {
            let part = max(origin, bytes.lowerBound)..<min(origin + fillPart, bytes.upperBound)
            try enqueue { event in
                self.fillPart(of: buffer, at: origin, with: word, part, event)
            }
        }
    }

    private func fillPart(
        of buffer: cl_mem, at origin: Int, with word: UInt32, _ bytes: Range<Int>,
        _ event: UnsafeMutablePointer<cl_event?>?
    ) -> cl_int {
        var word = word
        guard origin > 0 else {
            return library.table.enqueueFillBuffer(
                compute, buffer, &word, 4, bytes.lowerBound, bytes.count, 0, nil, event)
        }
        // A buffer of its own needs no offset.
        var region = cl_buffer_region(origin: origin, size: bytes.upperBound - origin)
        var status = cl_int(CL_SUCCESS)
        let regionType = cl_uint(CL_BUFFER_CREATE_TYPE_REGION)
        guard let part = library.table.createSubBuffer(buffer, 0, regionType, &region, &status) else {
            return status
        }
        defer { _ = library.table.releaseMemObject(part) }
        return library.table.enqueueFillBuffer(
            compute, part, &word, 4, bytes.lowerBound - origin, bytes.count, 0, nil, event)
    }

    /// Throws where `status` is not success.
    func check(_ status: cl_int, _ operation: @autoclosure () -> String) throws(OpenCLError) {
        guard status == CL_SUCCESS else { throw OpenCLError(operation(), status, on: device.name) }
    }
}
