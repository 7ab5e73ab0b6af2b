// SPDX-License-Identifier: Apache-2.0

import Compute
import Failures
import Foundations
import OpenCLCompute
import Synchronization

/// A pool that is made on first use, unless it is there already.
final class LazyPool: Sendable {
    private enum State {
        case unmade(@Sendable () -> DevicePool?)
        case made(DevicePool?)
    }

    private let state: Mutex<State>

    init(_ pool: DevicePool?) { state = Mutex(.made(pool)) }

    init(_ make: @escaping @Sendable () -> DevicePool?) { state = Mutex(.unmade(make)) }

    /// The pool; `nil` where it has no device.
    var value: DevicePool? {
        state.withLock { state in
            let pool: DevicePool? =
                switch state {
                case .made(let pool): pool
                case .unmade(let make): make()
                }
            state = .made(pool)
            return pool.flatMap { $0.devices.isEmpty ? nil : $0 }
        }
    }
}

/// The devices of an engine: hands each to one proof at a time, and takes those out of service that cannot be
/// trusted.
final class DevicePool: Sendable {
    let devices: [ProvingDevice]
    /// Devices that no proof uses, the one idle longest first.
    private let idle: Monitor<[ProvingDevice]>
    let onIncident: @Sendable (DeviceIncident) -> Void

    /// Opens the chosen devices.
    ///
    /// - Throws: `.infrastructure` where OpenCL was asked for and no device can be used.
    init(
        _ settings: DeviceSettings, isAsked: Bool, onIncident: @escaping @Sendable (DeviceIncident) -> Void
    ) throws(JobFailure) {
        var queues: [DeviceQueue] = []
        var reasons: [String] = []
        for device in try settings.choose(isAsked: isAsked) {
            do {
                queues.append(try DeviceQueue(device, options: settings.options))
            } catch {
                reasons.append(error.message)
                onIncident(.unusable(device: device.name, reason: error.message))
            }
        }
        if isAsked && queues.isEmpty {
            let reason = reasons.isEmpty ? "OpenCL lists no device" : reasons.joined(separator: "; ")
            throw JobFailure(code: .infrastructure, message: "OpenCL was asked for: \(reason)")
        }
        if settings.isSplit {
            devices = queues.isEmpty ? [] : [ProvingDevice(queues)]
        } else {
            devices = queues.map { ProvingDevice([$0]) }
        }
        idle = Monitor(devices)
        self.onIncident = onIncident
    }

    /// Takes a device out of the idle ones; it must be given back.
    ///
    /// - Parameters:
    ///   - waits: whether to wait for one that is busy.
    ///   - choose: the choice among the idle devices; `nil` takes none.
    func take(waits: Bool, choose: ([ProvingDevice]) -> ProvingDevice?) -> ProvingDevice? {
        idle.wait { idle -> ProvingDevice?? in
            idle.removeAll { !$0.isHealthy }
            guard idle.isEmpty else {
                let device = choose(idle)
                idle.removeAll { $0 === device }
                return .some(device)
            }
            // Nothing yet, or nothing at all.
            return waits && devices.contains(where: \.isHealthy) ? nil : .some(nil)
        }
    }

    func giveBack(_ device: ProvingDevice) { idle.change { $0.append(device) } }

    /// Counts a failed computation and finds out whether the device can go on.
    func failed(_ device: ProvingDevice, reason: String, isOutOfMemory: Bool) {
        device.count { $0.failures += 1 }
        onIncident(.failed(device: device.fullName, reason: reason))
        // A job that is too large for it says nothing about the device.
        if !isOutOfMemory { retest(device) }
    }

    /// Counts an invalid proof and finds out whether the device can go on: a second one is one too many.
    func madeInvalidProof(_ device: ProvingDevice) {
        device.count { $0.invalidProofs += 1 }
        onIncident(.invalidProof(device: device.fullName))
        guard device.statistics.invalidProofs < 2 else {
            return quarantine(device, "it made invalid proofs more than once")
        }
        retest(device)
    }

    private func retest(_ device: ProvingDevice) {
        do {
            try device.test()
            onIncident(.retested(device: device.fullName))
        } catch {
            quarantine(device, error.message)
        }
    }

    private func quarantine(_ device: ProvingDevice, _ reason: String) {
        device.count { $0.quarantine = reason }
        onIncident(.quarantined(device: device.fullName, reason: reason))
    }
}
