// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnarkFormats
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct FileTests {
    private func temporaryFile(_ bytes: [UInt8]) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "martlet-formats-\(UUID().uuidString)")
        try Data(bytes).write(to: url)
        return url
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 1_000_001])
    func bytesAreThoseOfTheFile(count: Int) throws {
        var generator = SeededGenerator.fresh()
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let url = try temporaryFile(bytes)
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try MappedFile(url)
        file.advise(.sequential)
        #expect(file.count == count && file.withBytes { $0.array(0..<$0.byteCount) } == bytes)
        let lazily = try MappedFile(url, access: .onDemand)
        #expect(lazily.count == count && lazily.withBytes { $0.isEmpty })
        for file in [file, lazily] {
            let part = try file.read(at: count - count / 2, count: count / 2)
            #expect(part == Array(bytes.suffix(count / 2)))
        }
    }

    @Test func aFileThatShrinksIsTruncated() throws {
        let url = try temporaryFile([UInt8](repeating: 1, count: 100_000))
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try MappedFile(url, access: .onDemand)
        truncate(url.path(percentEncoded: false), 50_000)
        var target = [UInt8](repeating: 0, count: 100_000)
        let error = formatError { () throws(FormatError) in
            var elements = target.mutableSpan
            var bytes = elements.mutableBytes
            try file.copyBytes(at: 0, into: &bytes)
        }
        #expect(error?.reason == .truncated(needed: 100_000, available: 50_000))
    }

    @Test func onlyRegularFilesAreOpened() throws {
        let folder = FileManager.default.temporaryDirectory
        #expect(formatError { () throws(FormatError) in try MappedFile(folder) }?.reason == .isDirectory)
        #expect(
            formatError { () throws(FormatError) in try MappedFile(path: "/dev/zero") }?.reason
                == .notARegularFile)
        let missing = folder.appending(path: "martlet-no-such-file")
        let error = formatError { () throws(FormatError) in try MappedFile(missing) }
        #expect(error?.word == "cannot_read" && error?.message.contains("martlet-no-such-file") == true)
        // Opening a pipe that nobody writes to must not wait.
        let pipe = folder.appending(path: "martlet-pipe-\(UUID().uuidString)")
        mkfifo(pipe.path(percentEncoded: false), 0o600)
        defer { try? FileManager.default.removeItem(at: pipe) }
        #expect(formatError { () throws(FormatError) in try MappedFile(pipe) }?.reason == .notARegularFile)
    }

    @Test func whatNeedsMemoryRefusesFilesOnDemand() throws {
        let folder = Snarkjs.url("groth16-bn128-multiplier")
        let zkey = try MappedFile(folder.appending(path: "circuit_final.zkey"), access: .onDemand)
        #expect(try ZKeyFile(zkey).header.variableCount == 6)
        #expect(
            formatError { () throws(FormatError) in try Groth16ZKey.load(zkey) }?.word == "cannot_read")
        let r1cs = try MappedFile(folder.appending(path: "circuit.r1cs"), access: .onDemand)
        #expect(formatError { () throws(FormatError) in try AnyR1CS.load(r1cs) }?.word == "cannot_read")
    }

    @Test func kindsAreDetectedByContent() throws {
        let expected: [(String, FileKind)] = [
            ("circuit.r1cs", .r1cs), ("circuit_final.zkey", .provingKey), ("witness.wtns", .witness),
            ("verification_key.json", .verifyingKey), ("proof.json", .proof), ("public.json", .publicInputs),
        ]
        for folder in ["groth16-bn128-multiplier", "plonk-bn128-multiplier", "fflonk-bn128-multiplier"] {
            for (name, kind) in expected {
                #expect(try FileKind.detect(Snarkjs.url("\(folder)/\(name)")) == kind)
                #expect(try FileSummary(Snarkjs.file("\(folder)/\(name)")).kind == kind)
            }
            for name in ["input.json", "mult.circom"] {
                let url = Snarkjs.url("\(folder)/\(name)")
                #expect(
                    formatError { () throws(FormatError) in try FileKind.detect(url) }?.reason
                        == .unknownFormat)
            }
        }
        for text in ["", " ", "x", "{}", "\u{feff}[]"] {
            let file = MappedFile(copying: text.utf8, name: "f")
            #expect(
                formatError { () throws(FormatError) in try FileKind.detect(file) }?.reason == .unknownFormat)
        }
    }

    @Test func summariesSayWhatTheHeadersSay() throws {
        let zkey = try FileSummary(Snarkjs.file("groth16-bls12381-multiplier/circuit_final.zkey"))
        #expect(zkey["protocol"] == .text("groth16") && zkey["curve"] == .text("bls12381"))
        #expect(zkey["wires"] == .integer(6) && zkey["contributions"] == .integer(1))
        #expect(zkey["bytes"] == .integer(5694))
        let r1cs = try FileSummary(Snarkjs.file("groth16-bn128-multiplier/circuit.r1cs"))
        #expect(r1cs["constraints"] == .integer(2) && r1cs["customGates"] == .flag(false))
        // A verifier is given both of its values, outputs being public.
        #expect(r1cs["publicInputs"] == zkey["publicInputs"] && r1cs["wires"] == zkey["wires"])
        #expect(r1cs["outputs"] == .integer(1) && r1cs["privateInputs"] == .integer(2))
        #expect(r1cs["labels"] == .integer(6))
        for row in zkey.rows + r1cs.rows { #expect(row.key.allSatisfy { $0.isASCII && $0.isLetter }) }
        let copy = try JSONDecoder().decode(FileSummary.self, from: JSONEncoder().encode(r1cs))
        #expect(copy == r1cs)
        let inputs = try FileSummary(Snarkjs.file("groth16-bn128-multiplier/public.json"))
        #expect(inputs["values"] == .integer(2))
    }
}
