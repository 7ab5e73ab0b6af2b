// SPDX-License-Identifier: Apache-2.0

import Coordination
import Digests
import Failures
import Foundation
import Outcomes
import ProvingEngine
import RemoteWorker
import Synchronization
import SystemTestSupport
import TestSupport
import Testing

/// The circuit that all tests prove: small enough for a proof in milliseconds.
enum Multiplier {
    static let zkey = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit_final.zkey").path
    static let witness = Vectors.url("snarkjs/groth16-bn128-multiplier/witness.wtns").path
    static let unsatisfied = Vectors.url("snarkjs/malformed/w04_unsatisfied_private.wtns").path
    static let verifier = Result {
        try CircuitVerifier(
            verificationKeyJSON: Data(
                contentsOf: Vectors.url("snarkjs/groth16-bn128-multiplier/verification_key.json")))
    }

    static func verifies(_ folder: String) throws -> Bool {
        try verifier.get().verify(
            proofJSON: Data(contentsOf: URL(filePath: folder + "/proof.json")),
            publicJSON: Data(contentsOf: URL(filePath: folder + "/public.json")))
    }
}

struct ProverChildTests {
    static func command() throws -> [String] {
        [try BuiltProgram.url("martlet").path, "prover-child", "--threads", "1", "--backend", "cpu"]
    }

    static func request(
        _ folder: TemporaryFolder, zkey: String = Multiplier.zkey, digest: String? = nil,
        witness: String = Multiplier.witness
    ) -> ProverRequest {
        ProverRequest(
            id: UUID().uuidString, zkey: zkey, digest: digest, witness: witness,
            proof: folder.path("proof.json"), public: folder.path("public.json"))
    }

    @Test func provesOneAfterTheOther() async throws {
        let folder = try TemporaryFolder()
        let child = try ProverChild(try Self.command())
        defer { child.kill() }
        #expect(try await child.ready().threads == 1)
        let phases = Mutex<[JobPhase]>([])
        for _ in 0..<3 {
            let report = try await child.prove(Self.request(folder), circuit: "c") { phase in
                phases.withLock { $0.append(phase) }
            }
            #expect(report.timings?.phases.first?.phase == "key" && report.platform != nil)
            #expect(try Multiplier.verifies(folder.url.path))
        }
        #expect(phases.withLock { $0.filter { $0 == .key }.count } == 3)
        await #expect(throws: JobFailure.self) {
            _ = try await child.prove(Self.request(folder, witness: Multiplier.unsatisfied), circuit: "c") {
                _ in
            }
        }
        #expect(child.isAlive)
    }

    /// Whichever bit of a key has flipped, it is found before anything is computed with it, and is not the
    /// job's fault.
    @Test func aKeyIsVerifiedWheneverItIsMapped() async throws {
        let folder = try TemporaryFolder()
        let zkey = folder.path("key")
        var bytes = try Data(contentsOf: URL(filePath: Multiplier.zkey))
        let digest = SHA256Digest.hex(of: bytes)
        try bytes.write(to: URL(filePath: zkey))
        let child = try ProverChild(try Self.command())
        defer { child.kill() }
        let request = Self.request(folder, zkey: zkey, digest: digest)
        _ = try await child.prove(request, circuit: digest) { _ in }
        let place = Int.random(in: bytes.indices)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8)
        try bytes.write(to: URL(filePath: zkey))
        do {
            _ = try await child.prove(Self.request(folder, zkey: zkey, digest: digest), circuit: digest) {
                _ in
            }
            Issue.record("byte \(place) was changed, and nobody saw it")
        } catch {
            #expect(error.code == .infrastructure && error.message.contains("damaged"), "\(place): \(error)")
        }
    }

    @Test func aProverIsReplaced() async throws {
        let command = try Self.command()
        let pool = ProverPool(size: 1) { () throws(JobFailure) in try ProverChild(command) }
        let first = try await pool.take("c")
        let second = try await pool.replace(first)
        #expect(second !== first && second.isAlive)
        await pool.discard(second)
        // The turn is free again, and what was ended is not handed out.
        let third = try await pool.take("c")
        #expect(third !== second)
        await pool.give(third)
        await pool.close()
    }

    @Test func aDeathFailsOneProofAndThePoolStartsAnother() async throws {
        let folder = try TemporaryFolder()
        let command = try Self.command()
        let starts = Mutex(0)
        let pool = ProverPool(size: 1) { () throws(JobFailure) in
            // Only the first one has the fault.
            let isFirst = starts.withLock { count in
                count += 1
                return count == 1
            }
            return try ProverChild(
                command, environment: isFirst ? ["MARTLET_FAULT": "remote-mid-proof"] : [:])
        }
        let first = try await pool.take("c")
        do {
            _ = try await first.prove(Self.request(folder), circuit: "c") { _ in }
            Issue.record("the prover survived")
        } catch {
            #expect(error.code == .internal && error.message.contains("signal 9"))
        }
        #expect(!first.isAlive && !FileManager.default.fileExists(atPath: folder.path("proof.json")))
        await pool.give(first)

        let second = try await pool.take("c")
        _ = try await second.prove(Self.request(folder), circuit: "c") { _ in }
        #expect(try Multiplier.verifies(folder.url.path))
        #expect(starts.withLock { $0 } == 2)
        await pool.give(second)
        await pool.close()
    }

    @Test func aTurnThatIsCancelledIsGivenOn() async throws {
        let command = try Self.command()
        let pool = ProverPool(size: 1) { () throws(JobFailure) in try ProverChild(command) }
        let first = try await pool.take("c")
        let waiting = Task { try await pool.take("c") }
        waiting.cancel()
        await #expect(throws: JobFailure.self) { _ = try await waiting.value }
        await pool.give(first)
        let next = try await pool.take("c")
        #expect(next === first)
        await pool.give(next)
        await pool.close()
    }

    @Test func aProgramThatIsNoProverIsFoundOut() async throws {
        let child = try ProverChild(["/bin/false"])
        await #expect(throws: JobFailure.self) { _ = try await child.ready() }
        #expect(throws: JobFailure.self) { try ProverChild(["/nowhere/martlet"]) }
    }
}
