// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import ProofAggregation

/// Whether two files of powers of tau are of two ceremonies.
public enum CeremonyIndependence {
    /// - Throws: `AggregationError.unusableKey` for a file that ends with the generator: nothing is known of
    ///   its secret then.
    static func requirePowers(_ file: PtauFile) throws(AggregationError) {
        guard file.power >= 1 else {
            throw .unusableKey("a file of powers of tau of power 0 has no power of tau")
        }
    }

    private static func beginsWithGenerators(_ file: PtauFile) throws(FormatError) -> Bool {
        func read<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) -> Bool {
            let first1 = try file.table(.tau1, 0..<1, of: suite, threads: 1)[0]
            let first2 = try file.table2(.tau2, 0..<1, of: suite, threads: 1)[0]
            return first1 == .generator && first2 == .generator
        }
        return try withSuite(file.curve) { (suite) throws(FormatError) in try read(suite) }
    }

    /// Demands that two files have nothing to do with each other, as far as files can show it: no
    /// contribution in common (what came before it may be all that was honest, and then the secrets' ratio is
    /// known), and no secret a power of the other (up to the files' own powers, and with either sign) or the
    /// inverse of one (up to the power `inverseLimit`).
    ///
    /// - Precondition: both are on one curve.
    /// - Returns: true where both files list contributions; without them a fork cannot be told from two
    ///   ceremonies.
    /// - Throws: `AggregationError.unusableKey` for what they have in common, and a `FormatError` for what
    ///   cannot be read.
    public static func check(_ first: PtauFile, _ second: PtauFile) throws -> Bool {
        for (file, name) in [(first, "first"), (second, "second")] {
            try requirePowers(file)
            // The powers are compared with the first one below.
            guard try beginsWithGenerators(file) else {
                throw AggregationError.unusableKey(
                    "the powers of the \(name) file do not begin with the generators")
            }
            if let order = try file.orderOfSecret() {
                throw AggregationError.unusableKey(
                    "the secret of the \(name) file is known: its power \(order) is 1 or -1")
            }
            guard try file.contributionsLeadToPowers() else {
                throw AggregationError.unusableKey(
                    "the contributions that the \(name) file lists do not lead to its powers")
            }
        }
        let (own, other) = (try first.contributions(), try second.contributions())
        for (index, contribution) in other.enumerated() {
            if let shared = own.firstIndex(where: {
                $0.tau1 == contribution.tau1 || $0.publicKey == contribution.publicKey
            }) {
                throw AggregationError.unusableKey(
                    """
                    both files are of one ceremony: contribution \(shared + 1) of the first is contribution \(index + 1) of the second; two \
                    ceremonies with nothing in common are needed
                    """)
            }
        }
        for (file, base) in [(first, second), (second, first)] {
            if let exponent = try base.exponent(ofFirstPowerOf: file) {
                throw AggregationError.unusableKey(
                    exponent == 1
                        ? "both files hold powers of the same secret: two ceremonies are needed"
                        : "the secret of one file is the power \(exponent) of the other's: two ceremonies are needed"
                )
            }
        }
        for (file, base) in [(first, second), (second, first)] {
            if let exponent = try exponent(of: base, whoseInverseIs: file) {
                throw AggregationError.unusableKey(
                    exponent == 1
                        ? "the secret of one file is the inverse of the other's, or minus that: two ceremonies are needed"
                        : "the secret of one file is the inverse of the other's power \(exponent), or minus that: two ceremonies are needed"
                )
            }
        }
        return !own.isEmpty && !other.isEmpty
    }

    /// Each takes a pairing, and by powers that are larger nothing is easier for a cheat.
    private static let inverseLimit = 16

    /// The least k up to `inverseLimit` for which the base's k-th power times the file's secret is 1 or −1.
    private static func exponent(of base: PtauFile, whoseInverseIs file: PtauFile) throws(FormatError) -> Int?
    {
        func find<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) -> Int? {
            let count = min(inverseLimit, (2 << base.power) - 2)
            let powers = try base.table(.tau1, 1..<count + 1, of: suite, threads: 1)
            let secret = try file.table2(.tau2, 1..<2, of: suite, threads: 1)[0]
            // A value and its inverse have this half in common, and no other value has it.
            let one = Suite.pairing(.generator, .generator).c0
            return (0..<count).first { Suite.pairing(powers[$0], secret).c0 == one }.map { $0 + 1 }
        }
        return try withSuite(base.curve) { (suite) throws(FormatError) in try find(suite) }
    }
}
