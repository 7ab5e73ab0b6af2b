// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Digests
import FiniteFields
package import Foundation
import Foundations
import OpenCLCompute
import StrictJSON
import Synchronization

/// How long sums of points take on a device and on the CPU beside it: what is chosen by where both are
/// allowed.
///
/// A proof is five such sums and transforms that cost about as much as one; what is faster at the sums is
/// taken to be faster at the proof.
package struct DeviceProfile: Codable, Equatable {
    package struct Measurement: Codable, Equatable {
        package var logSize: Int
        /// Wall-clock seconds of one sum in G1, the bases resident.
        package var device: Double
        package var cpu: Double

        package init(logSize: Int, device: Double, cpu: Double) {
            self.logSize = logSize
            self.device = device
            self.cpu = cpu
        }
    }

    /// In ascending order of size, at least one.
    package var measurements: [Measurement]

    package init(measurements: [Measurement]) { self.measurements = measurements }

    /// Whether the device is faster at sums of `count` points: interpolated between the measured sizes, and
    /// beyond them in proportion to the size.
    package func prefersDevice(count: Int) -> Bool {
        seconds(\.device, count: count) < seconds(\.cpu, count: count)
    }

    package func seconds(_ side: KeyPath<Measurement, Double>, count: Int) -> Double {
        let log = log2(Double(max(1, count)))
        guard let first = measurements.first, let last = measurements.last else { return .infinity }
        if log <= Double(first.logSize) { return first[keyPath: side] }
        if log >= Double(last.logSize) {
            return last[keyPath: side] * exp2(log - Double(last.logSize))
        }
        for (a, b) in zip(measurements, measurements.dropFirst()) where log <= Double(b.logSize) {
            let part = (log - Double(a.logSize)) / Double(b.logSize - a.logSize)
            return a[keyPath: side] * pow(b[keyPath: side] / a[keyPath: side], part)
        }
        return last[keyPath: side]
    }

    /// Measures sums of 2¹⁰, 2¹³ and 2¹⁶ points; stops early on a device that takes seconds.
    static func measure<Suite: ComputeSuite>(
        _ device: some ComputeBackend<Suite>, parallel: Parallel
    ) throws(ComputeError) -> DeviceProfile {
        let cpu = CPUBackend<Suite>(parallel: parallel)
        var generator = SystemRandomNumberGenerator()
        var profile = DeviceProfile(measurements: [])
        for log in [10, 13, 16] {
            let bases = Suite.G1.cpuMultiplesOfGenerator(1 << log)
            let scalars = SecretScalars<Suite.Fr>(
                (0..<1 << log).map { _ in Suite.Fr.random(using: &generator).montgomery })
            let onDevice = try best { () throws(ComputeError) in
                try scalars.withElements { s throws(ComputeError) in _ = try device.msm(bases, s) }
            }
            let onCPU = try best { () throws(ComputeError) in
                try scalars.withElements { s throws(ComputeError) in _ = try cpu.msm(bases, s) }
            }
            profile.measurements.append(.init(logSize: log, device: onDevice, cpu: onCPU))
            if onDevice > 2 { break }
        }
        return profile
    }

    /// The least wall-clock time of two runs after one that warms up.
    private static func best(_ body: () throws(ComputeError) -> Void) throws(ComputeError) -> Double {
        try body()
        var least = Double.infinity
        for _ in 0..<2 {
            let start = ContinuousClock.now
            try body()
            least = min(least, start.secondsAgo)
        }
        return least
    }
}

/// Profiles on disk, one file for each device, processor path, number of threads and curve.
package struct DeviceProfileStore: Sendable {
    /// Where the files are.
    package let directory: URL

    package init(directory: URL) { self.directory = directory }

    /// Beside the compiled programs; `nil` where there is no place for a cache.
    package static var standard: DeviceProfileStore? {
        CacheFolder.standard.map { DeviceProfileStore(directory: $0.appending(path: "profiles")) }
    }

    func load(_ key: String) -> DeviceProfile? {
        guard let data = try? Data(contentsOf: file(key)),
            let profile = try? StrictJSONDecoder().decode(DeviceProfile.self, from: data),
            !profile.measurements.isEmpty,
            profile.measurements.allSatisfy({ $0.device > 0 && $0.cpu > 0 && (0..<32).contains($0.logSize) })
        else { return nil }
        return profile
    }

    /// A store that cannot be written to only costs the next measurement.
    func store(_ profile: DeviceProfile, under key: String) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(profile) else { return }
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try? data.write(to: file(key), options: .atomic)
    }

    private func file(_ key: String) -> URL {
        directory.appending(path: SHA256Digest.hex(of: Data(key.utf8)) + ".json")
    }
}

/// The profiles of an engine's devices: measured once, then remembered.
final class DeviceSpeeds: Sendable {
    private let store: DeviceProfileStore?
    private let known = Mutex<[String: DeviceProfile]>([:])
    private let threads: Int

    /// Sums shorter than this take the CPU less time than it takes to look for something better.
    static let leastWorthwhile = 1 << 12

    init(store: DeviceProfileStore?, threads: Int) {
        self.store = store
        self.threads = threads
    }

    /// The device's profile: remembered, or from the disk, or measured now.
    func profile<Suite: ComputeSuite>(
        of device: ProvingDevice, for suite: Suite.Type
    ) throws(ComputeError) -> DeviceProfile {
        let key = key(device, Suite.id)
        if let profile = known.withLock({ $0[key] }) ?? store?.load(key) {
            known.withLock { $0[key] = profile }
            return profile
        }
        let profile = try DeviceProfile.measure(
            device.backend(for: Suite.self), parallel: Parallel(threads: threads))
        known.withLock { $0[key] = profile }
        store?.store(profile, under: key)
        return profile
    }

    private func key(_ device: ProvingDevice, _ curve: CurveID) -> String {
        let devices = device.queues.map { "\($0.device.identity) of \($0.device.computeUnits) units" }
        return
            (devices + [
                CPUPath.current.rawValue, "\(threads) threads", curve.rawValue, MartletVersion.current,
            ])
            .joined(separator: "\n")
    }
}
