// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Foundation
import TestSupport
import Testing

/// What the curves' pages say of them: the comment of each curve's type.
@Suite struct FactsTests {
    private static let folder = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Curves")

    /// Each folder of a curve has a page in the file that is named after the curve.
    private func pages() throws -> [String: String] {
        var pages: [String: String] = [:]
        for folder in try FileManager.default.contentsOfDirectory(
            at: Self.folder, includingPropertiesForKeys: [.isDirectoryKey])
        where folder.pathExtension == "" && folder.lastPathComponent != "Pairing" {
            let name = folder.lastPathComponent.replacing("_", with: "")
            let text = try String(
                contentsOf: folder.appending(path: "\(name).swift"), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix {
                !$0.hasPrefix("public enum")
            }
            pages[name] = lines.filter { $0.hasPrefix("///") }.map { $0.dropFirst(4) }
                .joined(separator: " ")
        }
        return pages
    }

    @Test func everyCurveHasItsPage() throws {
        let pages = try pages()
        #expect(pages.keys.sorted() == ["BLS12377", "BLS12381", "BN254", "BabyJubJub", "Grumpkin"])
        for (name, page) in pages {
            let isPairingFriendly = CurveID(name: name) != nil
            let facts =
                isPairingFriendly
                ? ["seed", "r", "p", "G1", "tower", "G2", "pairing", "security"]
                : ["equation", "order", "security"]
            for fact in facts { #expect(page.contains("- \(fact): "), "\(name): \(fact)") }
            #expect(!isPairingFriendly || page.contains("Warning: "), "\(name)")
        }
    }

    /// The numbers of bits, the powers of two and the cofactor, as the constants have them.
    @Test(arguments: [
        ("BN254", BN254.id), ("BLS12381", BLS12381.id), ("BLS12377", BLS12377.id),
    ])
    func theNumbersAreTheConstants(name: String, curve: CurveID) throws {
        func check<Suite: CurveSuite>(_: Suite.Type, _ page: String) {
            #expect(
                page.contains(", \(Suite.Fr.bitWidth) bits; r − 1 is divisible by 2^\(Suite.Fr.twoAdicity)"))
            #expect(page.contains(", \(Suite.Fp.bitWidth) bits; p"))
            let bits = Suite.G2.cofactor.enumerated().map { 64 * $0 + 64 - $1.leadingZeroBitCount }.max() ?? 0
            #expect(page.contains("of \(bits) bits"))
            let isThreeModuloFour = Suite.Fp.modulus[0] & 3 == 3
            #expect(page.contains("p ≡ \(isThreeModuloFour ? 3 : 1) mod 4"))
        }
        check(curve.suite, try #require(pages()[name]))
    }

    /// p and r of BN254 are the family's polynomials in the seed.
    @Test func theSeedOfBN254() throws {
        let page = try #require(pages()["BN254"])
        #expect(page.contains("- seed: z = 4965661367192848881, positive, 63 bits"))
        func value(_ coefficients: UInt64...) -> BigNatural {
            coefficients.reduce(into: BigNatural([0])) { sum, coefficient in
                sum = sum * BigNatural([4_965_661_367_192_848_881])
                sum.add(coefficient)
            }
        }
        #expect(value(36, 36, 24, 6, 1).isSame(as: BN254.Fp.modulus.words))
        #expect(value(36, 36, 18, 6, 1).isSame(as: BN254.Fr.modulus.words))
    }

    /// Those of the two BLS12 curves: r = z⁴ − z² + 1, p = (z − 1)²·r/3 + z, and G1's cofactor (z − 1)²/3.
    @Test func theSeedsOfBLS12() throws {
        let pages = try pages()
        #expect(pages["BLS12381"]?.contains("- seed: z = −0xd201000000010000, negative") == true)
        #expect(pages["BLS12377"]?.contains("- seed: x = 0x8508c00000000001, positive") == true)
        func check<Suite: CurveSuite>(_: Suite.Type, _ seed: UInt64, isNegative: Bool) {
            let z = BigNatural([seed])
            let square = z * z
            var r = square * square
            r.subtract(square)
            r.add(1)
            #expect(r.isSame(as: Suite.Fr.modulus.words))
            // |z − 1|
            let less = BigNatural([isNegative ? seed + 1 : seed - 1])
            let cofactor = (less * less).divided(by: BigNatural([3]))
            #expect(cofactor.isSame(as: Suite.G1.cofactor))
            var p = cofactor * r
            if isNegative { p.subtract(z) } else { p.add(seed) }
            #expect(p.isSame(as: Suite.Fp.modulus.words))
        }
        check(BLS12381.self, 0xd201_0000_0001_0000, isNegative: true)
        check(BLS12377.self, 0x8508_c000_0000_0001, isNegative: false)
    }
}

extension BigNatural {
    /// True for the same number, whatever the zeros above it.
    fileprivate func isSame(as other: [UInt64]) -> Bool {
        (0..<max(words.count, other.count)).allSatisfy {
            ($0 < words.count ? words[$0] : 0) == ($0 < other.count ? other[$0] : 0)
        }
    }
}
