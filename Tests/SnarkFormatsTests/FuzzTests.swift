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

/// Damaged files of every format: each is refused or read, and never traps, hangs or takes much memory.
///
/// A trap ends the test process; the rest is measured.
@Suite(.serialized) struct FuzzTests {
    private static let files = [
        "groth16-bn128-multiplier/circuit_final.zkey", "groth16-bls12381-multiplier/circuit_final.zkey",
        "plonk-bn128-multiplier/circuit_final.zkey", "fflonk-bn128-multiplier/circuit_final.zkey",
        "groth16-bn128-multiplier/circuit.r1cs", "groth16-bls12381-multiplier/circuit.r1cs",
        "groth16-bn128-multiplier/witness.wtns", "groth16-bn128-multiplier/verification_key.json",
        "groth16-bls12381-multiplier/verification_key.json", "groth16-bn128-multiplier/proof.json",
        "groth16-bls12381-multiplier/proof.json", "groth16-bn128-multiplier/public.json",
        "plonk-bn128-multiplier/verification_key.json", "plonk-bn128-multiplier/proof.json",
        "fflonk-bn128-multiplier/verification_key.json", "fflonk-bn128-multiplier/proof.json",
        "synthetic.ptau",
    ]

    private static func bytes(_ path: String) throws -> [UInt8] {
        if path == "synthetic.ptau" {
            return ContainerTests.ptau(power: 2, ceremonyPower: 3, prepared: true).encoded
        }
        return try Snarkjs.bytes(path)
    }

    /// Counts what happened, and remembers the slowest case.
    private struct Tally {
        var accepted = 0
        var refused = 0
        var slowest: Duration = .zero

        mutating func read(_ bytes: [UInt8]) -> FormatError? {
            let start = ContinuousClock.now
            defer { slowest = max(slowest, ContinuousClock.now - start) }
            do throws(FormatError) {
                try AnyFormat.read(MappedFile(copying: bytes, name: "fuzz"))
                accepted += 1
                return nil
            } catch {
                // The text is part of what must not trap.
                if error.message.isEmpty { Issue.record("an error without words") }
                refused += 1
                return error
            }
        }
    }

    /// The largest resident size so far, in bytes.
    private static func peakMemory() -> Int {
        var usage = rusage()
        #if canImport(Glibc)
            _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss << 10
        #else
            _ = getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }

    /// No case may take a second, nor all of them together a memory that a claimed count would ask for. Other
    /// tests run in the same process at the same time: the bound leaves room for them.
    private func bounded(_ name: String, _ body: (inout Tally) throws -> Void) throws {
        let before = Self.peakMemory()
        var tally = Tally()
        try body(&tally)
        #expect(tally.slowest < .seconds(1), "\(name)")
        #expect(Self.peakMemory() - before < 1 << 30, "\(name)")
        print("\(name): \(tally.refused) refused, \(tally.accepted) accepted, slowest \(tally.slowest)")
    }

    @Test(arguments: files)
    func everyTruncationIsRefused(path: String) throws {
        let bytes = try Self.bytes(path)
        try bounded("truncated \(path)") { tally in
            for count in 0..<bytes.count { _ = tally.read(Array(bytes[..<count])) }
            #expect(tally.accepted == 0 && tally.refused == bytes.count)
        }
    }

    @Test(arguments: files.filter { !$0.hasSuffix("json") })
    func everyHeaderFieldIsReplaced(path: String) throws {
        let bytes = try Self.bytes(path)
        var generator = SeededGenerator.fresh()
        let nasty32: [UInt32] = [0, 1, 2, 3, 31, 0xff, 1 << 16, 1 << 28, .max >> 1, 1 << 31, .max - 11, .max]
        let nasty64: [UInt64] = [0, 1, 1 << 31, 1 << 32, .max >> 1, 1 << 63, .max - 11, .max - 1, .max]
        try bounded("fields of \(path)") { tally in
            for offset in Self.headerOffsets(bytes) {
                var values = nasty32.map(\.littleEndianBytes) + nasty64.map(\.littleEndianBytes)
                values += (0..<2).map { _ in generator.next().littleEndianBytes }
                for delta: UInt8 in [1, 255] { values.append([bytes[offset] &+ delta]) }
                for value in values where offset + value.count <= bytes.count {
                    var damaged = bytes
                    damaged.replaceSubrange(offset..<(offset + value.count), with: value)
                    _ = tally.read(damaged)
                }
            }
            #expect(tally.refused > 1_000)
        }
    }

    /// The container's header, every section's header, and the first bytes of every section's content.
    private static func headerOffsets(_ bytes: [UInt8]) -> [Int] {
        let raw = RawContainer(bytes)
        var offsets = Array(0..<12)
        for (id, content) in raw.sections {
            let start = raw.starts[id] ?? 0
            offsets += (start - 12)..<(start + min(content.count, id <= 2 ? 100 : 16))
        }
        return offsets
    }

    @Test(arguments: files)
    func randomDamage(path: String) throws {
        let bytes = try Self.bytes(path)
        var generator = SeededGenerator.fresh()
        let json = path.hasSuffix("json")
        let alphabet = Array("\"[]{},:0123456789-.eE\\u x\u{0}".utf8)
        try bounded("damage to \(path)") { tally in
            for _ in 0..<(json ? 3_000 : 1_500) {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let at = Int.random(in: 0..<damaged.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                    case 1: damaged[at] = json ? alphabet.randomElement(using: &generator)! : .max
                    case 2: damaged.insert(json ? alphabet.randomElement(using: &generator)! : 0, at: at)
                    default: damaged.remove(at: at)
                    }
                }
                _ = tally.read(damaged)
            }
            #expect(tally.refused > 0)
        }
    }

    /// A point that is changed in any bit is no point of the curve any more, but for a negligible share.
    @Test(arguments: Snarkjs.curves)
    func everyChangeOfAPointIsFound(curve: String) throws {
        let bytes = try Snarkjs.bytes("groth16-\(curve)-multiplier/circuit_final.zkey")
        let raw = RawContainer(bytes)
        var generator = SeededGenerator.fresh()
        var places: [(section: UInt32, offset: Int)] = []
        let header = curve == "bn128" ? 84 : 100
        for id: UInt32 in [2, 3, 5, 6, 7, 8, 9] {
            let start = try #require(raw.starts[id])
            places += ((id == 2 ? header : 0)..<raw[id].count).map { (id, start + $0) }
        }
        try bounded("points of \(curve)") { tally in
            for (section, offset) in places {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                let error = tally.read(damaged)
                #expect(error?.place.section == section)
                #expect(
                    error.map { ["coordinate_out_of_range", "point_not_on_curve"].contains($0.word) } ?? false
                )
            }
        }
    }
}
