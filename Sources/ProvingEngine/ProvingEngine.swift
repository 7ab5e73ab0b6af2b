// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import Digests
package import Failures
import FiniteFields
package import Foundation
import Groth16
package import Outcomes
package import SnarkFormats

/// Which backend computes proofs.
public enum BackendChoice: String, CaseIterable, Sendable {
    /// For each proof what is fastest on this machine, as measured.
    case auto
    /// The CPU, with the kernels that suit it.
    case cpu
    /// The CPU, portable C only.
    case cpuPortable = "cpu-portable"
    /// OpenCL devices, and the CPU only for what they fail at.
    case opencl
}

/// Loads proving keys and makes verified proofs of files: what the worker and the command line share.
///
/// Safe to use from several threads. Calls block and are meant for dedicated threads, not for the cooperative
/// pool.
package final class ProvingEngine: Sendable {
    let parallel: Parallel
    let choice: BackendChoice
    private let pool: LazyPool
    let speeds: DeviceSpeeds
    let cpu: CPUBackends

    /// Chooses the kernels for the whole process.
    ///
    /// - Parameters:
    ///   - threads: how many threads one proof may use; 0 for all processors.
    ///   - devices: which OpenCL devices may be used, where the choice allows any.
    ///   - onIncident: called, from any thread, with what goes wrong on a device.
    /// - Throws: `.badInput` for an unknown or unsupported value of the environment variable `MARTLET_CPU`,
    ///   fewer than 0 threads, or a device that does not exist; `.infrastructure` where OpenCL is asked for
    ///   and there is none.
    package init(
        backend: BackendChoice, threads: Int = 0, devices: DeviceSettings = DeviceSettings(),
        onIncident: @escaping @Sendable (DeviceIncident) -> Void = { _ in }
    ) throws(JobFailure) {
        guard threads >= 0 && threads <= 4096 else {
            throw JobFailure(
                code: .badInput, retryable: false, message: "threads: \(threads) is not in 0…4096")
        }
        try Self.selectPath(backend)
        parallel = threads == 0 ? .allCores : Parallel(threads: threads)
        cpu = CPUBackends(parallel: parallel)
        choice = backend
        speeds = DeviceSpeeds(store: devices.profiles, threads: parallel.threads)
        switch backend {
        case .cpu, .cpuPortable: pool = LazyPool(nil)
        case .auto where devices.indices == nil:
            // A driver takes a while to open a device: only a proof that may be worth it waits for that.
            pool = LazyPool { try? DevicePool(devices, isAsked: false, onIncident: onIncident) }
        case .auto, .opencl:
            pool = LazyPool(try DevicePool(devices, isAsked: backend == .opencl, onIncident: onIncident))
        }
    }

    /// The OpenCL devices, opened on first use; `nil` where none is to be used.
    var devices: DevicePool? { pool.value }

    private static func selectPath(_ choice: BackendChoice) throws(JobFailure) {
        if choice == .cpuPortable {
            CPUPath.portable.select()
            return
        }
        do { try CPUPath.wished()?.select() } catch { throw JobFailure(error) }
    }

    /// What may compute, such as "cpu-adx" or "opencl:0, cpu-adx".
    package var backendName: String {
        ((devices?.devices.map(\.name) ?? []) + [cpu.name]).joined(separator: ", ")
    }

    /// What each device has done, by its name.
    package var deviceStatistics: [(device: String, statistics: DeviceStatistics)] {
        devices?.devices.map { ($0.fullName, $0.statistics) } ?? []
    }

    /// How many threads one proof uses.
    package var threads: Int { parallel.threads }

    /// Maps and checks a zkey and prepares its verifier.
    ///
    /// - Parameters:
    ///   - path: the zkey file.
    ///   - name: what errors call it, where that is not its path.
    ///   - multiples: how many bytes precomputed multiples of the key's points may take. They
    ///     shorten every proof and take a while to compute.
    /// - Throws: `.badInput` with file, place and reason.
    package func loadKey(
        path: String, named name: String? = nil, multiples: Int = 0
    ) throws(JobFailure) -> LoadedKey {
        do throws(FormatError) {
            let file = try MappedFile(path: path, named: name ?? path)
            let zkey = try ZKeyFile(file)
            let (material, bytes) = try zkey.material(multiples: multiples, parallel: parallel)
            return LoadedKey(name: name ?? path, zkey: zkey, material: material, multiples: bytes)
        } catch {
            throw JobFailure(error)
        }
    }

    /// Bytes of a witness' file, but for its values, at most.
    private static let witnessHeader = 4096

    /// What errors call a witness without a file's name; those that speak of the witness say it once.
    package static let unnamedWitness = "the witness"

    /// Proves a witness file and verifies the proof; the witness' memory is zeroed before this returns.
    ///
    /// With a circuit the key is compared with it, and the witness is checked first, so that the first
    /// violated constraint can be named.
    ///
    /// - Parameters:
    ///   - witnessPath: a file, `-` for standard input, or a pipe.
    ///   - name: what errors call it, where that is not its path.
    ///   - circuit: the circuit's files.
    ///   - observe: called with each phase as it begins.
    /// - Throws: `.badInput` for files that are wrong or of different circuits, `.unsatisfied` for a witness
    ///   that does not satisfy the circuit.
    package func prove(
        key: LoadedKey, witnessPath: String, named name: String? = nil, circuit: CircuitFiles? = nil,
        observe: @escaping @Sendable (JobPhase) -> Void = { _ in }
    ) throws(JobFailure) -> ProofOutput {
        let limit = Self.witnessHeader + 32 * key.variableCount
        return try prove(
            key: key,
            witness: { () throws(FormatError) in
                guard let name else {
                    return try MappedFile(input: witnessPath, limit: limit, access: .onDemand)
                }
                return try MappedFile(input: witnessPath, named: name, limit: limit, access: .onDemand)
            }, circuit: circuit, observe: observe)
    }

    /// The same with a witness in memory.
    package func prove(
        key: LoadedKey, witness: MemoryFile, observe: @escaping @Sendable (JobPhase) -> Void = { _ in }
    ) throws(JobFailure) -> ProofOutput {
        try prove(
            key: key,
            witness: { () throws(FormatError) in
                try MappedFile(reopening: witness.descriptor, name: witness.name)
            }, circuit: nil, observe: observe)
    }

    private func prove(
        key: LoadedKey, witness: () throws(FormatError) -> MappedFile, circuit: CircuitFiles?,
        observe: @escaping @Sendable (JobPhase) -> Void
    ) throws(JobFailure) -> ProofOutput {
        // Not by the material's own type: so what compares a key with a circuit, and a witness with it, is
        // compiled for each curve.
        try withSuite(key.curve) { (suite) throws(JobFailure) in
            try run(suite, key, witness, circuit, observe)
        }
    }

    private func run<Suite: ComputeSuite>(
        _: Suite.Type, _ key: LoadedKey, _ open: () throws(FormatError) -> MappedFile,
        _ circuit: CircuitFiles?, _ observe: @Sendable (JobPhase) -> Void
    ) throws(JobFailure) -> ProofOutput {
        guard let material = key.material as? KeyMaterial<Suite> else {
            preconditionFailure("the material is on the key's curve")
        }
        let stopwatch = Stopwatch()
        func begin(_ phase: JobPhase) {
            stopwatch.begin(phase.rawValue)
            observe(phase)
        }
        begin(.witness)
        let check = try circuit.map { (files) throws(JobFailure) in
            try WitnessCheck(files, key: material, keyPath: key.name, parallel)
        }
        let name: String
        let witness: SecretScalars<Suite.Fr>
        do throws(FormatError) {
            let file = try open()
            name = file.name
            witness = try WitnessFile(file).values(of: Suite.self, variableCount: key.variableCount)
        } catch {
            throw JobFailure(error)
        }
        try check?.require(witness, of: name)
        let made: ComputedProof<Suite>
        do {
            made = try makeProof(material, witness, on: cpu.backend(for: Suite.self)) { begin(JobPhase($0)) }
        } catch {
            if let check, error == .doesNotVerify { throw check.failureOfProof(keyPath: key.name) }
            throw JobFailure(error, about: name == Self.unnamedWitness ? nil : name)
        }
        let publics = (1..<key.publicCount + 1).compactMap { Suite.Fr(canonical: witness[$0]) }
        let timings = stopwatch.finish()
        let (proof, publicInputs) = (made.proof.json, PublicInputsJSON.text(publics))
        var output = ProofOutput(
            proofJSON: Data(proof.utf8), publicJSON: Data(publicInputs.utf8), facts: key.facts)
        output.facts.backend = made.backend
        output.facts.timings = timings
        output.facts.digests = .init(
            proof: SHA256Digest.hex(of: output.proofJSON), public: SHA256Digest.hex(of: output.publicJSON))
        return output
    }

    /// Verifies a proof and its public inputs in JSON, such as the files of a published job as read
    /// back.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of the key's circuit.
    package func verify(key: LoadedKey, proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Bool {
        try verify(key.material, proofJSON, publicJSON)
    }

    private func verify<Material: KeyMaterialOnCurve>(
        _ key: Material, _ proofJSON: Data, _ publicJSON: Data
    ) throws(JobFailure) -> Bool {
        let verifier = key.material.verifier
        do throws(FormatError) {
            let proof = try verifier.proof(json: MappedFile(copying: proofJSON, name: "proof.json"))
            let publics = try PublicInputsJSON.read(
                MappedFile(copying: publicJSON, name: "public.json"), of: Material.Suite.self,
                count: verifier.key.publicCount)
            return verifier.verify(
                proof, publicInputs: publics.map(\.canonical), parallel: parallel) == .valid
        } catch {
            throw JobFailure(error)
        }
    }
}

extension JobPhase {
    fileprivate init(_ phase: ProvingPhase) {
        switch phase {
        case .commitments: self = .commitments
        case .quotient: self = .quotient
        case .msmH: self = .msmH
        case .msmWitness: self = .msmWitness
        case .verify: self = .verify
        }
    }
}
