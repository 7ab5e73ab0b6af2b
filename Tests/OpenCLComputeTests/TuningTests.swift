// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import OpenCLCompute
import ProofFixtures
import TestSupport
import Testing

/// Tuning changes how fast things are, and nothing else.
@Suite(.needsDevice) struct TuningTests {
    private static func queue(
        memory: Int? = nil, _ change: (inout DeviceTuning) -> Void
    ) throws -> DeviceQueue {
        let device = try #require(TestDevice.all.first)
        var tuning = DeviceTuning(for: device)
        change(&tuning)
        return try TestDevice.queue(DeviceOptions(memoryBudget: memory, tuning: tuning))
    }

    /// Digits placed one window after the other, few long segments, small groups, windows that are not the
    /// plan's.
    @Test func sumsAreTheSameHoweverTuned() throws {
        let queue = try Self.queue {
            $0.placedBytes = 1
            $0.pointGroup = 32
            $0.digitGroup = 128
            $0.segmentsPerUnit = 7
            $0.reducersPerUnit = 3
            $0.windowBits = 7
            $0.uploadThreads = 3
        }
        var suite = BackendConformance(SumBackend<BN254>(queue), seed: SeededGenerator.freshSeed())
        #expect(suite.msmFailures(large: 700) == [])
    }

    @Test(arguments: [4, 6, 14, 18]) func windowsOfSoManyBits(bits: Int) throws {
        let queue = try Self.queue {
            $0.windowBits = bits
            $0.placedBytes = 2 * 4 * 3000
        }
        var suite = BackendConformance(SumBackend<BLS12381>(queue), seed: SeededGenerator.freshSeed())
        #expect(suite.msmFailures(large: 100) == [])
    }

    @Test(arguments: [false, true]) func uploadsByThreads(isSecret: Bool) throws {
        let queue = try Self.queue { $0.uploadThreads = 3 }
        var generator = SeededGenerator.fresh()
        let bytes = (0..<(9 << 20) + 331).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let found = try queue.run { queue in
            let buffer = try queue.allocate(bytes.count + 64, "a test", isSecret: isSecret)
            var found = [UInt8](repeating: 0, count: bytes.count)
            // Twice: the second meets pinned memory that has been used.
            for _ in 0..<2 {
                try bytes.withUnsafeBytes { try queue.write($0, to: buffer, at: 64) }
                try found.withUnsafeMutableBytes { try queue.read(buffer, at: 64, into: $0) }
            }
            return found
        }
        #expect(found == bytes)
    }

    @Test func uploadsByThreadsAreMeasured() throws {
        let queue = try Self.queue { $0.uploadThreads = 2 }
        let metrics = try queue.run { queue in
            let buffer = try queue.allocate(5 << 20, "a test")
            return try queue.measuring { queue in
                try [UInt8](repeating: 1, count: 5 << 20).withUnsafeBytes { try queue.write($0, to: buffer) }
            }.1
        }
        #expect(metrics.uploadBytes == 5 << 20)
    }

    @Test func fillsInParts() throws {
        let queue = try Self.queue { $0.fillBytes = 4096 }
        let count = 5 * 4096 / 4 + 12
        let found = try queue.run { queue in
            let buffer = try queue.allocate(4 * count, "a test")
            try queue.fill(buffer, with: 1)
            // Within a part, over a border, over several.
            try queue.fill(buffer, with: 2, at: 4096 + 8, count: 16)
            try queue.fill(buffer, with: 3, at: 2 * 4096 - 8, count: 16)
            try queue.fill(buffer, with: 4, at: 3 * 4096 - 4, count: 4096 + 8)
            var found = [UInt32](repeating: 0, count: count)
            try found.withUnsafeMutableBytes { try queue.read(buffer, into: $0) }
            return found
        }
        var expected = [UInt32](repeating: 1, count: count)
        for word in 1026..<1030 { expected[word] = 2 }
        for word in 2046..<2050 { expected[word] = 3 }
        for word in 3071..<3071 + 1026 { expected[word] = 4 }
        #expect(found == expected)
    }

    @Test func secretBuffersAreUsedAgain() throws {
        let queue = try Self.queue(memory: 64 << 20) { _ in }
        let size = 4 << 20
        try queue.run { queue in
            do {
                let buffer = try queue.allocate(size, "a test", isSecret: true)
                try queue.fill(buffer, with: 0x5ec2_e7)
            }
            #expect(queue.allocatedBytes == 0 && queue.pooledBytes == size)
            do {
                let again = try queue.allocate(size, "a test", isSecret: true)
                #expect(queue.pooledBytes == 0 && queue.allocatedBytes == size)
                var words = [UInt32](repeating: 1, count: size / 4)
                try words.withUnsafeMutableBytes { try queue.read(again, into: $0) }
                #expect(words.allSatisfy { $0 == 0 })
            }
            #expect(queue.pooledBytes == size)
            // What waits makes room for what is needed, and for nothing that is not secret.
            let other = try queue.allocate(size, "a test")
            #expect(queue.pooledBytes == size)
            let large = try queue.allocate(60 << 20, "a test")
            #expect(queue.pooledBytes == 0)
            #expect(large.byteCount + other.byteCount == queue.allocatedBytes)
        }
    }

    @Test func littleWaitsToBeUsedAgain() throws {
        let queue = try Self.queue(memory: 64 << 20) { _ in }
        try queue.run { queue in
            for megabytes in 1...9 {
                _ = try queue.allocate(megabytes << 20, "a test", isSecret: true)
                #expect(queue.pooledBytes <= 8 << 20)
            }
            _ = try queue.allocate(3 << 20, "a test", isSecret: true)
            #expect(queue.pooledBytes >= 3 << 20)
            queue.evictAll()
            #expect(queue.pooledBytes == 0)
        }
    }
}
