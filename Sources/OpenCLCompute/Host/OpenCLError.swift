// SPDX-License-Identifier: Apache-2.0

import COpenCL
package import Failures

/// What went wrong on an OpenCL device or on the way to it.
package struct OpenCLError: CodedError, Equatable {
    /// What kind of trouble it is, which decides what to do about it.
    package enum Kind: Sendable, Equatable {
        /// There is no OpenCL library, platform or device.
        case unavailable
        /// The device has no memory for it, or the budget has not.
        case outOfMemory
        /// A program could not be built, or not in time.
        case build
        /// A known-answer test gave a wrong result.
        case wrongResult
        /// A command failed: the device or its driver is in trouble.
        case command
    }

    package var kind: Kind
    /// What was attempted, such as "clEnqueueNDRangeKernel msm_reduce".
    package var operation: String
    /// OpenCL's status, negative; 0 where none belongs to it.
    package var status: Int32
    /// The device's name, or what stood in for one.
    package var device: String
    /// A build log, a limit, or another reason.
    package var detail: String?

    package init(kind: Kind, operation: String, status: Int32 = 0, device: String, detail: String? = nil) {
        self.kind = kind
        self.operation = operation
        self.status = status
        self.device = device
        self.detail = detail
    }

    /// A failed call of OpenCL.
    init(_ operation: String, _ status: cl_int, on device: String, detail: String? = nil) {
        let kind: Kind =
            switch Int(status) {
            case CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_HOST_MEMORY: .outOfMemory
            case CL_BUILD_PROGRAM_FAILURE: .build
            default: .command
            }
        self.init(kind: kind, operation: operation, status: status, device: device, detail: detail)
    }

    package var code: FailureCode { .infrastructure }

    package var message: String {
        var text = "\(device): \(operation) failed"
        if status != 0 { text += ": \(Self.name(of: status))" }
        if let detail { text += ": \(detail)" }
        return text
    }

    /// The standard's name of a status, such as "CL_OUT_OF_RESOURCES (-5)".
    package static func name(of status: Int32) -> String {
        names[status].map { "\($0) (\(status))" } ?? "status \(status)"
    }

    /// OpenCL 1.2 specification, appendix of error codes, with those of the loader.
    private static let names: [Int32: String] = [
        -1: "CL_DEVICE_NOT_FOUND", -2: "CL_DEVICE_NOT_AVAILABLE", -3: "CL_COMPILER_NOT_AVAILABLE",
        -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE", -5: "CL_OUT_OF_RESOURCES", -6: "CL_OUT_OF_HOST_MEMORY",
        -7: "CL_PROFILING_INFO_NOT_AVAILABLE", -11: "CL_BUILD_PROGRAM_FAILURE", -12: "CL_MAP_FAILURE",
        -14: "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", -30: "CL_INVALID_VALUE",
        -32: "CL_INVALID_PLATFORM", -33: "CL_INVALID_DEVICE", -34: "CL_INVALID_CONTEXT",
        -36: "CL_INVALID_COMMAND_QUEUE", -38: "CL_INVALID_MEM_OBJECT", -42: "CL_INVALID_BINARY",
        -43: "CL_INVALID_BUILD_OPTIONS", -44: "CL_INVALID_PROGRAM", -45: "CL_INVALID_PROGRAM_EXECUTABLE",
        -46: "CL_INVALID_KERNEL_NAME", -48: "CL_INVALID_KERNEL", -49: "CL_INVALID_ARG_INDEX",
        -50: "CL_INVALID_ARG_VALUE", -51: "CL_INVALID_ARG_SIZE", -52: "CL_INVALID_KERNEL_ARGS",
        -54: "CL_INVALID_WORK_GROUP_SIZE", -55: "CL_INVALID_WORK_ITEM_SIZE",
        -57: "CL_INVALID_EVENT_WAIT_LIST", -58: "CL_INVALID_EVENT", -59: "CL_INVALID_OPERATION",
        -61: "CL_INVALID_BUFFER_SIZE", -63: "CL_INVALID_GLOBAL_WORK_SIZE", -68: "CL_INVALID_PROPERTY",
        -1001: "CL_PLATFORM_NOT_FOUND_KHR", -9999: "NVIDIA's illegal read or write",
    ]
}
