// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import FuzzSupport
import Groth16
import TrustedSetup

@testable import SnarkFormats

/// The containers of snarkjs and circom, and the symbols that circom writes beside them.
enum BinaryTargets {
    static let all = [keys, groth16Keys, committedKeys, powersOfTau, r1cs, witness, symbols]

    /// Words of every container: magics, the primes with their length before them, sections and their sizes.
    private static let words: [[UInt8]] =
        ["zkey", "ptau", "r1cs", "wtns"].map { Array($0.utf8) }
        + CurveID.allCases.flatMap { curve in
            [KnownPrimes.base(curve), KnownPrimes.scalar(curve)].map {
                [UInt8](littleEndian: UInt32($0.count)) + $0
            }
        }
        + ([0, 1, 2, 3, 4, 7, 10, 101, 104, 1 << 28, 0x4d43_0001, .max] as [UInt32]).map {
            [UInt8](littleEndian: $0)
        }
        + ([0, 4, 12, 1 << 32, .max] as [UInt64]).map { [UInt8](littleEndian: $0) }

    private static func mapped(_ bytes: [UInt8]) -> MappedFile { MappedFile(copying: bytes, name: "fuzz") }

    /// The structure of proving keys of every proof system.
    private static let keys = FuzzTarget("zkey", lengthLimit: 22_000, vectors: [".zkey"], words: words) {
        bytes in
        let key = try ZKeyFile(mapped(bytes))
        _ = try FileSummary(key.file)
        demand(key.header.domainSize * 32 <= bytes.count, "a domain without points for it")
    }

    /// The contents of Groth16 keys. What is read is written, and that is read and written the same.
    private static let groth16Keys = FuzzTarget(
        "groth16-zkey", lengthLimit: 6_000,
        vectors: ["groth16-bn128-multiplier/circuit_final.zkey", "multiplier/circuit_final.zkey", ".zkey"],
        words: words
    ) { bytes in
        let file = try ZKeyFile(mapped(bytes))
        try check(Groth16ZKey.load(file), file)
    }

    private static func check<Key: ProvingKeyOnCurve>(_ read: Key, _ file: ZKeyFile) throws {
        typealias Suite = Key.Suite
        let key = read.key
        let transcript = try Groth16ZKey.transcript(of: file, Suite.self)
        for contribution in transcript.contributions {
            _ = (contribution.name, contribution.beacon, contribution.fault)
        }
        let first = written { try Groth16ZKey.write(key, transcript: transcript, to: $0) }
        let second = reread("key") {
            let file = try ZKeyFile(mapped(first))
            guard let key = try Groth16ZKey.load(file) as? ProvingKey<Suite> else {
                throw FuzzError.otherCurve
            }
            let transcript = try Groth16ZKey.transcript(of: file, Suite.self)
            return written { try Groth16ZKey.write(key, transcript: transcript, to: $0) }
        }
        demand(first == second, "a key that is read and written is another one")
        withExtendedLifetime(file) {}
    }

    /// Keys with commitments, their lists of wires and their history. What is read is written, and that is
    /// read and written the same.
    private static let committedKeys = FuzzTarget(
        "committed-zkey", lengthLimit: 8_000, words: words, seeds: { committed(contributions: 1) },
        read: { bytes in
            let file = try ZKeyFile(mapped(bytes))
            _ = try FileSummary(file.file)
            try check(CommittedZKey.load(file), file)
        })

    private static func check<Key: CommittedKeyOnCurve>(_ read: Key, _ file: ZKeyFile) throws {
        let key = read.committed
        for contribution in key.transcript.contributions {
            _ = (contribution.delta.name, contribution.delta.beacon, contribution.delta.fault)
        }
        let first = written { try CommittedZKey.write(key, to: $0) }
        let second = reread("key") {
            guard let key = try CommittedZKey.load(ZKeyFile(mapped(first))) as? CommittedKey<Key.Suite>
            else { throw FuzzError.otherCurve }
            return written { try CommittedZKey.write(key, to: $0) }
        }
        demand(first == second, "a key that is read and written is another one")
        withExtendedLifetime(file) {}
    }

    /// The same words each time, as seeds should be: SplitMix64.
    private struct Words: RandomNumberGenerator {
        private var state: UInt64 = 0

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    /// A key for two constraints, with a commitment to a wire and its mask.
    private static func committed(contributions: Int) -> [[UInt8]] {
        var system = R1CS<BN254.Fr>(
            wireCount: 5, publicOutputCount: 0, publicInputCount: 1, privateInputCount: 0)
        for wire in [2, 4, 1] as [UInt32] {
            system.append(combination: [R1CS.Term(wire: wire, coefficient: .one)])
        }
        for wire in [3, 0, 3] as [UInt32] {
            system.append(combination: [R1CS.Term(wire: wire, coefficient: .one)])
        }
        system.append(WireCommitment(committed: [2, 3], hashed: [1], challenge: 4))
        let parallel = Parallel(threads: 1)
        var generator = Words()
        guard let setup = CommittedSetup<BN254>(system, parallel: parallel),
            var key = try? setup.developmentKey(hash: .sha256, using: &generator)
        else { return [] }
        for _ in 0..<contributions {
            key = (try? key.contributing(name: "a", parallel: parallel, using: &generator)) ?? key
        }
        return [written { try CommittedZKey.write(key, to: $0) }]
    }

    /// Structure, contributions and points of powers of tau.
    private static let powersOfTau = FuzzTarget(
        "ptau", lengthLimit: 8_000, words: words,
        seeds: { ptau(BN254.self) + ptau(BLS12381.self) },
        read: { bytes in
            let powers = try PtauFile(mapped(bytes))
            let contributions = try powers.contributions()
            demand(contributions.count == powers.contributionCount, "contributions that are not there")
            _ = try FileSummary(powers.container.file)
            demand(try powers.exponent(ofFirstPowerOf: powers) == (powers.power == 0 ? nil : 1), "exponent")
            try withSuite(powers.curve) { try tables(powers, $0) }
        })

    private static func tables<Suite: ComputeSuite>(_ powers: PtauFile, _ suite: Suite.Type) throws {
        let n = 1 << powers.power
        _ = try powers.table(.tau1, 0..<2 * n - 1, of: suite, threads: 1)
        _ = try powers.table2(.tau2, 0..<n, of: suite, threads: 1)
        _ = try powers.table(.alphaTau1, 0..<n, of: suite, threads: 1)
        _ = try powers.table2(.beta2, 0..<1, of: suite, threads: 1)
        guard powers.isPrepared else { return }
        _ = try powers.table(.lagrangeTau1, 0..<4 * n - 1, of: suite, threads: 1)
        _ = try powers.table2(.lagrangeTau2, 0..<2 * n - 1, of: suite, threads: 1)
    }

    /// Powers of tau of powers 0 and 1, prepared or not, with a contribution or without: of points of their
    /// groups, but not of one secret.
    private static func ptau<Suite: CurveSuite>(_ suite: Suite.Type) -> [[UInt8]] {
        func points<Group>(_ group: Group.Type, _ count: Int) -> [UInt8] where Group: CurveGroup {
            let table = PointTable([Affine<Group>](repeating: .generator, count: count))
            defer { withExtendedLifetime(table.owner) {} }
            return Array(table.bytes)
        }
        func g1(_ count: Int) -> [UInt8] { points(Suite.G1.self, count) }
        func g2(_ count: Int) -> [UInt8] { points(Suite.G2.self, count) }
        return [(0, true, 0), (1, false, 1), (1, true, 2)].map { power, isPrepared, contributions in
            let n = 1 << power
            let prime = KnownPrimes.base(Suite.id)
            let numbers = [power, power].flatMap { [UInt8](littleEndian: UInt32($0)) }
            let contribution =
                g1(9) + g2(5) + [UInt8](repeating: 7, count: 216 + 64) + [UInt8](littleEndian: UInt32(0))
                + [UInt8](littleEndian: UInt32(3)) + [1, 1, 0x61]
            var sections: [(UInt32, [UInt8])] = [
                (1, [UInt8](littleEndian: UInt32(prime.count)) + prime + numbers), (2, g1(2 * n - 1)),
                (3, g2(n)),
                (4, g1(n)), (5, g1(n)), (6, g2(1)),
                (
                    7,
                    [UInt8](littleEndian: UInt32(contributions))
                        + (0..<contributions).flatMap { _ in contribution }
                ),
            ]
            if isPrepared {
                sections += [
                    (12, g1(4 * n - 1)), (13, g2(2 * n - 1)), (14, g1(2 * n - 1)), (15, g1(2 * n - 1)),
                ]
            }
            return Array("ptau".utf8) + [UInt8](littleEndian: UInt32(1))
                + [UInt8](littleEndian: UInt32(sections.count))
                + sections.flatMap { id, bytes in
                    [UInt8](littleEndian: id) + [UInt8](littleEndian: UInt64(bytes.count)) + bytes
                }
        }
    }

    /// Constraints. What is read is written, and that reads the same.
    private static let r1cs = FuzzTarget("r1cs", lengthLimit: 2_000, vectors: [".r1cs"], words: words) {
        bytes in
        let file = try R1CSFile(mapped(bytes))
        _ = try FileSummary(file.container.file)
        let any = try AnyR1CS.load(file)
        func check<Suite: ComputeSuite>(_ suite: Suite.Type) {
            guard let system = any.system(on: suite) else { return demand(false, "another curve") }
            let copy = written { try R1CSFile.write(system, of: suite, to: $0) }
            guard let again = reread("r1cs", { try AnyR1CS.load(mapped(copy)) }).system(on: suite) else {
                return demand(false, "another curve")
            }
            demand(system.hasSameConstraints(as: again), "other constraints")
            demand(system == again, "other wires")
        }
        withSuite(any.curve) { check($0) }
    }

    /// Witnesses. What is read is written, and that reads the same.
    private static let witness = FuzzTarget("wtns", lengthLimit: 2_000, vectors: [".wtns"], words: words) {
        bytes in
        let file = try WitnessFile(mapped(bytes))
        func check<Suite: CurveSuite>(_ suite: Suite.Type) throws {
            let values = try file.values(of: suite)
            let copy = written { try WitnessFile.write(values, of: suite, to: $0) }
            let again = reread("witness") { try WitnessFile(mapped(copy)).values(of: suite) }
            demand(
                values.count == again.count && (0..<values.count).allSatisfy { values[$0] == again[$0] },
                "other values")
        }
        try withSuite(file.curve) { try check($0) }
    }

    private static let multiplier = try? Vectors.bytes("snarkjs/groth16-bn128-multiplier/circuit.r1cs")

    /// Names of signals, for the multiplier's circuit.
    private static let symbols = FuzzTarget(
        "sym", lengthLimit: 1_000, words: ["main", "-1", ",", "\r\n", "main.x[3]"].map { Array($0.utf8) },
        seeds: {
            let labels = try R1CSFile(mapped(multiplier ?? []))
            let lines = try labels.container.withBytes(of: 3) { map in
                (1..<labels.wireCount).map { wire in
                    "\(map.littleEndianUInt64(at: 8 * wire)),\(wire),0,main.s[\(wire)]"
                }
            }
            return ["\n", "\r\n"].map {
                Array((lines + ["99,-1,1,main.gone", ""]).joined(separator: $0).utf8)
            }
        },
        read: { bytes in
            let circuit = try R1CSFile(mapped(multiplier ?? []))
            let names = try SignalNames(mapped(bytes), of: circuit)
            for wire in 1..<circuit.wireCount {
                demand(names.name(ofWire: wire)?.isEmpty == false, "a wire without a name")
            }
            demand(names.name(ofWire: circuit.wireCount) == nil, "a name for no wire")
        })
}

enum FuzzError: Error { case otherCurve }
