// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import VerifierContracts

/// Keys, proofs and contracts that the tests share.
enum ContractKeys {
    static let origin = ContractOrigin(
        generator: "martlet test", keyDigest: String(repeating: "ab", count: 32))

    static func text(_ key: VerifyingKey<BN254>, _ kind: ContractKind) throws -> ContractText {
        ContractText(
            vyper: try text(key, kind, .vyper), solidity: try? text(key, kind, .solidity))
    }

    static func text(
        _ key: VerifyingKey<BN254>, _ kind: ContractKind, _ language: ContractLanguage
    ) throws -> String {
        try VerifierContract(key, kind: kind, language: language, origin: origin).text
    }

    static func text(_ key: CommittedVerifyingKey<BN254>, _ kind: ContractKind) throws -> ContractText {
        ContractText(
            vyper: try text(key, kind, .vyper), solidity: try? text(key, kind, .solidity))
    }

    static func text(
        _ key: CommittedVerifyingKey<BN254>, _ kind: ContractKind, _ language: ContractLanguage
    ) throws -> String {
        try VerifierContract(key, kind: kind, language: language, origin: origin).text
    }

    /// Proofs of a real circuit with two public inputs, by the library's prover.
    struct Multiplier {
        let key: ProvingKey<BN254>
        let verifier: Verifier<BN254>
        let publicInputs: [BN254.Fr]
        private let witness: [BN254.Fr.Limbs]
        private let parallel = Parallel(threads: 2)

        init() throws {
            let folder = "snarkjs/groth16-bn128-multiplier"
            let any = try Groth16ZKey.load(
                MappedFile(path: Vectors.url("\(folder)/circuit_final.zkey").path))
            guard let key = any as? ProvingKey<BN254> else { throw CocoaError(.fileReadCorruptFile) }
            self.key = key
            verifier = Verifier(key.verifyingKey)
            let file = try WitnessFile(
                MappedFile(path: Vectors.url("\(folder)/witness.wtns").path, access: .onDemand))
            witness = try file.values(of: BN254.self).withElements { Array($0) }
            publicInputs = witness[1...key.publicCount].compactMap { BN254.Fr(canonical: $0) }
        }

        func prove(using generator: inout SeededGenerator) throws -> Proof<BN254> {
            try Prover(backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel).prove(
                key: key, verifier: verifier, witness: SecretScalars(witness), using: &generator)
        }
    }

    /// An item of a batch.
    static func item(_ proof: Proof<BN254>, _ inputs: [BN254.Fr]) -> ABIValue {
        .list(ABIValue.proof(proof) + (inputs.isEmpty ? [] : [.list(inputs.map(\.decimal))]))
    }

    /// A point of the twist that is not in the subgroup of order r.
    static func outsideSubgroup(_ generator: inout SeededGenerator) -> Affine<BN254.G2> {
        while true {
            let x = BN254.Fp2.random(using: &generator)
            guard let y = (x.squared() * x + BN254.G2.b).squareRoot() else { continue }
            let point = Affine<BN254.G2>(x: x, y: y)
            if point.isOnCurve && !BN254.G2.hasOrderDividingR(point) { return point }
        }
    }
}

/// Sums of numbers too large for a word, as decimal text: an alias of a number modulo something.
enum Alias {
    /// a + b for decimal numbers.
    static func sum(_ a: String, _ b: String) -> String {
        var (carry, digits) = (0, [Character]())
        let (x, y) = (Array(a.reversed()), Array(b.reversed()))
        for i in 0..<max(x.count, y.count) {
            let total =
                (i < x.count ? x[i].wholeNumberValue ?? 0 : 0)
                + (i < y.count ? y[i].wholeNumberValue ?? 0 : 0) + carry
            digits.append(Character(String(total % 10)))
            carry = total / 10
        }
        if carry > 0 { digits.append(Character(String(carry))) }
        return String(digits.reversed())
    }

    static func plusOrder(_ value: BN254.Fr) -> String { sum(value.decimal, BN254.Fr.modulus.decimal) }
    static func plusModulus(_ value: String) -> String { sum(value, BN254.Fp.modulus.decimal) }
}
