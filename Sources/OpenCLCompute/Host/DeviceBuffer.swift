// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Synchronization

/// Memory on a device. It has one owner, and goes when that does.
///
/// Unchecked: nothing changes but the memory on the device, whose commands the queue puts in order.
package struct DeviceBuffer: ~Copyable, @unchecked Sendable {
    let context: DeviceContext
    let handle: cl_mem
    package let byteCount: Int
    /// Whether it is overwritten with zeros before it goes.
    package let isSecret: Bool

    init(_ context: DeviceContext, _ handle: cl_mem, byteCount: Int, isSecret: Bool) {
        self.context = context
        self.handle = handle
        self.byteCount = byteCount
        self.isSecret = isSecret
        context.allocated.add(byteCount, ordering: .relaxed)
    }

    deinit {
        var isClean = isSecret
        if isSecret {
            // In order after all kernels that use the buffer. A device that fails here has lost the memory
            // anyway.
            context.fill(handle, with: 0, 0..<byteCount & ~3) { part in
                isClean = part(nil) == CL_SUCCESS && isClean
            }
        }
        context.allocated.subtract(byteCount, ordering: .relaxed)
        if isClean && context.pool.keep(handle, byteCount: byteCount) { return }
        // Takes effect when the commands that use the buffer are done.
        _ = context.library.table.releaseMemObject(handle)
    }
}

/// Pinned host memory that transfers to and from the device run at full speed from.
///
/// Unchecked: the memory belongs to whoever prepares a transfer of it, one thread at a time.
package final class StagingBuffer: @unchecked Sendable {
    let context: DeviceContext
    private let handle: cl_mem
    /// The memory; not to be touched while a transfer of it is under way.
    package let bytes: UnsafeMutableRawBufferPointer

    init(_ context: DeviceContext, byteCount: Int) throws(OpenCLError) {
        let table = context.library.table
        var status = cl_int(CL_SUCCESS)
        let flags = cl_bitfield(CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR)
        guard let handle = table.createBuffer(context.context, flags, byteCount, nil, &status) else {
            throw OpenCLError("clCreateBuffer of \(byteCount) pinned bytes", status, on: context.device.name)
        }
        let mode = cl_bitfield(CL_MAP_READ | CL_MAP_WRITE)
        let mapped = table.enqueueMapBuffer(
            context.transfer, handle, 1, mode, 0, byteCount, 0, nil, nil, &status)
        guard status == CL_SUCCESS, let mapped else {
            _ = table.releaseMemObject(handle)
            throw OpenCLError("clEnqueueMapBuffer", status, on: context.device.name)
        }
        self.context = context
        self.handle = handle
        bytes = UnsafeMutableRawBufferPointer(start: mapped, count: byteCount)
    }

    deinit {
        let table = context.library.table
        _ = table.enqueueUnmapMemObject(context.transfer, handle, bytes.baseAddress, 0, nil, nil)
        _ = table.releaseMemObject(handle)
    }
}

/// The end of a command on the device, to be waited for by the host or by other commands.
///
/// Unchecked: nothing changes; the handle may be used by any thread.
package final class DeviceEvent: @unchecked Sendable {
    let context: DeviceContext
    let handle: cl_event

    init(_ context: DeviceContext, _ handle: cl_event) {
        self.context = context
        self.handle = handle
    }

    deinit { _ = context.library.table.releaseEvent(handle) }

    /// Blocks until the command has ended.
    package func wait() throws(OpenCLError) {
        var event: cl_event? = handle
        try context.check(context.library.table.waitForEvents(1, &event), "clWaitForEvents")
    }

    /// The seconds from the command's start to its end, on the device's clock; `nil` where the driver does
    /// not say.
    var seconds: Double? {
        var start: UInt64 = 0
        var end: UInt64 = 0
        let table = context.library.table
        guard
            table.getEventProfilingInfo(handle, cl_uint(CL_PROFILING_COMMAND_START), 8, &start, nil)
                == CL_SUCCESS,
            table.getEventProfilingInfo(handle, cl_uint(CL_PROFILING_COMMAND_END), 8, &end, nil)
                == CL_SUCCESS,
            end >= start
        else { return nil }
        return Double(end - start) / 1e9
    }
}
