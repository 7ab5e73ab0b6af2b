// SPDX-License-Identifier: Apache-2.0

import Foundations

/// What bounds a device's work, measured: integer multiply-adds and copies.
package enum PeakRates {
    /// Chains of multiply-adds and nothing else.
    package enum Chain: String, Sendable, CaseIterable {
        /// Low words of 32-bit products.
        case mad32 = "mad_chain"
        /// 64-bit products of 32-bit words, added to 64 bits.
        case mad32wide = "wide_mad_chain"
    }

    private static func description(for device: Device) -> ProgramDescription {
        ProgramDescription(
            name: "peak", files: ["peak.cl"], definitions: [], workGroup: device.isCPU ? 64 : 256)
    }

    private static let (factor, addend): (UInt32, UInt32) = (0x9e37_79b1, 0x85eb_ca6b)
    /// CHAINS · CHAIN_STEPS of peak.cl.
    private static let (chains, steps) = (8, 16)

    /// Multiply-adds a second of all the device's units; takes some tenths of a second.
    ///
    /// - Throws: `.wrongResult` where a chain ends with something else than on the CPU.
    package static func multiplyAdds(_ chain: Chain, on queue: isolated DeviceQueue) throws -> Double {
        let program = try queue.program(description(for: queue.device))
        let groups = max(16, queue.device.computeUnits * (queue.device.isCPU ? 4 : 32))
        let items = groups * program.workGroup
        let values = try queue.allocate(4 * items, "chains of multiply-adds")
        var rounds: UInt32 = 4
        while true {
            let (_, metrics) = try queue.measuring { queue in
                try queue.launch(program, chain.rawValue, groups: groups) {
                    $0.buffer(values)
                    $0.value(factor)
                    $0.value(addend)
                    $0.value(rounds)
                }
            }
            if rounds == 4 { try check(chain, values, items, rounds, on: queue) }
            let seconds = metrics.totalKernelSeconds
            if seconds >= 0.1 || rounds >= 1 << 22 {
                return Double(items * chains * steps) * Double(rounds) / max(seconds, 1e-9)
            }
            rounds *= 4
        }
    }

    private static func check(
        _ chain: Chain, _ values: borrowing DeviceBuffer, _ items: Int, _ rounds: UInt32,
        on queue: isolated DeviceQueue
    ) throws {
        var found = [UInt32](repeating: 0, count: items)
        try found.withUnsafeMutableBytes { bytes in try queue.read(values, into: bytes) }
        for item in [0, 1, items / 2, items - 1] where found[item] != expected(chain, item, rounds) {
            throw OpenCLError(
                kind: .wrongResult, operation: chain.rawValue, device: queue.device.name,
                detail: "work-item \(item)")
        }
    }

    private static func expected(_ chain: Chain, _ item: Int, _ rounds: UInt32) -> UInt32 {
        let count = steps * Int(rounds)
        switch chain {
        case .mad32:
            return (0..<chains).reduce(0) { sum, j in
                var x = UInt32(item + j)
                for _ in 0..<count { x = x &* factor &+ addend }
                return sum &+ x
            }
        case .mad32wide:
            let sum = (0..<chains).reduce(UInt64(0)) { sum, j in
                var x = UInt64(addend) << 32 &+ UInt64(item + j)
                for _ in 0..<count { x = UInt64(UInt32(truncatingIfNeeded: x)) &* UInt64(factor) &+ x }
                return sum &+ x
            }
            return UInt32(truncatingIfNeeded: sum ^ sum >> 32)
        }
    }

    // MARK: copies

    /// Bytes a second, the best of several.
    package struct Copies: Sendable {
        /// From and to pinned memory of the host.
        package var upload = 0.0
        package var download = 0.0
        /// From and to any other memory of the host.
        package var uploadUnpinned = 0.0
        package var downloadUnpinned = 0.0
        /// From any other memory of the host, as Martlet does it.
        package var uploadCopied = 0.0
        /// Within the device, bytes read and bytes written together.
        package var within = 0.0
    }

    /// Copies so many bytes, a multiple of 16, each way.
    ///
    /// - Throws: `.wrongResult` where other bytes come back.
    package static func copies(
        byteCount: Int, runs: Int = 5, on queue: isolated DeviceQueue
    ) throws -> Copies {
        let staging = try queue.allocateStaging(byteCount)
        var generator = SystemRandomNumberGenerator()
        let pattern = generator.next() | 1
        var host = (0..<byteCount / 8).map { pattern &* UInt64($0) }
        host.withUnsafeBytes { staging.bytes.copyMemory(from: $0) }
        let first = try queue.allocate(byteCount, "copies")
        let second = try queue.allocate(byteCount, "copies")
        let program = try queue.program(description(for: queue.device))
        let words = byteCount / 16
        var copies = Copies()
        func best(_ rate: inout Double, _ body: () throws -> Void) throws {
            let start = ContinuousClock.now
            try body()
            rate = max(rate, Double(byteCount) / start.secondsAgo)
        }
        for _ in 0..<runs {
            try best(&copies.upload) {
                try queue.upload(staging, count: byteCount, to: first).wait()
            }
            try best(&copies.within) {
                try queue.launch(program, "copy_words", groups: program.groups(for: words)) {
                    $0.buffer(first)
                    $0.buffer(second)
                    $0.value(UInt32(words))
                }
                try queue.finish()
            }
            staging.bytes.initializeMemory(as: UInt8.self, repeating: 0)
            try best(&copies.download) {
                try queue.read(second, into: staging.bytes)
            }
            guard host.withUnsafeBytes({ $0.elementsEqual(staging.bytes) }) else {
                throw OpenCLError(
                    kind: .wrongResult, operation: "copying \(byteCount) bytes there and back",
                    device: queue.device.name)
            }
            try best(&copies.uploadUnpinned) {
                try host.withUnsafeBytes { bytes in try queue.writeAtOnce(bytes, to: first) }
            }
            try best(&copies.uploadCopied) {
                try host.withUnsafeBytes { bytes in try queue.write(bytes, to: first) }
                try queue.finish()
            }
            try best(&copies.downloadUnpinned) {
                try host.withUnsafeMutableBytes { bytes in
                    try queue.read(first, into: bytes)
                }
            }
        }
        copies.within *= 2
        return copies
    }
}
