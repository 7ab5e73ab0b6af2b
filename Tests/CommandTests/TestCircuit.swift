// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields
import Foundation

/// Files of small circuits over BN254's scalars, written here byte by byte and not by the code under test.
struct TestCircuit {
    typealias Fr = BN254.Fr
    typealias Combination = [(wire: UInt32, coefficient: Fr)]

    var wires: UInt32 = 1
    var outputs: UInt32 = 0
    var publicInputs: UInt32 = 0
    /// As the header says it.
    var privateInputs: UInt32 = 0
    /// As the header says it.
    var labels: UInt64?
    var constraints: [[Combination]] = []
    /// Labels by wire; 0, 1, 2, … where it is missing.
    var map: [UInt64]?
    /// Sections behind the map, such as those of custom gates.
    var more: [(id: UInt32, bytes: [UInt8])] = []

    /// out = (x·y + 2·x)·(y − 5) + 1 with the output, a public input x, a private input y and x·y as wires 1
    /// to 4.
    static let sample = {
        var files = TestCircuit(wires: 5, outputs: 1, publicInputs: 1, privateInputs: 1)
        files.constraints = [
            [[(2, 1)], [(3, 1)], [(4, 1)]],
            [[(4, 1), (2, 2)], [(3, 1), (0, -Fr(5))], [(1, 1), (0, -Fr.one)]],
        ]
        return files
    }()

    static func sampleWitness(x: Fr, y: Fr) -> [Fr] {
        [1, (x * y + x + x) * (y - 5) + 1, x, y, x * y]
    }

    /// What circom would write for the sample with `--sym`, had it made the sample.
    static let sampleSymbols =
        "1,1,0,main.out\n2,2,0,main.x\n3,3,0,main.y\n4,4,0,main.inner[0].xy\n5,-1,0,main.gone\n"

    var r1cs: Data {
        var header = Self.integer(32, 4) + Fr.modulusBytes
        for count in [wires, outputs, publicInputs, privateInputs] {
            header += Self.integer(UInt64(count), 4)
        }
        header += Self.integer(labels ?? UInt64(wires), 8) + Self.integer(UInt64(constraints.count), 4)
        var body: [UInt8] = []
        for combination in constraints.joined() {
            body += Self.integer(UInt64(combination.count), 4)
            for term in combination {
                body += Self.integer(UInt64(term.wire), 4) + term.coefficient.littleEndianBytes
            }
        }
        let labels = (map ?? (0..<UInt64(wires)).map { $0 }).flatMap { Self.integer($0, 8) }
        return Self.container("r1cs", 1, [(1, header), (2, body), (3, labels)] + more)
    }

    static func wtns(_ values: [Fr]) -> Data {
        let header = integer(32, 4) + Fr.modulusBytes + integer(UInt64(values.count), 4)
        return container("wtns", 2, [(1, header), (2, values.flatMap(\.littleEndianBytes))])
    }

    static func integer(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    static func container(_ magic: String, _ version: UInt64, _ sections: [(id: UInt32, bytes: [UInt8])])
        -> Data
    {
        var data = Array(magic.utf8) + integer(version, 4) + integer(UInt64(sections.count), 4)
        for section in sections {
            data += integer(UInt64(section.id), 4) + integer(UInt64(section.bytes.count), 8) + section.bytes
        }
        return Data(data)
    }

    /// The sections of a container.
    static func sections(_ data: Data) -> [(id: UInt32, bytes: [UInt8])] {
        let bytes = [UInt8](data)
        func number(_ at: Int, _ count: Int) -> Int {
            (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
        }
        var at = 12
        return (0..<number(8, 4)).map { _ in
            let (id, count) = (number(at, 4), number(at + 4, 8))
            defer { at += 12 + count }
            return (UInt32(id), Array(bytes[at + 12..<at + 12 + count]))
        }
    }
}

extension PrimeField {
    /// The modulus, little-endian: −1 and one more; it is odd, so nothing carries.
    static var modulusBytes: [UInt8] {
        var bytes = (-Self.one).littleEndianBytes
        bytes[0] += 1
        return bytes
    }
}
