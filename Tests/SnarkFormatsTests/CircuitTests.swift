// SPDX-License-Identifier: Apache-2.0

import Foundation
import SnarkFormats
import TestSupport
import Testing

/// r1cs files as compilers write them, custom gates, and the names of signals.
@Suite struct CircuitTests {
    private static func circuit() throws -> RawContainer {
        RawContainer(try Snarkjs.bytes("groth16-bn128-multiplier/circuit.r1cs"))
    }

    private static func read(_ raw: RawContainer) throws(FormatError) -> R1CSFile {
        try R1CSFile(MappedFile(copying: raw.encoded, name: "c.r1cs"))
    }

    /// Offsets in section 1: field width, prime, then wires, outputs, public and private inputs.
    private static func setCount(_ field: Int, _ value: UInt32, in raw: inout RawContainer) {
        raw[1].replaceSubrange(36 + 4 * field..<40 + 4 * field, with: value.littleEndianBytes)
    }

    @Test func privateInputsAreCountedAsDeclared() throws {
        var generator = SeededGenerator.fresh()
        var raw = try Self.circuit()
        for count in [0, 3, 4, 1_000_000, .max, UInt32.random(in: 0 ... .max, using: &generator)] {
            Self.setCount(3, count, in: &raw)
            let file = try Self.read(raw)
            #expect(file.privateInputCount == Int(count) && file.wireCount == 6)
            _ = try AnyR1CS.load(file)
        }
        // One output and one public input of six wires; five besides the constant one are all there can be.
        for (outputs, publics, fits) in [
            (0, 5, true), (5, 0, true), (2, 3, true), (3, 3, false), (6, 0, false), (.max, .max, false),
        ] as [(UInt32, UInt32, Bool)] {
            Self.setCount(1, outputs, in: &raw)
            Self.setCount(2, publics, in: &raw)
            if fits {
                #expect(try Self.read(raw).publicOutputCount == Int(outputs))
            } else {
                let changed = raw
                let error = formatError { () throws(FormatError) in try Self.read(changed) }
                #expect(error?.word == "inconsistent_header")
            }
        }
    }

    @Test func customGatesAreReadStrictly() throws {
        func file(_ list: [UInt8]?, _ uses: [UInt8]?) throws -> RawContainer {
            var raw = try Self.circuit()
            if let list { raw.sections.append((4, list)) }
            if let uses { raw.sections.append((5, uses)) }
            return raw
        }
        let one: UInt32 = 1
        let gate = Array("RANGE".utf8) + [0] + one.littleEndianBytes + [UInt8](repeating: 7, count: 32)
        let use = UInt32(0).littleEndianBytes + one.littleEndianBytes + UInt64(3).littleEndianBytes
        let good = try Self.read(file(one.littleEndianBytes + gate, one.littleEndianBytes + use))
        #expect(good.customGates.templates == ["RANGE"] && good.customGates.useCount == 1)
        let error = formatError { () throws(FormatError) in try AnyR1CS.load(good) }
        #expect(error?.reason == .customGates(templates: ["RANGE"], uses: 1))
        _ = try AnyR1CS.load(good, withCustomGates: true)
        // The same template with other parameters is one template.
        let twice = try Self.read(file(UInt32(2).littleEndianBytes + gate + gate, nil))
        #expect(twice.customGates.templates == ["RANGE"] && !twice.customGates.isEmpty)
        for (list, uses) in [
            (nil, nil), ([0, 0, 0, 0], nil), (nil, [0, 0, 0, 0]), ([0, 0, 0, 0], [0, 0, 0, 0]),
        ] as [([UInt8]?, [UInt8]?)] {
            let none = try Self.read(file(list, uses))
            #expect(none.customGates.isEmpty)
            _ = try AnyR1CS.load(none)
        }
        let bad: [([UInt8]?, [UInt8]?)] = [
            ([], nil), ([1, 0, 0], nil), (one.littleEndianBytes + gate.dropLast(), nil),
            (one.littleEndianBytes + gate + [0], nil), (UInt32.max.littleEndianBytes + gate, nil),
            (one.littleEndianBytes + Array("RANGE".utf8), nil),
            (one.littleEndianBytes + [0] + UInt32.max.littleEndianBytes, nil),
            (nil, []), (nil, [0, 0, 0, 0, 0]), (nil, one.littleEndianBytes),
            (nil, UInt32.max.littleEndianBytes + use),
            ([UInt8](repeating: 0, count: 2 << 20), nil),
        ]
        for (list, uses) in bad {
            let raw = try file(list, uses)
            let error = formatError { () throws(FormatError) in try Self.read(raw) }
            #expect(
                ["truncated", "section_length", "too_large"].contains(error?.word),
                "\(String(describing: error))")
        }
        // Text that would disturb a terminal is not passed on.
        let wild = try Self.read(file(one.littleEndianBytes + [27, 91, 72, 255, 65, 0, 0, 0, 0, 0], nil))
        #expect(wild.customGates.templates == ["?[H?A"])
    }

    private static let symbols = "1,1,0,main.d\n2,2,0,main.a\n3,3,0,main.b\n4,4,0,main.c\n5,5,0,main.ab\n"

    private static func names(_ text: String) throws(FormatError) -> SignalNames {
        let circuit = try R1CSFile(
            MappedFile(path: Snarkjs.url("groth16-bn128-multiplier/circuit.r1cs").path))
        return try SignalNames(MappedFile(copying: text.utf8, name: "c.sym"), of: circuit)
    }

    @Test func signalsHaveNames() throws {
        for text in [
            Self.symbols, Self.symbols.replacingOccurrences(of: "\n", with: "\r\n"),
            String(Self.symbols.dropLast()),
            "6,-1,0,main.gone[3]\n" + Self.symbols + "7,-1,12,main.x.y\n",
            // A second label of a wire, as compilers have written it, and the constant wire.
            "9,2,0,main.alias\n0,0,0,one\n" + Self.symbols,
        ] {
            let names = try Self.names(text)
            #expect(
                (0..<6).map(names.name(ofWire:)) == [nil, "main.d", "main.a", "main.b", "main.c", "main.ab"])
            #expect(names.name(ofWire: 6) == nil && names.name(ofWire: -1) == nil)
        }
    }

    @Test(arguments: [
        ("1,1,0,main.d\n", "", "other_circuit"), ("5,5,0,main.ab\n", "5,6,0,main.ab\n", "other_circuit"),
        ("3,3,0", "4,3,0", "other_circuit"), ("3,3,0", "3,-1,0", "other_circuit"),
        ("3,3,0", "3,4294967299,0", "other_circuit"),
        ("3,3,0", "3,99999999999999999999,0", "malformed_line"), ("3,3,0", "+3,3,0", "malformed_line"),
        ("3,3,0", "03,3,0", "malformed_line"), ("3,3,0", "3, 3,0", "malformed_line"),
        ("3,3,0", "3,-2,0", "malformed_line"),
        ("3,3,0", "3,3,x", "malformed_line"), ("3,3,0", "3,3", "malformed_line"),
        ("3,3,0", ",3,0", "malformed_line"),
        ("main.b", "", "malformed_line"), ("main.b", "main b", "malformed_line"),
        ("main.b", "main.b,", "malformed_line"),
        ("main.b", "main.\u{e9}", "malformed_line"), ("main.b", "main.b\u{1b}[2J", "malformed_line"),
        ("main.b\n", "main.b\n\n", "malformed_line"),
        ("main.b\n", "main.b\n3,3,0,main.b\n", "malformed_line"),
        ("main.b", "main." + String(repeating: "b", count: 5000), "malformed_line"),
    ])
    func symbolsAreStrict(old: String, new: String, code: String) throws {
        try #require(Self.symbols.contains(old))
        let text = Self.symbols.replacingOccurrences(of: old, with: new)
        let error = formatError { () throws(FormatError) in try Self.names(text) }
        #expect(error?.word == code, "\(String(describing: error))")
        #expect(error?.file == "c.sym")
    }

    /// Whatever is done to a file, it is refused or read.
    @Test func damagedSymbolsNeverTrap() throws {
        var generator = SeededGenerator.fresh()
        let bytes = Array(Self.symbols.utf8)
        let circuit = try R1CSFile(Snarkjs.file("groth16-bn128-multiplier/circuit.r1cs"))
        var read = 0
        for _ in 0..<5_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged.remove(at: at)
                default: damaged.insert(Array("0,-\n\r9.".utf8).randomElement(using: &generator) ?? 0, at: at)
                }
            }
            let file = MappedFile(copying: damaged, name: "c.sym")
            do throws(FormatError) {
                let names = try SignalNames(file, of: circuit)
                for wire in 0..<6 { _ = names.name(ofWire: wire) }
                read += 1
            } catch { #expect(!error.message.isEmpty) }
        }
        #expect(read > 0 && read < 5_000)
    }
}
