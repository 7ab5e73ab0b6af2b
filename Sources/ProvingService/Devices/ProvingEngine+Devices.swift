import Compute
import Curves
import Groth16

/// What computed a proof.
struct ComputedProof<Suite: CurveSuite> {
    var proof: Proof<Suite>
    var backend: String
}

extension ProvingEngine {
    /// Makes a verified proof on the device that suits it best, or on the CPU.
    ///
    /// What a device fails at or gets wrong is done again on the CPU, so that a device's fault costs time and nothing else.
    func makeProof<Suite: ProvingSuite>(
        _ material: KeyMaterial<Suite>, _ witness: SecretScalars<Suite.Fr>, on cpu: CPUBackend<Suite>,
        observe: (ProvingPhase) -> Void
    ) throws(ProvingError) -> ComputedProof<Suite> {
        func prove<Backend: ComputeBackend>(_ backend: Backend) throws(ProvingError) -> ComputedProof<Suite>
        where Backend.Suite == Suite {
            var generator = SystemRandomNumberGenerator()
            let proof = try Prover(backend: backend, parallel: parallel).prove(
                key: material.key, verifier: material.verifier, witness: witness, using: &generator,
                observe: observe)
            return ComputedProof(proof: proof, backend: backend.name)
        }
        guard let devices, let device = takeDevice(of: devices, for: Suite.self, material.key.domainSize)
        else { return try prove(cpu) }
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
            case .doesNotVerify:
                // The CPU decides whether the witness or the device is to blame.
                let made = try prove(cpu)
                devices.madeInvalidProof(device)
                return made
            case .compute, .witnessLength, .firstWireNotOne: throw error
            }
        }
    }

    /// A device for a proof; `nil` where the CPU is to make it.
    private func takeDevice<Suite: ProvingSuite>(
        of devices: DevicePool, for suite: Suite.Type, _ domainSize: Int
    ) -> ProvingDevice? {
        guard choice == .auto else { return devices.take(waits: true) { $0.first } }
        guard domainSize >= DeviceSpeeds.leastWorthwhile else { return nil }
        var seconds: [ObjectIdentifier: Double] = [:]
        for device in devices.devices where device.isHealthy {
            do {
                let profile = try speeds.profile(of: device, for: Suite.self)
                guard profile.prefersDevice(count: domainSize) else { continue }
                seconds[ObjectIdentifier(device)] = profile.seconds(\.device, count: domainSize)
            } catch {
                devices.failed(device, reason: error.description, isOutOfMemory: false)
            }
        }
        return devices.take(waits: false) { idle in
            idle.filter { seconds[ObjectIdentifier($0)] != nil }
                .min {
                    seconds[ObjectIdentifier($0), default: .infinity]
                        < seconds[ObjectIdentifier($1), default: .infinity]
                }
        }
    }
}
