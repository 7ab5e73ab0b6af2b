// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Foundation
import Foundations
import Synchronization

/// Builds programs, from the cache where it has them.
struct ProgramBuilder {
    let context: DeviceContext
    let cache: ProgramCache?
    /// Seconds that the driver may take for one program.
    let timeLimit: Double

    /// Options of every build: strict arithmetic needs none, and warnings are the driver's affair.
    static let options = "-cl-std=CL1.2"

    /// More options of this builder's programs, such as "-cl-nv-verbose".
    var moreOptions = ""
    private var options: String { moreOptions.isEmpty ? Self.options : Self.options + " " + moreOptions }

    /// The built program.
    func build(_ description: ProgramDescription) throws(OpenCLError) -> DeviceProgram {
        let source = description.source
        let cache = cache.flatMap { $0.serves(context.device) ? $0 : nil }
        let key = cache?.key(of: source, options: options, device: context.device)
        if let cache, let key, let binary = cache.load(key), let program = load(binary, description) {
            return program
        }
        let program = try compile(source, description)
        if let cache, let key, let binary = program.binary() { cache.store(binary, under: key) }
        return program
    }

    /// Compiles a program past the cache and tells what that took.
    func report(_ description: ProgramDescription) throws(OpenCLError) -> BuildReport {
        let start = ContinuousClock.now
        let program = try compile(description.source, description)
        return BuildReport(
            seconds: start.secondsAgo, log: log(of: program.handle, lines: .max) ?? "",
            binaryBytes: ProgramCache.isKeptByItsPlatform(context.device) ? nil : program.binary()?.count)
    }

    /// The program of a cached binary; `nil` where the driver does not take it, as after an update in place.
    private func load(_ binary: [UInt8], _ description: ProgramDescription) -> DeviceProgram? {
        var status = cl_int(CL_SUCCESS)
        var binaryStatus = cl_int(CL_SUCCESS)
        var device: cl_device_id? = context.device.handle
        let handle = binary.withUnsafeBufferPointer { bytes in
            var length = bytes.count
            var address: UnsafePointer<UInt8>? = bytes.baseAddress
            return context.library.table.createProgramWithBinary(
                context.context, 1, &device, &length, &address, &binaryStatus, &status)
        }
        guard let handle else { return nil }
        let program = DeviceProgram(context, handle, description)
        guard status == CL_SUCCESS, binaryStatus == CL_SUCCESS,
            (try? finish(program, description.name)) != nil
        else { return nil }
        return program
    }

    private func compile(_ source: String, _ description: ProgramDescription) throws(OpenCLError)
        -> DeviceProgram
    {
        if let obstacle = description.obstacle {
            throw OpenCLError(
                kind: .build, operation: description.name, device: context.device.name, detail: obstacle)
        }
        var status = cl_int(CL_SUCCESS)
        let handle = source.withCString { text in
            var address: UnsafePointer<CChar>? = text
            return context.library.table.createProgramWithSource(
                context.context, 1, &address, nil, &status)
        }
        guard let handle else {
            throw OpenCLError(
                "clCreateProgramWithSource \(description.name)", status, on: context.device.name)
        }
        let program = DeviceProgram(context, handle, description)
        try finish(program, description.name)
        return program
    }

    /// Builds on a thread of its own: a driver that does not come back costs that thread, not the queue's.
    private func finish(_ program: DeviceProgram, _ name: String) throws(OpenCLError) {
        let outcome = BuildOutcome()
        let done = DispatchSemaphore(value: 0)
        let context = context
        let options = options
        let thread = Thread {
            var device: cl_device_id? = context.device.handle
            outcome.status.store(
                context.library.table.buildProgram(program.handle, 1, &device, options, nil, nil),
                ordering: .releasing)
            // The driver works on the program until here.
            withExtendedLifetime(program) {}
            done.signal()
        }
        thread.name = "martlet build \(name)"
        thread.stackSize = 16 << 20
        thread.start()
        guard done.wait(timeout: .now() + timeLimit) == .success else {
            throw OpenCLError(
                kind: .build, operation: "building \(name)", device: context.device.name,
                detail: "the driver has not finished within \(timeLimit) seconds")
        }
        let status = outcome.status.load(ordering: .acquiring)
        guard status == CL_SUCCESS else {
            throw OpenCLError(
                "building \(name)", status, on: context.device.name,
                detail: log(of: program.handle, lines: 20))
        }
    }

    /// The first lines of the driver's build log.
    private func log(of handle: cl_program, lines: Int) -> String? {
        var size = 0
        let table = context.library.table
        let what = cl_uint(CL_PROGRAM_BUILD_LOG)
        guard table.getProgramBuildInfo(handle, context.device.handle, what, 0, nil, &size) == CL_SUCCESS,
            size > 1
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        guard
            table.getProgramBuildInfo(handle, context.device.handle, what, size, &bytes, nil) == CL_SUCCESS
        else { return nil }
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return text.split(separator: "\n").prefix(lines).joined(separator: "\n")
    }
}

private final class BuildOutcome: Sendable {
    let status = Atomic<cl_int>(cl_int(CL_SUCCESS))
}
