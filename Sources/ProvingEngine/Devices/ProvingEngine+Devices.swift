// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import Failures
import Groth16
import SnarkFormats
import TrustedSetup

/// What computed a proof.
struct ComputedProof<Suite: ComputeSuite> {
    var proof: Groth16Proof<Suite>
    var backend: String
}

extension ProvingEngine {
    /// Makes a verified proof on the device that suits it best, or on the CPU.
    ///
    /// What a device fails at or gets wrong is done again on the CPU, so that a device's fault costs time and
    /// nothing else.
    func makeProof<Suite>(
        _ key: KeyMaterial<Suite>, _ witness: SecretScalars<Suite.Fr>, on cpu: CPUBackend<Suite>,
        observe: (ProvingPhase) -> Void
    ) throws(ProvingError) -> ComputedProof<Suite> {
        func prove<Backend: Groth16Backend>(_ backend: Backend) throws(ProvingError) -> ComputedProof<Suite>
        where Backend.Suite == Suite {
            ComputedProof(
                proof: try key.prove(witness, on: backend, parallel, observe: observe),
                backend: backend.name)
        }
        guard let (devices, device) = takeDevice(for: Suite.self, key.tables.h.count) else {
            return try prove(cpu)
        }
        defer { devices.giveBack(device) }
        do throws(ProvingError) {
            let made = try prove(device.backend(for: Suite.self))
            device.count { $0.proofs += 1 }
            return made
        } catch {
            switch error {
            case .compute(.device(let reason, let isOutOfMemory)):
                defer { devices.failed(device, reason: reason, isOutOfMemory: isOutOfMemory) }
                return try prove(cpu)
            case .doesNotVerify, .challenge:
                // The CPU decides whether the witness or the device is to blame.
                let made = try prove(cpu)
                devices.madeInvalidProof(device)
                return made
            case .compute, .witnessLength, .firstWireNotOne, .otherKey: throw error
            }
        }
    }

    /// How proofs with this key will be computed, for people: where, and on each device by which plan.
    package func explanation(of key: LoadedKey) throws(JobFailure) -> String {
        try explanation(of: key.material)
    }

    private func explanation<Material: KeyMaterialOnCurve>(of key: Material) throws(JobFailure) -> String {
        let tables = key.material.tables
        let domainSize = tables.h.count
        var lines = ["domain of \(domainSize), \(tables.witness.a.count) wires"]
        if case .committed(let key, _) = key.material {
            let counts = key.provingKey.commitments.map { "\($0.wires.count)" }
            lines[0] += ", commitments to \(counts.joined(separator: ", ")) of them"
        }
        do throws(ComputeError) {
            for device in devices?.devices ?? []
            where device.isHealthy && ProvingDevice.takes(Material.Suite.self) {
                lines += try device.explanations(of: tables)
                guard choice == .auto, domainSize >= DeviceSpeeds.leastWorthwhile else { continue }
                let profile = try speeds.profile(of: device, for: Material.Suite.self)
                let (onDevice, onCPU) = (
                    profile.seconds(\.device, count: domainSize), profile.seconds(\.cpu, count: domainSize)
                )
                lines.append("measured, a sum of H: \(onDevice) s on the device, \(onCPU) s on the CPU")
            }
        } catch {
            throw JobFailure(code: .infrastructure, message: error.message)
        }
        lines.append("may compute: \(backendName)")
        return lines.joined(separator: "\n")
    }

    /// A device for a proof; `nil` where the CPU is to make it.
    private func takeDevice<Suite: ComputeSuite>(
        for suite: Suite.Type, _ domainSize: Int
    ) -> (DevicePool, ProvingDevice)? {
        guard ProvingDevice.takes(suite) else { return nil }
        guard choice == .auto else {
            return devices.flatMap { pool in pool.take(waits: true) { $0.first }.map { (pool, $0) } }
        }
        guard domainSize >= DeviceSpeeds.leastWorthwhile, let devices else { return nil }
        var seconds: [ObjectIdentifier: Double] = [:]
        for device in devices.devices where device.isHealthy {
            do {
                let profile = try speeds.profile(of: device, for: Suite.self)
                guard profile.prefersDevice(count: domainSize) else { continue }
                seconds[ObjectIdentifier(device)] = profile.seconds(\.device, count: domainSize)
            } catch {
                devices.failed(device, reason: error.message, isOutOfMemory: false)
            }
        }
        let device = devices.take(waits: false) { idle in
            idle.filter { seconds[ObjectIdentifier($0)] != nil }
                .min {
                    seconds[ObjectIdentifier($0), default: .infinity]
                        < seconds[ObjectIdentifier($1), default: .infinity]
                }
        }
        return device.map { (devices, $0) }
    }
}
