// SPDX-License-Identifier: Apache-2.0

import COpenCL

/// An OpenCL device, or a part of one, with what matters about it.
///
/// Unchecked: nothing changes; the handle may be used by any thread.
package struct Device: @unchecked Sendable, Hashable {
    /// What kind of processor it is.
    package enum Kind: String, Sendable, Codable { case cpu, gpu, accelerator, other }

    /// Its number among all devices of this machine, from 0.
    package let index: Int
    package let platform: String
    package let platformVersion: String
    package let name: String
    package let vendor: String
    package let driverVersion: String
    package let version: String
    package let kind: Kind
    package let computeUnits: Int
    /// The highest clock in MHz, as the driver says.
    package let clockMHz: Int
    /// Bytes of global memory.
    package let globalMemory: Int
    /// Bytes of the largest single buffer.
    package let maxAllocation: Int
    /// Bytes of local memory of a work-group.
    package let localMemory: Int
    package let maxWorkGroup: Int
    /// The names of the extensions that the driver offers.
    package let extensions: [String]
    /// Why Martlet cannot use it, if so.
    package let obstacle: String?

    let handle: cl_device_id

    /// What compiled code and measured speeds depend on.
    package var identity: String {
        [platform, platformVersion, vendor, name, version, driverVersion].joined(separator: "; ")
    }

    package var isCPU: Bool { kind == .cpu }
    package var isNVIDIA: Bool { vendor.contains("NVIDIA") }

    package static func == (a: Device, b: Device) -> Bool { a.handle == b.handle }
    package func hash(into hasher: inout Hasher) { hasher.combine(handle) }

    /// All devices of this machine, in the order in which the platforms list them.
    ///
    /// Platforms that fail are passed over: a broken driver of one device says nothing about the others.
    ///
    /// - Throws: `.unavailable` when there is no OpenCL library.
    package static func all() throws(OpenCLError) -> [Device] {
        let library = try OpenCLLibrary.shared.get()
        let everyType = cl_bitfield(CL_DEVICE_TYPE_ALL)
        var found: [Device] = []
        var count: cl_uint = 0
        guard library.table.getPlatformIDs(0, nil, &count) == CL_SUCCESS, count > 0 else { return [] }
        var platforms = [cl_platform_id?](repeating: nil, count: Int(count))
        guard library.table.getPlatformIDs(count, &platforms, nil) == CL_SUCCESS else { return [] }
        for case let platform? in platforms {
            var count: cl_uint = 0
            guard library.table.getDeviceIDs(platform, everyType, 0, nil, &count) == CL_SUCCESS,
                count > 0
            else { continue }
            var handles = [cl_device_id?](repeating: nil, count: Int(count))
            guard library.table.getDeviceIDs(platform, everyType, count, &handles, nil) == CL_SUCCESS
            else { continue }
            for case let handle? in handles {
                found.append(Device(handle, platform, index: found.count, library))
            }
        }
        return found
    }

    /// The parts into which the device can be cut, each with the same number of compute units.
    ///
    /// - Parameter parts: how many; at least 2 and at most the compute units.
    /// - Throws: `.command` where the driver cannot.
    package func subDevices(_ parts: Int) throws(OpenCLError) -> [Device] {
        let library = try OpenCLLibrary.shared.get()
        guard parts >= 2 && parts <= computeUnits else {
            throw OpenCLError(
                kind: .command, operation: "clCreateSubDevices", device: name,
                detail: "it has \(computeUnits) compute units, not enough for \(parts) parts")
        }
        let properties = [CL_DEVICE_PARTITION_EQUALLY, computeUnits / parts, 0]
        var handles = [cl_device_id?](repeating: nil, count: computeUnits)
        var count: cl_uint = 0
        let status = library.table.createSubDevices(
            handle, properties, cl_uint(computeUnits), &handles, &count)
        guard status == CL_SUCCESS else { throw OpenCLError("clCreateSubDevices", status, on: name) }
        return handles.prefix(min(Int(count), parts)).enumerated().compactMap { i, part in
            part.map { Device($0, of: self, index: index + i, library) }
        }
    }

    private init(_ handle: cl_device_id, _ platform: cl_platform_id, index: Int, _ library: OpenCLLibrary) {
        self.init(
            handle, index: index,
            platform: Self.text {
                library.table.getPlatformInfo(platform, cl_uint(CL_PLATFORM_NAME), $0, $1, $2)
            },
            platformVersion: Self.text {
                library.table.getPlatformInfo(platform, cl_uint(CL_PLATFORM_VERSION), $0, $1, $2)
            }, library)
    }

    private init(_ handle: cl_device_id, of parent: Device, index: Int, _ library: OpenCLLibrary) {
        self.init(
            handle, index: index, platform: parent.platform, platformVersion: parent.platformVersion, library)
    }

    private init(
        _ handle: cl_device_id, index: Int, platform: String, platformVersion: String,
        _ library: OpenCLLibrary
    ) {
        func text(_ what: Int) -> String {
            Self.text { library.table.getDeviceInfo(handle, cl_uint(what), $0, $1, $2) }
        }
        // Numbers come as 4 or 8 bytes, little-endian like all hosts Martlet builds for; the rest stays zero.
        func number(_ what: Int) -> Int {
            var value: UInt64 = 0
            guard
                library.table.getDeviceInfo(handle, cl_uint(what), MemoryLayout<UInt64>.size, &value, nil)
                    == CL_SUCCESS
            else { return 0 }
            return Int(clamping: value)
        }
        self.handle = handle
        self.index = index
        self.platform = platform
        self.platformVersion = platformVersion
        name = text(CL_DEVICE_NAME)
        vendor = text(CL_DEVICE_VENDOR)
        driverVersion = text(CL_DRIVER_VERSION)
        version = text(CL_DEVICE_VERSION)
        let type = number(CL_DEVICE_TYPE)
        kind =
            if type & CL_DEVICE_TYPE_GPU != 0 { .gpu } else if type & CL_DEVICE_TYPE_CPU != 0 {
                .cpu
            } else if type
                & CL_DEVICE_TYPE_ACCELERATOR != 0
            { .accelerator } else { .other }
        computeUnits = number(CL_DEVICE_MAX_COMPUTE_UNITS)
        clockMHz = number(CL_DEVICE_MAX_CLOCK_FREQUENCY)
        globalMemory = number(CL_DEVICE_GLOBAL_MEM_SIZE)
        maxAllocation = number(CL_DEVICE_MAX_MEM_ALLOC_SIZE)
        localMemory = number(CL_DEVICE_LOCAL_MEM_SIZE)
        maxWorkGroup = number(CL_DEVICE_MAX_WORK_GROUP_SIZE)
        extensions = text(CL_DEVICE_EXTENSIONS).split(separator: " ").map(String.init).sorted()
        obstacle =
            if number(CL_DEVICE_AVAILABLE) == 0 {
                "the driver says that it is not available"
            } else if number(CL_DEVICE_COMPILER_AVAILABLE) == 0 {
                "it has no compiler"
            } else if number(CL_DEVICE_ENDIAN_LITTLE) == 0 { "it is big-endian" } else { nil }
    }

    private static func text(
        _ get: (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int
    ) -> String {
        var size = 0
        guard get(0, nil, &size) == CL_SUCCESS, size > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: size)
        guard bytes.withUnsafeMutableBytes({ get(size, $0.baseAddress, nil) }) == CL_SUCCESS else {
            return ""
        }
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
