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

/// Every file that circom and snarkjs made is read, and says the same in each of its forms.
@Suite struct FixtureTests {
    @Test(arguments: Snarkjs.curves)
    func multiplierIsConsistent(curve: String) throws {
        let folder = Snarkjs.url("groth16-\(curve)-multiplier")
        let zkey = try ZKeyFile(MappedFile(folder.appending(path: "circuit_final.zkey")))
        #expect(zkey.header.proofSystem == .groth16)
        #expect(zkey.header.variableCount == 6 && zkey.header.publicCount == 2 && zkey.header.domainSize == 8)
        #expect(zkey.contributionCount == 1 && zkey.coefficientCount == 7)
        let vkey = try Groth16JSON.verifyingKey(MappedFile(folder.appending(path: "verification_key.json")))
        let r1cs = try AnyR1CS.load(MappedFile(folder.appending(path: "circuit.r1cs")))
        let witness = try WitnessFile(MappedFile(folder.appending(path: "witness.wtns"), access: .onDemand))
        try check(Groth16ZKey.load(zkey), vkey, r1cs, witness)
    }

    @Test(
        .enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES is not set"), arguments: ["poseidon30", "sha256"])
    func largerFixturesAreConsistent(name: String) throws {
        let folder = try #require(Fixtures.directory).appending(path: "groth16-bn128-\(name)")
        let vkey = try Groth16JSON.verifyingKey(MappedFile(folder.appending(path: "verification_key.json")))
        let r1cs = try AnyR1CS.load(MappedFile(folder.appending(path: "circuit.r1cs")))
        let witness = try WitnessFile(MappedFile(folder.appending(path: "witness.wtns"), access: .onDemand))
        let zkeyFile = try MappedFile(folder.appending(path: "circuit_final.zkey"))
        let key = try Groth16ZKey.load(zkeyFile, threads: 2)
        #expect(key is ProvingKey<BN254>)
        try check(key, vkey, r1cs, witness)
        let proof = try Groth16JSON.proof(MappedFile(folder.appending(path: "proof.json")), of: BN254.self)
        let text = try String(contentsOf: folder.appending(path: "proof.json"), encoding: .utf8)
        #expect(Groth16JSON.text(proof) == text.trimmingCharacters(in: .newlines))
    }

    /// The key is that of the verification key, its matrices are those of the constraint system, and the
    /// witness satisfies them.
    private func check<Key: ProvingKeyOnCurve>(
        _ read: Key, _ vkey: any VerifyingKeyOnCurve, _ r1cs: AnyR1CS, _ file: WitnessFile
    ) throws {
        typealias Suite = Key.Suite
        let key = read.key
        let verifyingKey = try #require(vkey as? VerifyingKeyFile<Suite>).key
        let system = try #require(r1cs.system(on: Suite.self))
        #expect(key.verifyingKey == verifyingKey)
        #expect(key.variableCount == system.wireCount && key.publicCount == system.publicCount)
        let witness = try file.values(of: Suite.self, variableCount: key.variableCount)
        #expect(witness.withSpan { system.firstViolated(by: $0) } == nil)
        let values = try (0..<witness.count).map { try #require(Suite.Fr(canonical: witness[$0])) }
        for constraint in Set((0..<min(system.constraintCount, 50)) + [system.constraintCount - 1]) {
            for matrix in 0..<2 {
                let expected = system.combination(matrix, of: constraint)
                    .reduce(Suite.Fr.zero) { $0 + $1.coefficient * values[Int($1.wire)] }
                let found = witness.withElements {
                    key.coefficients.product(matrix: matrix, row: constraint, witness: $0)
                }
                #expect(found == expected)
            }
        }
        for wire in 0...key.publicCount {
            let row = system.constraintCount + wire
            let found = witness.withElements { key.coefficients.product(matrix: 0, row: row, witness: $0) }
            #expect(found == values[wire])
        }
        #expect((0..<min(key.a.count, 100)).allSatisfy { key.a[$0].isValid && key.b2[$0].isValid })
    }

    @Test func aViolatedConstraintIsFound() throws {
        let any = try AnyR1CS.load(Snarkjs.file("groth16-bn128-multiplier/circuit.r1cs"))
        let system = try #require(any.system(on: BN254.self))
        #expect(any.system(on: BLS12381.self) == nil)
        let path = "malformed/w04_unsatisfied_private.wtns"
        let witness = try WitnessFile(Snarkjs.file(path)).values(of: BN254.self)
        #expect(witness.withSpan { system.firstViolated(by: $0) } != nil)
    }

    @Test(arguments: ["plonk-bn128-multiplier", "fflonk-bn128-multiplier"])
    func polynomialKeysAndProofs(folder: String) throws {
        try checkPolynomial(Snarkjs.url(folder), of: BN254.self)
    }

    @Test(.enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES is not set"))
    func plonkOnBLS12381() throws {
        try checkPolynomial(
            try #require(Fixtures.directory).appending(path: "plonk-bls12381-multiplier"), of: BLS12381.self)
    }

    private func checkPolynomial<Suite: CurveSuite>(_ folder: URL, of suite: Suite.Type) throws {
        let file = try MappedFile(folder.appending(path: "circuit_final.zkey"))
        let zkey = try ZKeyFile(file)
        #expect(zkey.header.curve == Suite.id && zkey.header.domainSize == 8 && zkey.header.publicCount == 2)
        #expect(zkey.header.variableCount == 7 && zkey.header.additionCount == 1)
        #expect(zkey.header.constraintCount == 5)
        let error = formatError { () throws(FormatError) in try Groth16ZKey.load(file) }
        #expect(
            error?.reason == .unsupportedProtocol(found: zkey.header.proofSystem.name, wanted: "groth16"))
        let vkey = try PolynomialJSON.verifyingKey(
            MappedFile(folder.appending(path: "verification_key.json")), of: suite)
        #expect(vkey.publicCount == 2 && vkey.power == 3 && vkey.proofSystem == zkey.header.proofSystem)
        let proof = try PolynomialJSON.proof(MappedFile(folder.appending(path: "proof.json")), of: suite)
        #expect(proof.proofSystem == zkey.header.proofSystem)
        #expect(proof.evaluations.count == (proof.proofSystem == .plonk ? 6 : 16))
        #expect(proof.commitments.count == (proof.proofSystem == .plonk ? 9 : 4))
    }

    @Test func threadsFindTheSameFirstFault() throws {
        // Above the size from which the check runs on several threads, with two damaged points.
        let any = try Groth16ZKey.load(Snarkjs.file("groth16-bn128-multiplier/circuit_final.zkey"))
        let key = try #require(any as? ProvingKey<BN254>)
        var raw = RawContainer(try Snarkjs.bytes("groth16-bn128-multiplier/circuit_final.zkey"))
        let point = withUnsafeBytes(of: key.a[0]) { Array($0) }
        let variables = 20_000
        var header = raw[2]
        header.replaceSubrange(72..<76, with: UInt32(variables).littleEndianBytes)
        raw[2] = header
        var table = Array(repeatElement(point, count: variables).joined())
        raw[6] = table
        raw[7] = [UInt8](repeating: 0, count: 128 * variables)
        raw[8] = [UInt8](repeating: 0, count: 64 * (variables - 3))
        for index in [19_000, 9_000, 9_001] { table[64 * index] ^= 1 }
        raw[5] = table
        let file = MappedFile(copying: raw.encoded, name: "damaged.zkey")
        for threads in 1...4 {
            let error = formatError { () throws(FormatError) in
                try Groth16ZKey.load(file, threads: threads)
            }
            #expect(
                error?.reason == .pointNotOnCurve && error?.place.index == 9_000 && error?.place.section == 5)
            #expect(error?.place.offset == raw.starts[5].map { $0 + 64 * 9_000 })
        }
    }
}

extension FixtureTests {
    /// The bound is far above what it takes (0.04 s), and far below what it takes when the check is not
    /// specialised.
    @Test(.enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES is not set"))
    func loadingALargeKeyIsFast() throws {
        let url = try #require(Fixtures.directory).appending(path: "groth16-bn128-sha256/circuit_final.zkey")
        let times = try (0..<3).map { _ in
            let file = try MappedFile(url)
            let start = ContinuousClock.now
            _ = try Groth16ZKey.load(file)
            return ContinuousClock.now - start
        }
        let fastest = try #require(times.min())
        print("34 MB zkey loaded and checked in \(fastest) on one thread")
        #expect(fastest < .milliseconds(500))
    }
}
