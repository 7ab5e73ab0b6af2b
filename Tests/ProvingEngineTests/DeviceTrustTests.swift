// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Failures
import Foundation
import OpenCLCompute
import Outcomes
import ProvingEngine
import Synchronization
import SystemTestSupport
import TestSupport
import Testing

private enum Multiplier {
    static let zkey = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit_final.zkey").path
    static let witness = Vectors.url("snarkjs/groth16-bn128-multiplier/witness.wtns").path
    static let unsatisfied = Vectors.url("snarkjs/malformed/w04_unsatisfied_private.wtns").path
}

private let hasDevice = ((try? Device.all()) ?? []).contains { $0.obstacle == nil }

/// What the engine does when a device is at fault: no wrong proof leaves, and no job is lost.
@Suite(.serialized, .enabled(if: hasDevice, "no OpenCL device here"))
struct DeviceTrustTests {
    /// An engine on the first device, with a witness that it has proved already: programs are loaded and
    /// tested.
    private struct Bench {
        let faults = DeviceFaults()
        let engine: ProvingEngine
        let key: LoadedKey
        private let witness: String
        private let box = Box()

        init(
            _ zkey: String = Multiplier.zkey, _ witness: String = Multiplier.witness, parts: Int = 1,
            isSplit: Bool = false
        ) throws {
            self.witness = witness
            engine = try ProvingEngine(
                backend: .opencl, threads: 1,
                devices: DeviceSettings(
                    parts: parts, isSplit: isSplit, options: DeviceOptions(faults: faults), profiles: nil)
            ) { [box] in box.add($0) }
            key = try engine.loadKey(path: zkey)
            try expectProof(from: "opencl:0")
            #expect(taken == [])
        }

        /// The incidents since the last look.
        var taken: [DeviceIncident] { box.take() }

        var statistics: DeviceStatistics { engine.deviceStatistics[0].statistics }

        func expectProof(from backend: String) throws {
            let output = try engine.prove(key: key, witnessPath: witness)
            #expect(try engine.verify(key: key, proofJSON: output.proofJSON, publicJSON: output.publicJSON))
            let found = try #require(output.facts.backend)
            #expect(found.hasPrefix(backend), "\(found)")
        }
    }

    private final class Box: Sendable {
        private let incidents = Mutex<[DeviceIncident]>([])
        func add(_ incident: DeviceIncident) { incidents.withLock { $0.append(incident) } }
        func take() -> [DeviceIncident] {
            incidents.withLock { incidents in
                defer { incidents = [] }
                return incidents
            }
        }
    }

    private static func kinds(_ incidents: [DeviceIncident]) -> [String] {
        incidents.map {
            switch $0 {
            case .unusable: "unusable"
            case .failed: "failed"
            case .invalidProof: "invalid"
            case .retested: "retested"
            case .quarantined: "quarantined"
            }
        }
    }

    /// One wrong result: made anew on the CPU, the device is tested and goes on. A second one: quarantine.
    @Test(arguments: [DeviceFaults.Fault.wrongBucket, .wrongButterfly])
    func invalidProofsAreMadeAnew(fault: DeviceFaults.Fault) throws {
        let bench = try Bench()
        bench.faults.arm(fault, times: 1)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["invalid", "retested"])
        try bench.expectProof(from: "opencl:0")
        bench.faults.arm(fault, times: 1)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["invalid", "quarantined"])
        try bench.expectProof(from: "cpu")
        #expect(bench.taken == [])
        #expect(bench.statistics.proofs == 2 && bench.statistics.invalidProofs == 2)
        #expect(bench.statistics.quarantine != nil)
    }

    /// A device that is wrong always fails its tests and is out after the first proof.
    @Test func aBrokenDeviceIsQuarantinedAtOnce() throws {
        let bench = try Bench()
        bench.faults.arm(.wrongBucket)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["invalid", "quarantined"])
        #expect(bench.statistics.invalidProofs == 1)
    }

    @Test(arguments: [0, 1, 5, 17])
    func aDeviceLostBetweenKernels(after launches: Int) throws {
        let bench = try Bench()
        bench.faults.arm(.lostDevice, after: launches, times: 1)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["failed", "quarantined"])
        try bench.expectProof(from: "cpu")
        #expect(bench.statistics.failures == 1)
    }

    /// Want of memory is no fault of the device: the proof comes from the CPU, the next from the device
    /// again.
    @Test func failedAllocations() throws {
        let bench = try Bench()
        bench.faults.arm(.failedAllocation)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["failed"])
        bench.faults.disarm()
        try bench.expectProof(from: "opencl:0")
        #expect(bench.statistics.quarantine == nil)
    }

    /// A witness that does not satisfy the circuit is not held against the device.
    @Test func unsatisfiedWitnesses() throws {
        let bench = try Bench()
        let error = #expect(throws: JobFailure.self) {
            try bench.engine.prove(key: bench.key, witnessPath: Multiplier.unsatisfied)
        }
        #expect(error?.code == .unsatisfied)
        #expect(bench.taken == [] && bench.statistics.invalidProofs == 0)
    }

    /// Keys with commitments are proved on devices as others, and on the CPU where a device is at fault: also
    /// where its fault is in a commitment, whose challenge then is not the witness's.
    @Test func keysWithCommitments() throws {
        let bench = try Bench(Committed.zkey, Committed.witness)
        for witness in [Committed.otherChallenge, Committed.unsatisfied] {
            let error = #expect(throws: JobFailure.self) {
                try bench.engine.prove(key: bench.key, witnessPath: witness)
            }
            #expect(error?.code == .unsatisfied)
            #expect(bench.taken == [] && bench.statistics.invalidProofs == 0)
        }
        bench.faults.arm(.wrongBucket, times: 1)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["invalid", "retested"])
        try bench.expectProof(from: "opencl:0")
        bench.faults.arm(.wrongButterfly, times: 1)
        try bench.expectProof(from: "cpu")
        #expect(Self.kinds(bench.taken) == ["invalid", "quarantined"])
        #expect(bench.statistics.proofs == 2 && bench.statistics.invalidProofs == 2)
    }

    /// One proof per device: parts of one device take turns, and one that fails leaves the rest.
    @Test func severalDevices() throws {
        let bench = try Bench(parts: 2)
        try #require(bench.engine.deviceStatistics.count == 2)
        for _ in 0..<3 { try bench.expectProof(from: "opencl:") }
        #expect(bench.engine.deviceStatistics.map(\.statistics.proofs) == [2, 2])
        bench.faults.arm(.lostDevice, times: 1)
        try bench.expectProof(from: "cpu")
        for _ in 0..<2 { try bench.expectProof(from: "opencl:") }
        #expect(bench.engine.deviceStatistics.filter { $0.statistics.quarantine != nil }.count == 1)
    }

    @Test func severalThreadsShareADevice() throws {
        let bench = try Bench()
        let (engine, key) = (bench.engine, bench.key)
        let failures = Mutex(0)
        Parallel(threads: 4).forEach(8) { _ in
            let output = try? engine.prove(key: key, witnessPath: Multiplier.witness)
            if output?.facts.backend != "opencl:0" { failures.withLock { $0 += 1 } }
        }
        #expect(failures.withLock { $0 } == 0)
        #expect(bench.statistics.proofs == 9)
    }

    @Test func splitProofs() throws {
        let bench = try Bench(parts: 2, isSplit: true)
        try bench.expectProof(from: "opencl:0+opencl:1")
        #expect(bench.engine.deviceStatistics.count == 1)
    }

    @Test func unknownDevicesAreRefused() {
        let error = #expect(throws: JobFailure.self) {
            try ProvingEngine(backend: .opencl, devices: DeviceSettings(indices: [99]))
        }
        #expect(error?.code == .badInput && error?.message.contains("no OpenCL device") == true)
    }

    /// Small proofs go to the CPU without a look at the device.
    @Test func autoLeavesSmallProofsToTheCPU() throws {
        let engine = try ProvingEngine(
            backend: .auto, threads: 1, devices: DeviceSettings(indices: [0], profiles: nil))
        let output = try engine.prove(
            key: try engine.loadKey(path: Multiplier.zkey), witnessPath: Multiplier.witness)
        #expect(output.facts.backend?.hasPrefix("cpu") == true)
    }

    @Test func profilesAreInterpolated() {
        let profile = DeviceProfile(measurements: [
            .init(logSize: 10, device: 1, cpu: 0.5), .init(logSize: 14, device: 2, cpu: 8),
        ])
        #expect(!profile.prefersDevice(count: 1 << 10) && profile.prefersDevice(count: 1 << 14))
        #expect(!profile.prefersDevice(count: 5) && profile.prefersDevice(count: 1 << 20))
        #expect(abs(profile.seconds(\.device, count: 1 << 12) - 2.0.squareRoot()) < 1e-9)
        #expect(abs(profile.seconds(\.cpu, count: 1 << 12) - 2) < 1e-9)
        #expect(abs(profile.seconds(\.cpu, count: 1 << 16) - 32) < 1e-9)
    }
}
