// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing

/// Proofs with gnark's proving keys, from the values of all wires.
@Suite struct GnarkProvingTests {
    private static func curve(_ folder: String) -> CurveID {
        folder.contains("bls12381") ? .bls12381 : .bn254
    }

    private static func url(_ path: String) -> URL { Vectors.url("gnark/\(path)") }

    private static func wires(_ folder: String) throws -> MappedFile {
        try MappedFile(secret: url("\(folder)/wires.txt").path, limit: 1 << 20)
    }

    /// What the tests need of one circuit.
    private struct Circuit<Suite: ComputeSuite> {
        var key: CommittedProvingKey<Suite>
        var verifyingKey: Groth16VerifyingKey<Suite>
        var witness: SecretScalars<Suite.Fr>
        let parallel = Parallel(threads: 2)

        init(_ folder: String, isRaw: Bool = false, hash: CommitmentHash = .sha256) throws {
            let constraints = try GnarkConstraints(Gnark.file("\(folder)/r1cs.bin"))
            key = try GnarkFiles.provingKey(
                Gnark.file("\(folder)/pk.\(isRaw ? "raw." : "")bin"), isRaw: isRaw, constraints: constraints,
                of: Suite.self)
            verifyingKey = try GnarkFiles.verifyingKey(
                Gnark.file("\(folder)/vk.bin"), isRaw: false, hash: hash, of: Suite.self)
            witness = try WireValues.read(
                GnarkProvingTests.wires(folder), of: Suite.Fr.self, count: constraints.wireCount)
        }

        var publicInputs: [Suite.Fr] {
            (1..<key.publicCount + 1).map { Suite.Fr(canonical: witness[$0]) ?? .zero }
        }

        func prove(
            _ witness: SecretScalars<Suite.Fr>? = nil, using generator: inout SeededGenerator
        ) throws(ProvingError) -> Groth16Proof<Suite> {
            let prover = CommittedProver(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel)
            let witness = witness ?? self.witness
            switch verifyingKey {
            case .plain(let plain):
                return .plain(
                    try prover.prove(
                        key: key, verifier: Verifier(plain), witness: witness, using: &generator))
            case .committed(let committed):
                return .committed(
                    try prover.prove(
                        key: key, verifier: CommittedVerifier(committed), witness: witness, using: &generator)
                )
            }
        }
    }

    /// The constraints are those of `about.txt`, and the wires satisfy them.
    @Test(arguments: Gnark.folders)
    func constraintsAreRead(_ folder: String) throws {
        func check<Suite: ComputeSuite>(_: Suite.Type) throws {
            let file = try GnarkConstraints(Gnark.file("\(folder)/r1cs.bin"))
            #expect(file.curve == Suite.id)
            let system = try file.system(over: Suite.Fr.self)
            let text = try String(contentsOf: Self.url("\(folder)/about.txt"), encoding: .utf8)
            let lines = text.split(separator: "\n").filter { $0.hasPrefix("(") }
            #expect(lines.count == system.constraintCount && system.constraintCount == file.constraintCount)
            for (constraint, line) in lines.enumerated() {
                let parts = line.replacing(") * (", with: "|").replacing(") = (", with: "|")
                    .trimmingCharacters(in: ["(", ")"]).split(
                        separator: "|", omittingEmptySubsequences: false)
                try #require(parts.count == 3)
                for (part, combination) in parts.enumerated() {
                    let expected = try combination.split(separator: " + ").map { term in
                        let sides = term.split(separator: ":")
                        let (text, wire) = (sides[0], try #require(UInt32(sides[1])))
                        let value = try #require(Suite.Fr(decimal: text.drop { $0 == "-" }))
                        return R1CS<Suite.Fr>.Term(
                            wire: wire, coefficient: text.hasPrefix("-") ? -value : value)
                    }
                    #expect(Array(system.combination(part, of: constraint)) == expected, "\(line)")
                }
            }
            let witness = try WireValues.read(
                Self.wires(folder), of: Suite.Fr.self, count: system.wireCount)
            #expect(witness.withSpan { system.firstViolated(by: $0) } == nil)
            for commitment in file.commitments {
                let wires = commitment.committed.map { "\($0)" }.joined(separator: " ")
                #expect(text.contains("private committed wires [\(wires)]"))
                #expect(text.contains("commitment wire \(commitment.challenge)"))
            }
            #expect(file.commitments.isEmpty == !text.contains("private committed wires"))
            // So that whoever knows no commitments refuses the system.
            #expect(system.commitments == file.commitments)
        }
        try withSuite(Self.curve(folder)) { try check($0) }
    }

    /// Lists as intcomp packs them; cut off or with another length they are none.
    @Test func packedIntegersAreIntcomps() throws {
        struct Entry: Decodable {
            var name: String
            var integers, words: [UInt32]
        }
        let entries: [Entry] = try Vectors.json("gnark/intcomp.json")
        #expect(entries.count == 5)
        for entry in entries {
            let (count, words) = (entry.integers.count, entry.words)
            #expect(GnarkIntegers.unpacked(words, limit: count) == entry.integers, "\(entry.name)")
            #expect(GnarkIntegers.unpacked(words, limit: count - 1) == nil)
            for length in 2..<words.count
            where GnarkIntegers.unpacked(
                Array(words[..<length]), limit: count) != nil
            {
                // What is left is whole blocks.
                #expect(Int(words[1]) + 1 == length, "\(entry.name), \(length) words")
            }
            // Integers that are there themselves are no differences from the one in front of them.
            for position in words.indices.dropLast() where entry.name != "random" || position != 2 {
                var changed = words
                changed[position] ^= 0xff
                #expect(GnarkIntegers.unpacked(changed, limit: count) != entry.integers)
            }
        }
        #expect(GnarkIntegers.unpacked([], limit: 0) == [])
    }

    @Test(arguments: Gnark.folders)
    func proofsAreMadeAndVerify(_ folder: String) throws {
        var generator = SeededGenerator.fresh()
        func check<Suite: ComputeSuite>(_: Suite.Type) throws {
            for isRaw in [false, true] {
                let circuit = try Circuit<Suite>(folder, isRaw: isRaw)
                let (first, second) = (
                    try circuit.prove(using: &generator), try circuit.prove(using: &generator)
                )
                #expect(first != second)
                try isVerifiedByOthers(first, circuit, folder, isRaw: isRaw)
            }
        }
        try withSuite(Self.curve(folder)) { try check($0) }
    }

    /// Written in gnark's form, it is read as what it was, and a verifier that shares no code takes it.
    private func isVerifiedByOthers<Suite: ComputeSuite>(
        _ proof: Groth16Proof<Suite>, _ circuit: Circuit<Suite>, _ folder: String, isRaw: Bool
    ) throws {
        let bytes = GnarkFiles.bytes(of: proof, isRaw: isRaw)
        #expect(
            bytes.count == (try Gnark.bytes("\(folder)/proof.\(isRaw ? "raw." : "")bin")).count)
        let file = MappedFile(copying: bytes, name: "proof.bin")
        #expect(try Groth16Files.proof(file, of: Suite.self) == proof)
        let publics = GnarkFiles.bytes(ofPublicInputs: circuit.publicInputs)
        #expect(try publics == Gnark.bytes("\(folder)/witness.public.bin"))
        // One encoding of each: it takes seconds.
        guard isRaw == folder.hasSuffix("bn254") else { return }
        try IndependentGnark.expectVerifies(
            vkey: Gnark.bytes("\(folder)/vk.bin"), publicInputs: publics, proof: bytes, curve: Suite.id,
            refusesAnother: folder.hasSuffix("public"))
    }

    /// gnark's own files are what our writers make of what our readers read.
    @Test(arguments: Gnark.cases)
    func filesAreWrittenAsGnarkDoes(_ a: Gnark.Case) throws {
        func check<Suite: ComputeSuite>(_: Suite.Type) throws {
            let isRaw = a.encoding == "raw.bin"
            let proof = try Groth16Files.proof(Gnark.file(a.file(a.proof)), of: Suite.self)
            #expect(try GnarkFiles.bytes(of: proof, isRaw: isRaw) == Gnark.bytes(a.file(a.proof)))
            let circuit = try Circuit<Suite>(a.folder)
            #expect(
                try GnarkFiles.bytes(
                    of: circuit.verifyingKey, beta1: circuit.key.beta1, delta1: circuit.key.delta1,
                    isRaw: isRaw) == Gnark.bytes(a.file("vk")))
        }
        try withSuite(Self.curve(a.folder)) { try check($0) }
    }

    /// Whichever wire is wrong, no proof goes out.
    @Test(arguments: ["groth16-bn254-commit-public", "groth16-bn254-commit-two"])
    func everyWrongWireIsRefused(_ folder: String) throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Circuit<BN254>(folder)
        let commitments = circuit.key.commitments
        if Gnark.commitmentCount(folder) == 1 {
            #expect(commitments.map(\.wires) == [[3, 4, 5]] && commitments.map(\.challengeWire) == [6])
        } else {
            #expect(commitments.map(\.wires) == [[3, 5], [4, 7]])
            #expect(commitments.map(\.challengeWire) == [6, 8])
        }
        for wire in 0..<circuit.witness.count {
            let witness = SecretScalars<BN254.Fr>(
                circuit.witness.withSpan { span in span.indices.map { span[$0] } })
            let other = BN254.Fr.random(using: &generator)
            witness.withMutableSpan { $0[wire] = other.canonical }
            let expected: ProvingError =
                switch (wire, commitments.count) {
                case (0, _): .firstWireNotOne
                // What is committed to, and what is hashed with it.
                case (1, _), (3, _), (5, _), (6, _), (4, 1): .challenge(wire: 6, commitment: 0)
                case (2, 2), (4, 2), (7, 2), (8, 2): .challenge(wire: 8, commitment: 1)
                default: .doesNotVerify
                }
            #expect(throws: expected, "wire \(wire)") { try circuit.prove(witness, using: &generator) }
        }
        let count = circuit.witness.count
        #expect(throws: ProvingError.witnessLength(expected: count, found: count - 1)) {
            try circuit.prove(SecretScalars(count: count - 1), using: &generator)
        }
    }

    /// Challenges of another hash, and a key of another circuit.
    @Test func whatDoesNotBelongTogetherIsNamed() throws {
        var generator = SeededGenerator.fresh()
        for folder in ["groth16-bn254-commit-public", "groth16-bn254-commit-two"] {
            let keccak = try Circuit<BN254>(folder, hash: .keccak256)
            #expect(throws: ProvingError.challenge(wire: 6, commitment: 0), "\(folder)") {
                try keccak.prove(using: &generator)
            }
        }
        let folder = "groth16-bn254-commit-public"
        var mixed = try Circuit<BN254>(folder)
        mixed.verifyingKey = try Circuit<BN254>("groth16-bn254").verifyingKey
        #expect(throws: ProvingError.otherKey) { try mixed.prove(using: &generator) }
        let constraints = try GnarkConstraints(Gnark.file("groth16-bn254/r1cs.bin"))
        let file = try Gnark.file("\(folder)/pk.bin")
        let error = formatError { () throws(FormatError) in
            try GnarkFiles.provingKey(
                file, isRaw: false, constraints: constraints, of: BN254.self)
        }
        #expect(error?.reason == .otherCircuit("the key has 12 wires and the circuit 29"))
    }

    /// The phases: a challenge, gnark's own, comes of the committed wires and of what is known before it
    /// alone.
    @Test(arguments: Gnark.folders.filter { Gnark.commitmentCount($0) > 0 })
    func commitmentsComeBeforeTheRest(_ folder: String) throws {
        func check<Suite: ComputeSuite>(_: Suite.Type) throws {
            let circuit = try Circuit<Suite>(folder)
            let prover = CommittedProver(
                backend: CPUBackend<Suite>(parallel: circuit.parallel), parallel: circuit.parallel)
            guard case .committed(let verifyingKey) = circuit.verifyingKey else {
                Issue.record("no key with commitments")
                return
            }
            var known = circuit.publicInputs
            #expect(circuit.key.commitments.count == Gnark.commitmentCount(folder))
            for (number, commitment) in circuit.key.commitments.enumerated() {
                let values = SecretScalars<Suite.Fr>(commitment.wires.map { circuit.witness[$0] })
                let point = try prover.commit(key: circuit.key, number: number, values: values)
                known.append(verifyingKey.challenge(number, of: point, known: known))
                #expect(known.last?.canonical == circuit.witness[commitment.challengeWire])
                #expect(throws: ComputeError.self) {
                    try prover.commit(
                        key: circuit.key, number: number,
                        values: SecretScalars(count: commitment.wires.count - 1))
                }
            }
        }
        try withSuite(Self.curve(folder)) { try check($0) }
    }

    /// A changed proving key is refused, or makes no proof.
    @Test func changedProvingKeysMakeNoWrongProof() throws {
        var generator = SeededGenerator.fresh()
        let folder = "groth16-bn254-commit-public"
        let circuit = try Circuit<BN254>(folder)
        let constraints = try GnarkConstraints(Gnark.file("\(folder)/r1cs.bin"))
        let sound = try Gnark.bytes("\(folder)/pk.raw.bin")
        var (refused, unproved, proved) = (0, 0, 0)
        for position in stride(from: Int.random(in: 0..<7, using: &generator), to: sound.count, by: 7) {
            var bytes = sound
            bytes[position] ^= UInt8.random(in: 1...255, using: &generator)
            var changed = circuit
            do throws(FormatError) {
                changed.key = try GnarkFiles.provingKey(
                    MappedFile(copying: bytes, name: "pk"), isRaw: true, constraints: constraints,
                    of: BN254.self)
            } catch {
                refused += 1
                continue
            }
            do throws(ProvingError) {
                _ = try changed.prove(using: &generator)
                proved += 1
            } catch {
                unproved += 1
            }
        }
        // Points without compression are off the curve when a byte changes.
        #expect(refused > 400 && proved == 0, "\(refused) refused, \(unproved) no proof, \(proved) proved")
        for count in stride(from: 0, to: sound.count, by: 31) {
            let file = MappedFile(copying: sound[..<count], name: "pk")
            #expect(throws: FormatError.self) {
                try GnarkFiles.provingKey(file, isRaw: true, constraints: constraints, of: BN254.self)
            }
        }
    }

    /// A changed constraint system is refused, or says something else than before that the key or the wires
    /// contradict, or the same: names and traces do not matter.
    @Test func changedConstraintSystemsAreNoTrap() throws {
        var generator = SeededGenerator.fresh()
        let sound = try Gnark.bytes("groth16-bn254-commit-public/r1cs.bin")
        var refused = 0
        for position in sound.indices {
            for mask in [1, 0x80, UInt8.random(in: 1...255, using: &generator)] {
                var bytes = sound
                bytes[position] ^= mask
                let file = MappedFile(copying: bytes, name: "r1cs.bin")
                do throws(FormatError) {
                    let read = try GnarkConstraints(file)
                    _ = try read.system(over: BN254.Fr.self)
                } catch {
                    refused += 1
                }
            }
        }
        #expect(refused > sound.count)
        for count in 0..<sound.count {
            let file = MappedFile(copying: sound[..<count], name: "r1cs.bin")
            #expect(throws: FormatError.self) { try GnarkConstraints(file) }
        }
    }

    @Test func wiresAreReadStrictly() throws {
        func reason(_ text: String, count: Int = 2) throws -> FormatError.Reason? {
            let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try Data(text.utf8).write(to: url)
            defer { try? FileManager.default.removeItem(at: url) }
            let file = try MappedFile(secret: url.path, limit: 1 << 20)
            do throws(FormatError) {
                let values = try WireValues.read(file, of: BN254.Fr.self, count: count)
                #expect(values[1] == BN254.Fr(5).canonical)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(try reason("0 1\n1 5\n") == nil)
        #expect(try reason("0 1\r\n1 5") == nil)
        let order = BN254.Fr.modulus.decimal
        #expect(try reason("0 1\n1 \(order)\n") == .valueOutOfRange(limit: "the group order"))
        #expect(
            try reason("0 1\n1 1\(String(repeating: "0", count: 90))\n")
                == .valueOutOfRange(limit: "the group order"))
        #expect(try reason("0 2\n1 5\n") == .witnessFirstNotOne)
        #expect(
            try reason("0 1\n1 5\n2 5\n")
                == .countMismatch(what: "wires in the witness", expected: 2, found: 3))
        for text in [
            "0 1\n2 5\n", "0 1\n1 05\n", "0 1\n1 -5\n", "0 1\n1  5\n", "0 1\n1\n", "0 1\n\n", "0 1\n1 x\n",
        ] {
            guard case .some(.malformedLine) = try reason(text) else {
                Issue.record("\(text) is read")
                continue
            }
        }
    }
}

/// `Tests/Scripts/verify_gnark.py`, where there is a Python with py_ecc.
enum IndependentGnark {
    private static let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    static func expectVerifies(
        vkey: [UInt8], publicInputs: [UInt8], proof: [UInt8], curve: CurveID, hash: CommitmentHash = .sha256,
        refusesAnother: Bool = false
    ) throws {
        guard let python else { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func run(_ proof: [UInt8]) throws -> Int32 {
            var arguments = [
                Vectors.directory.deletingLastPathComponent().appending(path: "Scripts/verify_gnark.py").path,
                "--curve", curve == .bn254 ? "bn254" : "bls12-381", "--hash", hash.rawValue,
            ]
            for (name, bytes) in [("vkey", vkey), ("public", publicInputs), ("proof", proof)] {
                let url = folder.appending(path: name)
                try Data(bytes).write(to: url)
                arguments += ["--\(name)", url.path]
            }
            let process = Process()
            process.executableURL = URL(filePath: python)
            process.arguments = arguments
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(try run(proof) == 0)
        guard refusesAnother else { return }
        // It does look: the sign of A is in its first byte.
        var wrong = proof
        wrong[0] ^= curve == .bn254 ? 0x40 : 0x20
        #expect(try run(wrong) == 1)
    }
}
