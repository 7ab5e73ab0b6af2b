// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Synchronization

/// How a device is used.
package struct DeviceOptions: Sendable {
    /// Bytes that buffers may take on the device; `nil` for nine tenths of what it has.
    package var memoryBudget: Int?
    /// Whether multiples of a key's points are kept too, as far as memory allows: for keys that prove
    /// hundreds of times.
    package var keepsMultiples: Bool
    /// Where compiled programs are kept; `nil` keeps none.
    package var cache: ProgramCache?
    /// Seconds that the driver may take to build one program.
    package var buildTimeLimit: Double
    /// How kernels are compiled and work is cut up; `nil` for what suits the device.
    package var tuning: DeviceTuning?
    /// Faults for tests.
    package var faults: DeviceFaults?

    package init(
        memoryBudget: Int? = nil, keepsMultiples: Bool = false, cache: ProgramCache? = .standard,
        buildTimeLimit: Double = 300, tuning: DeviceTuning? = nil, faults: DeviceFaults? = nil
    ) {
        self.memoryBudget = memoryBudget
        self.keepsMultiples = keepsMultiples
        self.cache = cache
        self.buildTimeLimit = buildTimeLimit
        self.tuning = tuning
        self.faults = faults
    }
}

/// One device, with all that is done on it: the actor runs on a thread of its own, since OpenCL's calls
/// block.
///
/// Kernels and transfers run in order, as they were enqueued. Blocking callers use `run`.
package actor DeviceQueue {
    nonisolated package let device: Device
    nonisolated package let options: DeviceOptions
    nonisolated package let tuning: DeviceTuning
    nonisolated let context: DeviceContext
    private nonisolated let thread: DeviceThread
    private var programs: [String: DeviceProgram] = [:]
    private var meter: DeviceMeter?
    private var isLost = false
    private var uploads: UploadLanes?
    /// What is kept on the device between computations.
    package var residents = ResidentSet()

    nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Opens a device.
    package init(_ device: Device, options: DeviceOptions = DeviceOptions()) throws(OpenCLError) {
        self.device = device
        self.options = options
        tuning = options.tuning ?? DeviceTuning(for: device)
        context = try DeviceContext(
            device, pooledBytes: (options.memoryBudget ?? Self.usualBudget(of: device)) / 8,
            fillPart: tuning.fillBytes)
        thread = DeviceThread(name: "martlet \(device.name)")
    }

    /// Runs `body` on the queue's thread and blocks until it is done: for dedicated threads, not for the
    /// cooperative pool.
    nonisolated package func run<R, Failure: Error>(
        _ body: (isolated DeviceQueue) throws(Failure) -> R
    ) throws(Failure) -> R {
        // Unchecked: both are used on the queue's thread while this one waits.
        nonisolated(unsafe) var result: Result<R, Failure>?
        nonisolated(unsafe) let body = body  // Unchecked: as the result.
        thread.perform {
            assumeIsolated { queue in
                do throws(Failure) { result = .success(try body(queue)) } catch { result = .failure(error) }
            }
        }
        return try result!.get()
    }

    // MARK: memory

    /// Bytes that buffers may take on the device.
    nonisolated package var memoryBudget: Int { options.memoryBudget ?? Self.usualBudget(of: device) }

    private static func usualBudget(of device: Device) -> Int { device.globalMemory / 10 * 9 }

    /// Bytes that buffers take now.
    nonisolated package var allocatedBytes: Int { context.allocated.load(ordering: .relaxed) }

    /// Bytes of buffers that wait to be used again.
    nonisolated package var pooledBytes: Int { context.pool.byteCount }

    /// Makes a buffer; its contents are undefined.
    ///
    /// Residents that nobody uses go to make room, the least recently used first.
    ///
    /// - Parameters:
    ///   - purpose: what it is for, in messages.
    ///   - isSecret: whether it is overwritten before it goes.
    /// - Throws: `.outOfMemory` when the budget or the device has no room for it.
    package func allocate(_ byteCount: Int, _ purpose: String, isSecret: Bool = false) throws(OpenCLError)
        -> DeviceBuffer
    {
        let operation = "allocating \(byteCount) bytes for \(purpose)"
        guard options.faults?.strikes(.failedAllocation) != true else {
            throw OpenCLError(operation, cl_int(CL_MEM_OBJECT_ALLOCATION_FAILURE), on: device.name)
        }
        guard byteCount <= device.maxAllocation else {
            throw OpenCLError(
                kind: .outOfMemory, operation: operation, device: device.name,
                detail: "one buffer may have at most \(device.maxAllocation) bytes")
        }
        // A multiple of 16, for kernels that read in vectors.
        let size = max(16, (byteCount + 15) & ~15)
        if isSecret, let handle = context.pool.take(byteCount: size) {
            return DeviceBuffer(context, handle, byteCount: size, isSecret: true)
        }
        while allocatedBytes + context.pool.byteCount + size > memoryBudget {
            guard context.pool.dropOne() || residents.evictOne() else {
                throw OpenCLError(
                    kind: .outOfMemory, operation: operation, device: device.name,
                    detail: "\(allocatedBytes) of \(memoryBudget) bytes are in use")
            }
        }
        while true {
            var status = cl_int(CL_SUCCESS)
            let flags = cl_bitfield(CL_MEM_READ_WRITE)
            if let handle = context.library.table.createBuffer(context.context, flags, size, nil, &status) {
                return DeviceBuffer(context, handle, byteCount: size, isSecret: isSecret)
            }
            guard context.pool.dropOne() || residents.evictOne() else {
                throw OpenCLError(operation, status, on: device.name)
            }
        }
    }

    /// Makes pinned host memory.
    package func allocateStaging(_ byteCount: Int) throws(OpenCLError) -> StagingBuffer {
        try StagingBuffer(context, byteCount: byteCount)
    }

    /// Lets everything go that is resident and that no computation uses.
    package func evictAll() { while residents.evictOne() || context.pool.dropOne() {} }

    /// How many residents went to make room.
    package var evictions: Int { residents.evictions }

    // MARK: transfers

    /// Copies host memory to the device, in order; the host memory may be reused on return.
    package func write(
        _ bytes: UnsafeRawBufferPointer, to buffer: borrowing DeviceBuffer, at offset: Int = 0
    ) throws(OpenCLError) {
        try require(offset, bytes.count, in: buffer)
        if tuning.uploadThreads > 0 && bytes.count >= UploadLanes.leastBytes {
            return try writeByLanes(bytes, to: buffer, at: offset)
        }
        try writeAtOnce(bytes, to: buffer, at: offset)
    }

    /// By the driver, from memory that is not pinned: it copies in a thread of its own first, some 7 GB/s.
    package func writeAtOnce(
        _ bytes: UnsafeRawBufferPointer, to buffer: borrowing DeviceBuffer, at offset: Int = 0
    ) throws(OpenCLError) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        let handle = buffer.handle
        try enqueue("clEnqueueWriteBuffer", .upload(bytes.count)) { event in
            context.library.table.enqueueWriteBuffer(
                context.compute, handle, 1, offset, bytes.count, base, 0, nil, event)
        }
    }

    private func writeByLanes(
        _ bytes: UnsafeRawBufferPointer, to buffer: borrowing DeviceBuffer, at offset: Int
    ) throws(OpenCLError) {
        try requirePresent("clEnqueueWriteBuffer")
        let lanes: UploadLanes
        if let uploads {
            lanes = uploads
        } else {
            var memory: [[StagingBuffer]] = []
            for _ in 0..<tuning.uploadThreads {
                var slots: [StagingBuffer] = []
                for _ in 0..<UploadLanes.slots {
                    slots.append(try allocateStaging(UploadLanes.pieceBytes))
                }
                memory.append(slots)
            }
            lanes = UploadLanes(context, memory: memory)
            uploads = lanes
        }
        let sent = try lanes.upload(bytes, to: buffer.handle, at: offset, isSecret: buffer.isSecret)
        for (byteCount, event) in sent { meter?.add(.upload(byteCount), event) }
    }

    /// Copies device memory to the host when everything before it has been done.
    package func read(
        _ buffer: borrowing DeviceBuffer, at offset: Int = 0, into bytes: UnsafeMutableRawBufferPointer
    ) throws(OpenCLError) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        try require(offset, bytes.count, in: buffer)
        let handle = buffer.handle
        try enqueue("clEnqueueReadBuffer", .download(bytes.count)) { event in
            context.library.table.enqueueReadBuffer(
                context.compute, handle, 1, offset, bytes.count, base, 0, nil, event)
        }
    }

    /// Starts a copy of staged memory to the device, beside the kernels.
    ///
    /// - Parameter after: what must have ended before, such as the last kernel that reads what is
    ///   overwritten.
    /// - Returns: its end; until then neither the staged memory nor the buffer's may be used.
    package func upload(
        _ staging: StagingBuffer, count: Int, to buffer: borrowing DeviceBuffer, at offset: Int = 0,
        after: DeviceEvent? = nil
    ) throws(OpenCLError) -> DeviceEvent {
        try require(offset, count, in: buffer)
        let handle = buffer.handle
        var wait: cl_event? = after?.handle
        let event = try enqueueEvent("clEnqueueWriteBuffer", .upload(count)) { event in
            withUnsafePointer(to: &wait) { wait in
                context.library.table.enqueueWriteBuffer(
                    context.transfer, handle, 0, offset, count, staging.bytes.baseAddress,
                    after == nil ? 0 : 1, after == nil ? nil : wait, event)
            }
        }
        try context.check(context.library.table.flush(context.transfer), "clFlush")
        return event
    }

    /// Makes all commands from here on wait for `event`.
    package func wait(for event: DeviceEvent) throws(OpenCLError) {
        var handle: cl_event? = event.handle
        try context.check(
            context.library.table.enqueueBarrierWithWaitList(context.compute, 1, &handle, nil),
            "clEnqueueBarrierWithWaitList")
    }

    /// The end of all commands up to here.
    package func marker() throws(OpenCLError) -> DeviceEvent {
        var event: cl_event?
        try context.check(
            context.library.table.enqueueBarrierWithWaitList(context.compute, 0, nil, &event),
            "clEnqueueBarrierWithWaitList")
        guard let event else { throw OpenCLError("a marker", 0, on: device.name) }
        try context.check(context.library.table.flush(context.compute), "clFlush")
        return DeviceEvent(context, event)
    }

    /// Fills 4-byte words, in order. Offset and count are in bytes, multiples of 4.
    package func fill(
        _ buffer: borrowing DeviceBuffer, with word: UInt32 = 0, at offset: Int = 0, count: Int? = nil
    ) throws(OpenCLError) {
        let count = count ?? buffer.byteCount - offset
        guard count > 0 else { return }
        try require(offset, count, in: buffer)
        let handle = buffer.handle
        try context.fill(handle, with: word, offset..<offset + count) { part throws(OpenCLError) in
            try enqueue("clEnqueueFillBuffer", .kernel("fill"), part)
        }
    }

    private func require(_ offset: Int, _ count: Int, in buffer: borrowing DeviceBuffer) throws(OpenCLError) {
        let size = buffer.byteCount
        guard offset >= 0 && count >= 0 && offset <= size - count else {
            throw OpenCLError(
                "a transfer", cl_int(CL_INVALID_VALUE), on: device.name,
                detail: "bytes \(offset) to \(offset + count) of a buffer of \(size)")
        }
    }

    // MARK: programs

    /// The program of that description, built on first use.
    ///
    /// - Throws: `.build` with the driver's log, or where it takes too long.
    package func program(_ description: ProgramDescription) throws(OpenCLError) -> DeviceProgram {
        if let program = programs[description.name] { return program }
        let builder = ProgramBuilder(
            context: context, cache: options.cache, timeLimit: options.buildTimeLimit)
        let program = try builder.build(description)
        programs[description.name] = program
        return program
    }

    /// Starts `groups` work-groups of a kernel, after everything before.
    package func launch(
        _ program: DeviceProgram, _ kernel: String, groups: Int,
        _ arguments: (inout KernelArguments) -> Void
    ) throws(OpenCLError) {
        guard groups > 0 else { return }
        let handle = try program.kernel(kernel)
        var list = KernelArguments(context, handle)
        arguments(&list)
        try context.check(list.status, "clSetKernelArg \(kernel)")
        var global = groups * program.workGroup
        var local = program.workGroup
        if options.faults?.strikes(.lostDevice) == true { isLost = true }
        try enqueue("clEnqueueNDRangeKernel \(kernel)", .kernel(kernel)) { event in
            context.library.table.enqueueNDRangeKernel(
                context.compute, handle, 1, nil, &global, &local, 0, nil, event)
        }
    }

    /// Hands all commands to the device and waits until they are done.
    package func finish() throws(OpenCLError) {
        try requirePresent("clFinish")
        try context.check(context.library.table.finish(context.compute), "clFinish")
    }

    /// A place where tests may have memory corrupted: one word of the buffer changes if the fault is armed.
    func pass(_ fault: DeviceFaults.Fault, _ buffer: borrowing DeviceBuffer, at offset: Int = 0)
        throws(OpenCLError)
    {
        guard options.faults?.strikes(fault) == true else { return }
        var word: UInt32 = 0
        try withUnsafeMutableBytes(of: &word) { bytes throws(OpenCLError) in
            try read(buffer, at: offset, into: bytes)
        }
        word ^= 1
        try withUnsafeBytes(of: &word) { bytes throws(OpenCLError) in try write(bytes, to: buffer, at: offset)
        }
    }

    // MARK: measuring

    /// Runs `body` and tells where the device's time went meanwhile.
    package func measuring<R>(_ body: (isolated DeviceQueue) throws -> R) throws -> (R, DeviceMetrics) {
        let outer = meter
        meter = DeviceMeter()
        defer { meter = outer }
        let result = try body(self)
        try finish()
        return (result, meter?.finish() ?? DeviceMetrics())
    }

    /// Adds to the count of field products that a computation needs.
    func count(products: Double) { meter?.count(products: products) }

    private func requirePresent(_ operation: String) throws(OpenCLError) {
        guard !isLost else {
            throw OpenCLError(operation, cl_int(CL_DEVICE_NOT_AVAILABLE), on: device.name)
        }
    }

    private func enqueue(
        _ operation: @autoclosure () -> String, _ command: DeviceMeter.Command,
        _ body: (UnsafeMutablePointer<cl_event?>?) -> cl_int
    ) throws(OpenCLError) {
        try requirePresent(operation())
        guard meter != nil else { return try context.check(body(nil), operation()) }
        _ = try enqueueEvent(operation(), command, body)
    }

    private func enqueueEvent(
        _ operation: @autoclosure () -> String, _ command: DeviceMeter.Command,
        _ body: (UnsafeMutablePointer<cl_event?>?) -> cl_int
    ) throws(OpenCLError) -> DeviceEvent {
        try requirePresent(operation())
        var handle: cl_event?
        try context.check(body(&handle), operation())
        guard let handle else { throw OpenCLError(operation(), 0, on: device.name, detail: "no event") }
        let event = DeviceEvent(context, handle)
        meter?.add(command, event)
        return event
    }
}
