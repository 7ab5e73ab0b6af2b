// SPDX-License-Identifier: Apache-2.0

import COpenCL

/// A program built for one device, with its kernels; used on its queue's thread only.
///
/// Unchecked: kernels are made and used on the queue's thread only; the thread that builds takes the handle.
package final class DeviceProgram: @unchecked Sendable {
    let context: DeviceContext
    let handle: cl_program
    private var kernels: [String: cl_kernel] = [:]
    package let name: String
    /// The local size of all its kernels.
    package let workGroup: Int

    init(_ context: DeviceContext, _ handle: cl_program, _ description: ProgramDescription) {
        self.context = context
        self.handle = handle
        name = description.name
        workGroup = description.workGroup
    }

    deinit {
        for kernel in kernels.values { _ = context.library.table.releaseKernel(kernel) }
        _ = context.library.table.releaseProgram(handle)
    }

    func kernel(_ name: String) throws(OpenCLError) -> cl_kernel {
        if let kernel = kernels[name] { return kernel }
        var status = cl_int(CL_SUCCESS)
        guard let kernel = context.library.table.createKernel(handle, name, &status) else {
            throw OpenCLError("clCreateKernel \(name) of \(self.name)", status, on: context.device.name)
        }
        kernels[name] = kernel
        return kernel
    }

    /// The program as the driver compiled it; `nil` where the driver gives none.
    func binary() -> [UInt8]? {
        var size = 0
        let table = context.library.table
        guard
            table.getProgramInfo(
                handle, cl_uint(CL_PROGRAM_BINARY_SIZES), MemoryLayout<Int>.size, &size, nil) == CL_SUCCESS,
            size > 0
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        let status = bytes.withUnsafeMutableBufferPointer { bytes in
            var address = bytes.baseAddress
            return table.getProgramInfo(
                handle, cl_uint(CL_PROGRAM_BINARIES), MemoryLayout<UnsafeMutablePointer<UInt8>?>.size,
                &address,
                nil)
        }
        return status == CL_SUCCESS ? bytes : nil
    }
}

/// The arguments of one launch, in the order of the kernel's parameters.
package struct KernelArguments: ~Copyable {
    private let context: DeviceContext
    private let kernel: cl_kernel
    private var count: cl_uint = 0
    /// The first failure; later arguments are then not set.
    private(set) var status = cl_int(CL_SUCCESS)

    init(_ context: DeviceContext, _ kernel: cl_kernel) {
        self.context = context
        self.kernel = kernel
    }

    /// A pointer to global memory.
    package mutating func buffer(_ buffer: borrowing DeviceBuffer) {
        var handle: cl_mem? = buffer.handle
        set(MemoryLayout<cl_mem?>.size, &handle)
    }

    /// A value of the same size and layout as the parameter.
    package mutating func value<T: BitwiseCopyable>(_ value: T) {
        var value = value
        set(MemoryLayout<T>.size, &value)
    }

    /// A vector or structure of these words.
    package mutating func words(_ words: [UInt32]) {
        words.withUnsafeBytes { set($0.count, $0.baseAddress) }
    }

    /// A pointer to so much local memory.
    package mutating func local(byteCount: Int) { set(byteCount, nil) }

    private mutating func set(_ size: Int, _ value: UnsafeRawPointer?) {
        if status == CL_SUCCESS {
            status = context.library.table.setKernelArg(kernel, count, size, value)
        }
        count += 1
    }
}
