// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import Failures
import FiniteFields
import Foundations
package import OpenCLCompute
import OpenCLGroth16

/// What `martlet devices` tells about one device.
package struct DeviceReport: Sendable, Encodable {
    /// How fast a device is, measured within ten seconds.
    package struct Score: Sendable, Encodable {
        /// Products in BN254's base field a second, in chains that depend on each other.
        package var productsPerSecond: Double
        /// Points a second of the largest sum in BN254's G1 that was measured, bases resident.
        package var pointsPerSecond: Double
        /// The logarithm of that sum's size.
        package var logSize: Int
    }

    package var index: Int
    package var name: String
    package var vendor: String
    package var platform: String
    package var platformVersion: String
    package var driverVersion: String
    package var version: String
    package var kind: Device.Kind
    package var computeUnits: Int
    package var clockMHz: Int
    /// Bytes.
    package var globalMemory: Int
    /// Bytes of the largest single buffer.
    package var maxAllocation: Int
    /// Bytes of a work-group's local memory.
    package var localMemory: Int
    package var maxWorkGroup: Int
    /// Whether it may serve: it passes its known-answer tests on BN254 and BLS12-381.
    package var passes: Bool
    /// Why it may not.
    package var reason: String?
    /// How products are computed, the fastest way that passes.
    package var products: String?
    /// Seconds until the programs of these two curves were loaded and tested.
    package var loadSeconds: Double?
    package var score: Score?

    init(_ device: Device) {
        index = device.index
        name = device.name
        vendor = device.vendor
        platform = device.platform
        platformVersion = device.platformVersion
        driverVersion = device.driverVersion
        version = device.version
        kind = device.kind
        computeUnits = device.computeUnits
        clockMHz = device.clockMHz
        globalMemory = device.globalMemory
        maxAllocation = device.maxAllocation
        localMemory = device.localMemory
        maxWorkGroup = device.maxWorkGroup
        passes = false
    }
}

/// Looks at the OpenCL devices of this machine.
package enum DeviceSurvey {
    /// All devices, each tested and, where wanted, measured for at most some ten seconds.
    ///
    /// - Parameter observe: called with the device under test.
    /// - Throws: `.infrastructure` where OpenCL cannot be loaded.
    package static func run(
        options: DeviceOptions = DeviceOptions(), measures: Bool, observe: (String) -> Void = { _ in }
    ) throws(JobFailure) -> [DeviceReport] {
        do {
            return try Device.all().map { device in
                observe(device.name)
                return report(device, options, measures: measures)
            }
        } catch {
            throw JobFailure(error)
        }
    }

    private static func report(_ device: Device, _ options: DeviceOptions, measures: Bool) -> DeviceReport {
        var report = DeviceReport(device)
        do {
            let queue = try DeviceQueue(device, options: options)
            let bn254 = OpenCLGroth16Backend<BN254>(queue)
            let start = ContinuousClock.now
            try bn254.test()
            try OpenCLGroth16Backend<BLS12381>(queue).test()
            report.loadSeconds = start.secondsAgo
            report.products = try bn254.variant().rawValue
            if measures { report.score = try score(bn254) }
            report.passes = true
        } catch {
            report.reason = "\(error)"
        }
        return report
    }

    private static func score(_ backend: OpenCLGroth16Backend<BN254>) throws -> DeviceReport.Score {
        let start = ContinuousClock.now
        var score = DeviceReport.Score(
            productsPerSecond: try backend.productsPerSecond(), pointsPerSecond: 0, logSize: 0)
        var generator = SystemRandomNumberGenerator()
        for log in [12, 14, 16, 18, 20] {
            let bases = BN254.G1.cpuMultiplesOfGenerator(1 << log)
            let scalars = SecretScalars<BN254.Fr>(
                (0..<1 << log).map { _ in BN254.Fr.random(using: &generator).montgomery })
            // The first brings the bases to the device.
            _ = try scalars.withElements { try backend.msm(bases, $0) }
            let begin = ContinuousClock.now
            _ = try scalars.withElements { try backend.msm(bases, $0) }
            let seconds = begin.secondsAgo
            score.pointsPerSecond = Double(1 << log) / seconds
            score.logSize = log
            // The next takes some four times as long, twice, and its inputs have to be made.
            if start.secondsAgo + 10 * seconds > 10 { break }
        }
        return score
    }
}
