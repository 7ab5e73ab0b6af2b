// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields
import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `info`, `setup`, `zkey verify` and `prove --r1cs` with circuits as compilers write them, and with those of
/// other keys.
@Suite struct CircuitFileTests {
    typealias Fr = BN254.Fr
    private let ptau = Vectors.url("snarkjs/ptau/bn128_8.ptau").path

    private func run(
        _ arguments: [String], _ status: Int32 = 0, _ location: SourceLocation = #_sourceLocation
    ) throws -> MartletCommand.Outcome {
        let outcome = try MartletCommand.run(arguments)
        #expect(outcome.status == status, "\(outcome.output)\(outcome.errors)", sourceLocation: location)
        return outcome
    }

    /// Writes a file and gives its path.
    private func write(_ data: Data, _ name: String, _ folder: TemporaryFolder) throws -> String {
        try data.write(to: folder.url.appending(path: name))
        return folder.path(name)
    }

    private func developmentKey(_ r1cs: String, _ name: String, _ folder: TemporaryFolder) throws -> String {
        _ = try run(["setup", "groth16", "--r1cs", r1cs, "--insecure-dev", "--zkey", folder.path(name)])
        return folder.path(name)
    }

    private func prove(
        _ zkey: String, _ witness: String, _ r1cs: String, _ folder: TemporaryFolder, _ status: Int32,
        _ more: [String] = [], _ location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let proof = folder.path("proof-\(UUID().uuidString)")
        let outcome = try run(
            [
                "prove", "--zkey", zkey, "--witness", witness, "--r1cs", r1cs, "--proof", proof, "--public",
                proof + ".public",
            ] + more, status, location)
        #expect(FileManager.default.fileExists(atPath: proof) == (status == 0), sourceLocation: location)
        return outcome.errors
    }

    /// The header counts private inputs as they are declared; how many wires they have left is for the
    /// compiler to say.
    @Test func privateInputsMayBeGone() throws {
        var generator = SeededGenerator.fresh()
        let folder = try TemporaryFolder()
        for (declared, constraints, labels) in [(12, 0, nil), (.max, 0, 0), (1_000, 3, .max)]
            as [(UInt32, Int, UInt64?)]
        {
            var files = TestCircuit(
                wires: 4, outputs: 1, publicInputs: 1, privateInputs: declared, labels: labels)
            // Wire 3 is in no constraint where there is none.
            let y = Fr.random(using: &generator)
            files.constraints = Array(repeating: [[(2, 1)], [(3, 1)], [(1, 1)]], count: constraints)
            let x = Fr.random(using: &generator)
            let r1cs = try write(files.r1cs, "c.r1cs", folder)
            let info = try run(["info", r1cs, "--json"])
            #expect(labels == nil || info.output.contains("\"labels\" : \(labels ?? 0),"), "\(info.output)")
            #expect(info.output.contains("\"privateInputs\" : \(declared)"))
            let (first, second) = (folder.path("0.zkey"), folder.path("1.zkey"))
            _ = try run(["setup", "groth16", "--r1cs", r1cs, "--ptau", ptau, "--zkey", first])
            _ = try run(["zkey", "contribute", "--zkey", first, "--output", second])
            _ = try run(["zkey", "verify", "--r1cs", r1cs, "--ptau", ptau, "--zkey", second])
            let witness = try write(TestCircuit.wtns([1, x * y, x, y]), "w.wtns", folder)
            _ = try prove(second, witness, r1cs, folder, 0)
        }
        // Outputs and public inputs are wires always.
        for (outputs, publics) in [(2, 2), (0, 4), (4, 0), (.max, .max)] as [(UInt32, UInt32)] {
            let files = TestCircuit(wires: 4, outputs: outputs, publicInputs: publics)
            let r1cs = try write(files.r1cs, "few.r1cs", folder)
            #expect(try run(["info", r1cs], 2).errors.contains("4 wires cannot hold"))
        }
    }

    /// Options take the names that files may have.
    @Test(arguments: [
        ("bn254", "bn254"), ("ALT_BN128", "bn254"), ("BLS12-381", "bls12381"), ("bls12_381", "bls12381"),
    ])
    func curvesOfOptions(name: String, curve: String) throws {
        let folder = try TemporaryFolder()
        let made = folder.path("powers.ptau")
        _ = try run([
            "setup", "powersoftau", "--insecure-dev", "--curve", name, "--power", "1", "--ptau", made,
        ])
        #expect(try run(["info", made]).output.contains(curve))
        let wrong = [
            "setup", "powersoftau", "--insecure-dev", "--curve", "bn256", "--power", "1", "--ptau", made,
        ]
        #expect(try run(wrong, 2).errors.contains("bn256"))
    }

    /// Gates that are no rank-1 constraints would be lost: whoever makes or uses a key is told, and what
    /// there is can be looked at.
    @Test func customGatesAreRefusedByName() throws {
        let folder = try TemporaryFolder()
        let plain = try write(TestCircuit.sample.r1cs, "plain.r1cs", folder)
        let key = try developmentKey(plain, "plain.zkey", folder)
        let witness = try write(
            TestCircuit.wtns(TestCircuit.sampleWitness(x: 3, y: 7)), "w.wtns", folder)
        _ = try prove(key, witness, plain, folder, 0)
        let int = TestCircuit.integer
        let template =
            Array("RANGE_CHECK".utf8) + [0] + int(2, 4) + Fr(8).littleEndianBytes + Fr(9).littleEndianBytes
        let use = int(0, 4) + int(2, 4) + int(1, 8) + int(3, 8)
        let cases: [(sections: [(UInt32, [UInt8])], words: [String])] = [
            ([(4, int(1, 4) + template), (5, int(1, 4) + use)], ["RANGE_CHECK", "1 use"]),
            ([(4, int(1, 4) + template)], ["RANGE_CHECK", "0 uses"]),
            ([(5, int(3, 4) + use + use + use)], ["no template is named", "3 uses"]),
        ]
        for (sections, words) in cases {
            var files = TestCircuit.sample
            files.more = sections
            let r1cs = try write(files.r1cs, "gates.r1cs", folder)
            let made = folder.path("made.zkey")
            let outcomes = [
                try run(["setup", "groth16", "--r1cs", r1cs, "--insecure-dev", "--zkey", made], 2).errors,
                try run(["setup", "groth16", "--r1cs", r1cs, "--ptau", ptau, "--zkey", made], 2).errors,
                try run(["zkey", "verify", "--r1cs", r1cs, "--zkey", key], 2).errors,
                try run(["zkey", "verify", "--r1cs", r1cs, "--ptau", ptau, "--zkey", key], 2).errors,
                try prove(key, witness, r1cs, folder, 2),
            ]
            for errors in outcomes {
                for word in words + ["gates.r1cs", "custom gates"] {
                    #expect(errors.contains(word), "\(errors)")
                }
            }
            #expect(!FileManager.default.fileExists(atPath: made))
            let info = try run(["info", r1cs, "--json"]).output
            #expect(info.contains("\"customGates\" : true") && info.contains("\"constraints\" : 2"))
            #expect(info.contains("RANGE_CHECK") == words[0].contains("RANGE"))
        }
        var none = TestCircuit.sample
        none.more = [(4, int(0, 4)), (5, int(0, 4))]
        _ = try prove(key, witness, try write(none.r1cs, "none.r1cs", folder), folder, 0)
    }

    /// A circuit that is not the key's is said to be that, whatever the witness is.
    @Test func aKeyOfAnotherCircuitIsNamed() throws {
        var generator = SeededGenerator.fresh()
        let folder = try TemporaryFolder()
        let r1cs = try write(TestCircuit.sample.r1cs, "sample.r1cs", folder)
        let key = try developmentKey(r1cs, "sample.zkey", folder)
        let values = TestCircuit.sampleWitness(x: .random(using: &generator), y: .random(using: &generator))
        let witness = try write(TestCircuit.wtns(values), "w.wtns", folder)
        _ = try prove(key, witness, r1cs, folder, 0)
        func expect(
            _ words: [String], _ location: SourceLocation = #_sourceLocation,
            _ change: (inout TestCircuit) -> Void
        ) throws {
            var files = TestCircuit.sample
            change(&files)
            let other = try write(files.r1cs, "other.r1cs", folder)
            let errors = try prove(key, witness, other, folder, 2, [], location)
            for word in words + ["the key is not this circuit's", "sample.zkey", "other.r1cs"] {
                #expect(errors.contains(word), "\(errors)", sourceLocation: location)
            }
            #expect(!errors.contains("the witness"), "\(errors)", sourceLocation: location)
        }
        try expect(["matrix A", "constraint 1"]) { $0.constraints[1][0][1].coefficient = 3 }
        try expect(["matrix A", "constraint 0"]) { $0.constraints[0][0] = [] }
        try expect(["matrix A", "constraint 0"]) {
            $0.constraints[0][0].append((4, .random(using: &generator)))
        }
        try expect(["matrix B", "constraint 0"]) { $0.constraints[0][1][0].wire = 1 }
        try expect(["matrix A"]) { $0.constraints.swapAt(0, 1) }
        try expect(["5 wires", "6"]) { $0.wires = 6 }
        try expect(["2 public inputs", "1"]) { $0.publicInputs = 0 }
        try expect(["2^3", "2^4"]) { $0.constraints += Array(repeating: $0.constraints[0], count: 4) }
        // As many rows, other constraints: here the rows of public inputs differ.
        try expect(["matrix A", "constraint 2"]) { $0.constraints.append($0.constraints[0]) }
        // A zkey does not hold C: here only the missing proof tells.
        var files = TestCircuit.sample
        files.constraints[0][2].append((0, -Fr.one))
        let other = try write(files.r1cs, "other.r1cs", folder)
        let (x, y) = (values[2], values[3])
        let product = x * y + .one
        let satisfying = [Fr.one, (product + x + x) * (y - 5) + 1, x, y, product]
        let errors = try prove(
            key, try write(TestCircuit.wtns(satisfying), "c.wtns", folder), other, folder, 2)
        #expect(errors.contains("the key is not this circuit's") && errors.contains("C is not in a zkey"))
        #expect(!errors.contains("the witness violates"), "\(errors)")
        let bls = Vectors.url("snarkjs/groth16-bls12381-multiplier/circuit.r1cs").path
        #expect(try prove(key, witness, bls, folder, 2).contains("the key is not this circuit's"))
        // And the other way round: an unsatisfied witness is the witness' fault where key and circuit fit.
        var wrong = values
        wrong[4] += .one
        let violating = try write(TestCircuit.wtns(wrong), "v.wtns", folder)
        #expect(
            try prove(key, violating, r1cs, folder, 2).contains(
                "martlet: \(violating): the witness violates constraint 0"))
    }

    /// The order of a key's coefficients, and whether one is in several parts, is for its maker to choose.
    @Test func coefficientsInAnotherOrderAreTheSame() throws {
        var generator = SeededGenerator.fresh()
        let folder = try TemporaryFolder()
        let r1cs = try write(TestCircuit.sample.r1cs, "sample.r1cs", folder)
        let key = try developmentKey(r1cs, "sample.zkey", folder)
        let values = TestCircuit.sampleWitness(x: .random(using: &generator), y: .random(using: &generator))
        let witness = try write(TestCircuit.wtns(values), "w.wtns", folder)
        var sections = TestCircuit.sections(try Data(contentsOf: URL(filePath: key)))
        let index = try #require(sections.firstIndex { $0.id == 4 })
        let records = Array(sections[index].bytes.dropFirst(4))
        var parts = stride(from: 0, to: records.count, by: 44).map { Array(records[$0..<$0 + 44]) }
        // The first record as two that add up to it: the value's half, and half of it again.
        let value = try #require(Fr(littleEndian: parts[0][12...]))
        let half = value * (Fr(2).inverse() ?? .zero)
        parts[0].replaceSubrange(12..<44, with: half.littleEndianBytes)
        let record = parts[0]
        parts.append(record)
        parts.shuffle(using: &generator)
        sections[index].bytes = TestCircuit.integer(UInt64(parts.count), 4) + parts.joined()
        let shuffled = try write(TestCircuit.container("zkey", 1, sections), "shuffled.zkey", folder)
        _ = try prove(shuffled, witness, r1cs, folder, 0)
        // The half alone is another matrix.
        parts.remove(at: try #require(parts.firstIndex(of: record)))
        sections[index].bytes = TestCircuit.integer(UInt64(parts.count), 4) + parts.joined()
        let damaged = try write(TestCircuit.container("zkey", 1, sections), "damaged.zkey", folder)
        #expect(try prove(damaged, witness, r1cs, folder, 2).contains("the key is not this circuit's"))
    }

    /// A violated constraint is an equation with names; no value of the witness is in the message.
    @Test func violatedConstraintsAreNamedBySignal() throws {
        var generator = SeededGenerator.fresh()
        let folder = try TemporaryFolder()
        let r1cs = try write(TestCircuit.sample.r1cs, "sample.r1cs", folder)
        let key = try developmentKey(r1cs, "sample.zkey", folder)
        var values = TestCircuit.sampleWitness(x: .random(using: &generator), y: .random(using: &generator))
        values[1] += .one
        let witness = try write(TestCircuit.wtns(values), "w.wtns", folder)
        let unnamed = try prove(key, witness, r1cs, folder, 2)
        #expect(
            unnamed.contains("constraint 1 of ") && unnamed.contains(": (w4 + 2·w2) · (w3 − 5) = w1 − 1"),
            "\(unnamed)")
        let text = TestCircuit.sampleSymbols
        for (name, symbols) in [
            ("lf", text), ("crlf", text.replacingOccurrences(of: "\n", with: "\r\n")),
            ("open", String(text.dropLast())),
        ] {
            let sym = try write(Data(symbols.utf8), "\(name).sym", folder)
            let errors = try prove(key, witness, r1cs, folder, 2, ["--sym", sym])
            #expect(
                errors.contains(": (main.inner[0].xy + 2·main.x) · (main.y − 5) = main.out − 1\n"),
                "\(errors)")
            for value in values.dropFirst() {
                #expect(!errors.contains(value.decimal) && !errors.contains((-value).decimal))
            }
        }
        // Names of another circuit are refused, also where the witness is right.
        values[1] = values[1] - .one
        let good = try write(TestCircuit.wtns(values), "good.wtns", folder)
        let lines = text.split(separator: "\n").map(String.init)
        for (bad, words) in [
            (lines.dropFirst().joined(separator: "\n"), ["wire 1"]),
            (text + "6,5,0,main.more\n", ["line 6", "main.more is wire 5"]),
            (text.replacingOccurrences(of: "1,1,0", with: "9,1,0"), ["wire 1", "label 1"]),
            (text + "one line too many\n", ["line 6", "1 fields"]),
        ] {
            let sym = try write(Data(bad.utf8), "bad.sym", folder)
            let errors = try prove(key, good, r1cs, folder, 2, ["--sym", sym])
            for word in words + ["bad.sym"] { #expect(errors.contains(word), "\(errors)") }
        }
        _ = try prove(key, good, r1cs, folder, 0, ["--sym", folder.path("lf.sym")])
        let alone = ["prove", "--zkey", key, "--witness", good, "--sym", folder.path("lf.sym")]
        #expect(try run(alone, 2).errors.contains("--r1cs"))
    }
}
