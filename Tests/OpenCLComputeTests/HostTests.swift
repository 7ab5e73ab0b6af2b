// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields
import Foundation
import OpenCLCompute
import Testing

@Suite(.needsDevice) struct DeviceTests {
    @Test func factsAreFilledIn() throws {
        for device in TestDevice.all {
            #expect(!device.name.isEmpty && !device.platform.isEmpty && !device.driverVersion.isEmpty)
            #expect(device.computeUnits > 0 && device.globalMemory > 1 << 20)
            #expect(device.maxAllocation > 1 << 20 && device.maxAllocation <= device.globalMemory)
            #expect(device.localMemory >= 16 << 10 && device.maxWorkGroup >= 64)
        }
    }

    @Test func partsOfADevice() throws {
        let device = try #require(TestDevice.all.first { $0.isCPU && $0.computeUnits >= 2 })
        let parts = try device.subDevices(2)
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { $0.computeUnits == device.computeUnits / 2 })
        #expect(throws: OpenCLError.self) { try device.subDevices(device.computeUnits + 1) }
    }
}

@Suite(.needsDevice) struct QueueTests {
    @Test func memoryComesBackAsItWent() throws {
        let queue = try TestDevice.shared.get()
        let words = (0..<1000).map { UInt32(truncatingIfNeeded: $0 &* 2_654_435_761) }
        let found = try queue.run { queue in
            let buffer = try queue.allocate(4400, "a test", isSecret: true)
            try words.withUnsafeBytes { try queue.write($0, to: buffer, at: 400) }
            try queue.fill(buffer, with: 7, at: 4000, count: 400)
            var found = [UInt32](repeating: 0, count: 1000)
            try found.withUnsafeMutableBytes { try queue.read(buffer, at: 400, into: $0) }
            return found
        }
        #expect(Array(found.prefix(900)) == Array(words.prefix(900)))
        #expect(found.suffix(100).allSatisfy { $0 == 7 })
    }

    @Test func stagedUploadsAreWaitedFor() throws {
        let queue = try TestDevice.shared.get()
        let found = try queue.run { queue in
            let staging = try queue.allocateStaging(1 << 20)
            let buffer = try queue.allocate(1 << 20, "a test")
            let words = staging.bytes.bindMemory(to: UInt32.self)
            for i in words.indices { words[i] = UInt32(i) }
            let event = try queue.upload(staging, count: 1 << 20, to: buffer, after: try queue.marker())
            try queue.wait(for: event)
            var last: UInt32 = 0
            try withUnsafeMutableBytes(of: &last) { try queue.read(buffer, at: (1 << 20) - 4, into: $0) }
            return last
        }
        #expect(found == (1 << 18) - 1)
    }

    @Test func transfersBeyondABufferAreRefused() throws {
        let queue = try TestDevice.shared.get()
        #expect(throws: OpenCLError.self) {
            try queue.run { queue in
                let buffer = try queue.allocate(64, "a test")
                try queue.fill(buffer, at: 32, count: 64)
            }
        }
    }

    @Test func buffersThatGoGiveTheirMemoryBack() throws {
        let queue = try TestDevice.queue()
        try queue.run { queue in
            for _ in 0..<3 {
                let buffer = try queue.allocate(1 << 20, "a test")
                #expect(queue.allocatedBytes == buffer.byteCount)
            }
        }
        #expect(queue.allocatedBytes == 0)
    }

    @Test func theBudgetIsKept() throws {
        let queue = try TestDevice.queue(DeviceOptions(memoryBudget: 1 << 20))
        let error = #expect(throws: OpenCLError.self) {
            try queue.run { queue in _ = try queue.allocate(2 << 20, "a large table") }
        }
        #expect(error?.kind == .outOfMemory)
        #expect(error?.message.contains("a large table") == true)
        #expect(error?.message.contains(queue.device.name) == true)
    }

    @Test func actorCallsRunOnTheQueuesThread() async throws {
        let queue = try TestDevice.shared.get()
        let bytes = try await queue.allocatedByOne()
        #expect(bytes > 0)
    }

    @Test func commandsAreMeasured() throws {
        let queue = try TestDevice.queue()
        let (_, metrics) = try queue.run { queue in
            try queue.measuring { queue in
                let buffer = try queue.allocate(1 << 16, "a test")
                try [UInt8](repeating: 1, count: 1 << 16).withUnsafeBytes { try queue.write($0, to: buffer) }
                var back = [UInt8](repeating: 0, count: 1 << 10)
                try back.withUnsafeMutableBytes { try queue.read(buffer, into: $0) }
            }
        }
        #expect(metrics.uploadBytes == 1 << 16 && metrics.downloadBytes == 1 << 10)
        #expect(metrics.uploadSeconds > 0 && metrics.downloadSeconds > 0)
    }
}

extension DeviceQueue {
    fileprivate func allocatedByOne() throws -> Int {
        let buffer = try allocate(1 << 10, "a test")
        return buffer.byteCount
    }
}

@Suite(.needsDevice) struct ProgramTests {
    /// Every variant of products that this device can build gives the CPU's results, for all four fields.
    @Test(arguments: [ProductVariant.limbs64, .limbs32])
    func fieldsAreRight(variant: ProductVariant) throws {
        try TestDevice.shared.get().run { queue in
            try FieldCheck<BN254.Fp>(variant: variant).run(on: queue)
            try FieldCheck<BN254.Fr>(variant: variant).run(on: queue)
            try FieldCheck<BLS12381.Fp>(variant: variant).run(on: queue)
            try FieldCheck<BLS12381.Fr>(variant: variant).run(on: queue)
        }
    }

    @Test func aProgramThatDoesNotCompileSaysWhy() throws {
        let queue = try TestDevice.queue(DeviceOptions(cache: nil))
        let broken = ProgramDescription(
            name: "broken", files: ["field.cl"], definitions: [("FIELD_WORDS", "8")], workGroup: 64)
        let error = #expect(throws: OpenCLError.self) {
            try queue.run { queue in _ = try queue.program(broken) }
        }
        #expect(error?.kind == .build)
        #expect(error?.message.contains("building broken") == true)
        #expect(error?.detail?.contains("field.cl") == true)
    }

    @Test func aBuildThatTakesTooLongEnds() throws {
        let queue = try TestDevice.queue(DeviceOptions(cache: nil, buildTimeLimit: 0))
        let error = #expect(throws: OpenCLError.self) {
            try queue.run { queue in try FieldCheck<BN254.Fp>(variant: .limbs32).run(on: queue) }
        }
        #expect(error?.kind == .build)
        #expect(error?.detail?.contains("0.0 seconds") == true)
    }

    /// The cache serves the second queue, and what is damaged in it is built anew.
    @Test func programsAreCached() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let options = DeviceOptions(cache: ProgramCache(directory: folder))
        func check() throws {
            try TestDevice.queue(options).run { queue in
                try FieldCheck<BN254.Fr>(variant: .limbs32).run(on: queue)
            }
        }
        func files() throws -> [URL] {
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        }
        try check()
        let file = try #require(try files().first)
        let content = try Data(contentsOf: file)
        let written = try file.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
        try check()
        #expect(try files().count == 1)
        #expect(
            try file.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate == written
        )
        var damaged = content
        damaged[damaged.count / 2] ^= 1
        try damaged.write(to: file)
        try check()
        #expect(try Data(contentsOf: file) != damaged)
    }

    /// PoCL keeps its programs itself, and nobody makes it compile them twice.
    @Test func theUsersCacheLeavesOutPoCL() throws {
        let device = try TestDevice.queue(DeviceOptions(cache: nil)).device
        let isPoCL = device.platform == "Portable Computing Language"
        #expect(ProgramCache.standard?.serves(device) != isPoCL)
        #expect(ProgramCache(directory: URL(filePath: "/nowhere")).serves(device))
    }
}

@Suite struct ErrorTests {
    @Test func errorsNameOperationStatusAndDevice() {
        let error = OpenCLError(
            kind: .command, operation: "clEnqueueReadBuffer", status: -5, device: "a device")
        #expect(error.message == "a device: clEnqueueReadBuffer failed: CL_OUT_OF_RESOURCES (-5)")
        #expect(OpenCLError.name(of: -12345) == "status -12345")
    }
}

@Suite struct ResidentTests {
    private final class Table: Resident {
        let byteCount: Int
        // What it holds: an object without a state of its own may be one that is never freed.
        private var content: [UInt8]

        init(byteCount: Int = 10) {
            self.byteCount = byteCount
            content = [UInt8](repeating: 1, count: byteCount)
        }
    }

    private final class Owner {}

    private func source(_ owner: Owner, _ address: UInt = 1) -> ResidentSource {
        ResidentSource(owner: owner, address: address, form: "a form")
    }

    @Test func theLeastRecentlyUsedGoesFirst() {
        var set = ResidentSet()
        let owner = Owner()
        for address in [UInt(1), 2] { set.insert(Table(), from: source(owner, address)) }
        let isFirstThere = set.find(source(owner, 1), as: Table.self) != nil
        let isEvicted = set.evictOne()
        let isSecondThere = set.find(source(owner, 2), as: Table.self) != nil
        let isFirstStillThere = set.find(source(owner, 1), as: Table.self) != nil
        #expect(isFirstThere && isEvicted && !isSecondThere && isFirstStillThere)
        #expect(set.byteCount == 10 && set.evictions == 1)
    }

    @Test func whatIsInUseStays() {
        var set = ResidentSet()
        let owner = Owner()
        set.insert(Table(), from: source(owner))
        let inUse = set.find(source(owner), as: Table.self)
        let isEvicted = set.evictOne()
        #expect(!isEvicted)
        withExtendedLifetime(inUse) {}
    }

    /// Another owner at the same address is another source, and a gone owner's residents go.
    @Test func aGoneOwnerIsForgotten() {
        var set = ResidentSet()
        var owner: Owner? = Owner()
        set.insert(Table(), from: source(owner!))
        let other = Owner()
        var found = set.find(source(other), as: Table.self)
        #expect(found == nil)
        owner = nil
        found = set.find(source(other))
        #expect(found == nil)
        #expect(set.count == 0)
    }
}
