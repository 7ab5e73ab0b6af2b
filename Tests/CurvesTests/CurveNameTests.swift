// SPDX-License-Identifier: Apache-2.0

import Curves
import Foundation
import TestSupport
import Testing

/// Names of curves as tools spell them.
@Suite struct CurveNameTests {
    static let spellings: [(CurveID, [String])] = [
        (.bn254, ["bn254", "bn128", "altbn128", "alt_bn128", "alt-bn128"]),
        (.bls12381, ["bls12381", "bls12-381", "bls12_381"]),
        (.bls12377, ["bls12377", "bls12-377", "bls12_377"]),
    ]

    @Test func everySpellingInAnyCase() throws {
        var generator = SeededGenerator.fresh()
        for (curve, names) in Self.spellings {
            for name in names {
                for text in [name, name.uppercased(), name.capitalized]
                    + (0..<8).map({ _ in
                        String(name.map { Bool.random(using: &generator) ? Character($0.uppercased()) : $0 })
                    })
                {
                    #expect(CurveID(name: text) == curve, "\(text)")
                    let json = try JSONEncoder().encode([text])
                    #expect(try JSONDecoder().decode([CurveID].self, from: json) == [curve])
                }
            }
            // What is written is one name, and snarkjs' own in its files.
            #expect(try JSONEncoder().encode([curve]) == Data("[\"\(curve.rawValue)\"]".utf8))
        }
        #expect(CurveID.allCases.map(\.rawValue) == ["bn254", "bls12381", "bls12377"])
        #expect(CurveID.allCases.map(\.snarkjsName) == ["bn128", "bls12381", "bls12377"])
    }

    /// No name and no number stands for two curves.
    @Test func namesAreOfOneCurve() {
        let names = CurveID.allCases.map { $0.suite.names }
        let all = names.map { Set([$0.own, $0.snarkjs] + $0.others) }
        #expect(all.reduce(Set()) { $0.union($1) }.count == all.reduce(0) { $0 + $1.count })
        #expect(Set(names.map(\.title)).count == names.count)
        #expect(Set(names.map(\.number)).count == names.count && !names.contains { $0.number == 0 })
        #expect(Set(CurveID.allCases).count == names.count)
        for id in CurveID.allCases { #expect(CurveID(rawValue: id.rawValue) == id && "\(id)" == id.rawValue) }
        #expect(CurveID(rawValue: "BN254") == nil)
    }

    @Test(arguments: [
        "", " ", "bn", "bn254 ", " bn254", "bn256", "bn-254", "b_n128", "alt__bn128", "bls12378", "bls12_37",
        "bls12-38",
        "bls12381\0", "bls-12-381", "secp256k1", "ｂｎ254", "bn254bn254bn254", "bn254\n", "0",
    ])
    func othersAreNone(name: String) throws {
        #expect(CurveID(name: name) == nil)
        let json = try JSONEncoder().encode([name])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([CurveID].self, from: json) }
    }
}
