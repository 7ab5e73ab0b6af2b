// SPDX-License-Identifier: Apache-2.0

import Curves
import Digests
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TestSupport
import Testing

/// The hashes against known answers.
@Suite struct CommitmentHashTests {
    /// RFC 9380, appendix K.1.
    @Test func expandsAsInTheRFC() {
        let tag = Array("QUUX-V01-CS02-with-expander-SHA256-128".utf8)
        let messages = [
            "", "abc", "abcdef0123456789", "q128_" + String(repeating: "q", count: 128),
            "a512_" + String(repeating: "a", count: 512),
        ]
        let short = [
            "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235",
            "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615",
            "eff31487c770a893cfb36f912fbfcbff40d5661771ca4b2cb4eafe524333f5c1",
            "b23a1d2b4d97b2ef7785562a7e8bac7eed54ed6e97e29aa51bfe3f12ddad1ff9",
            "4623227bcc01293b8c130bf771da8c298dede7383243dc0993d2d94823958c4c",
        ]
        let long = [
            """
            af84c27ccfd45d41914fdff5df25293e221afc53d8ad2ac06d5e3e29485dadbee0d121587713a3e0dd4d5e69e93eb7cd4f5df4cd103e188c\
            f60cb02edc3edf18eda8576c412b18ffb658e3dd6ec849469b979d444cf7b26911a08e63cf31f9dcc541708d3491184472c2c29bb749d428\
            6b004ceb5ee6b9a7fa5b646c993f0ced
            """,
            """
            abba86a6129e366fc877aab32fc4ffc70120d8996c88aee2fe4b32d6c7b6437a647e6c3163d40b76a73cf6a5674ef1d890f95b664ee0afa5\
            359a5c4e07985635bbecbac65d747d3d2da7ec2b8221b17b0ca9dc8a1ac1c07ea6a1e60583e2cb00058e77b7b72a298425cd1b941ad4ec65\
            e8afc50303a22c0f99b0509b4c895f40
            """,
        ]
        for (message, expected) in zip(messages, short) {
            #expect(hexadecimal(ExpandMessage.sha256(Array(message.utf8), tag: tag, count: 32)) == expected)
        }
        for (message, expected) in zip(messages, long) {
            #expect(hexadecimal(ExpandMessage.sha256(Array(message.utf8), tag: tag, count: 128)) == expected)
        }
        #expect(ExpandMessage.sha256([], tag: tag, count: 0).isEmpty)
    }

    /// The digests of nothing and of "abc" are in Ethereum's documents; the others, around the block's size,
    /// are eth-hash's (Python).
    @Test func keccakIsEthereums() {
        let q = UInt8(ascii: "q")
        let cases: [([UInt8], String)] = [
            ([], "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            (Array("abc".utf8), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            (
                [UInt8](repeating: q, count: 135),
                "185a63a44dfbc2991f831da304441efa5ffdd2aff746276a62995fb8375eb7e7"
            ),
            (
                [UInt8](repeating: q, count: 136),
                "9885ca08e6e92da0bf0dac614d1bc7cc0b9d1f8d7a3c2cf77f51e58f58f7c4d3"
            ),
            (
                [UInt8](repeating: q, count: 137),
                "5a5741ea744b64051d809c58ff2a1bde6d135d1422e16885e0c2e43e05930be3"
            ),
            (
                Array(0...255) + Array(0...255),
                "f55ba327291604f0e5be6651752398b7be2331aad65f5763ce067df95cc13be1"
            ),
        ]
        for (message, expected) in cases {
            #expect(hexadecimal(Keccak256.bytes(of: message)) == expected, "\(message.count) bytes")
        }
    }

    /// Integers of any length are reduced, the modulus and what is above it among them.
    @Test func bytesAreReduced() {
        let modulus = (0..<32).map {
            UInt8(truncatingIfNeeded: BN254.Fr.modulus[3 - $0 / 8] >> UInt64(56 - 8 * ($0 % 8)))
        }
        #expect(BN254.Fr(reducingBigEndian: modulus) == .zero)
        #expect(BN254.Fr(reducingBigEndian: modulus + [7]) == 7)
        #expect(BN254.Fr(reducingBigEndian: []) == .zero)
        #expect(BN254.Fr(reducingBigEndian: [0, 1, 0]) == 256)
        #expect(BN254.Fr(reducingBigEndian: [1] + [UInt8](repeating: 0, count: 47)) == BN254.Fr(2).power(376))
    }

    private struct PoseidonVectors: Decodable {
        struct Challenge: Decodable { let scalar, x, y, challenge: String, values: [String] }
        struct Folding: Decodable { let challenges: [String], factor: String }
        let challenges: [Challenge], foldings: [Folding]
    }

    /// Known answers of Tests/Scripts/poseidon.py, which shares nothing with this.
    @Test func poseidonMakesChallenges() throws {
        var generator = SeededGenerator.fresh()
        func scalar(_ decimal: String) -> BN254.Fr {
            decimal.reduce(.zero) { $0 * 10 + BN254.Fr(UInt64($1.wholeNumberValue!)) }
        }
        let vectors: PoseidonVectors = try Vectors.json("commitment_hash/poseidon.json")
        #expect(vectors.challenges.count == 6 && vectors.foldings.count == 3)
        for vector in vectors.challenges {
            let values = vector.values.map(scalar)
            let key = try SimulatedCommittedKey<BN254>(
                publicCount: values.count, hashed: [Array(1..<values.count + 1)], hash: .poseidon,
                using: &generator
            ).verifyingKey
            let point = BN254.G1.generator.multiplied(by: scalar(vector.scalar)).affine
            #expect(point.x.decimal == vector.x && point.y.decimal == vector.y)
            #expect(key.challenge(0, of: point, known: values).decimal == vector.challenge)
        }
        for vector in vectors.foldings {
            let factor: BN254.Fr = CommitmentHash.poseidon.foldingFactor(vector.challenges.map(scalar))
            #expect(factor.decimal == vector.factor)
        }
    }

    /// On another curve than BN254 there are no such keys.
    @Test func poseidonIsForOneCurve() {
        var generator = SeededGenerator.fresh()
        #expect(throws: CommittedKeyFault.hashOfOtherField(.poseidon)) {
            try SimulatedCommittedKey<BLS12381>(
                publicCount: 0, hashed: [[]], hash: .poseidon, using: &generator)
        }
        #expect(CurveID.allCases.filter { CommitmentHash.poseidon.serves($0) } == [.bn254])
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
