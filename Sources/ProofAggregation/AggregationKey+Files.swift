// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
public import SnarkFormats

extension AggregationKey where Suite: ComputeSuite {
    /// Takes the powers for `proofs` proofs from the powers of tau of two ceremonies. Each point is checked
    /// to be on its curve and in its subgroup; that they are powers of one secret is not checked: an
    /// aggregate made with others does not verify.
    ///
    /// - Precondition: the files are on the curve, and their powers suffice (see `capacity(of:)`).
    /// - Throws: what is wrong with the first bad point.
    public init(_ first: PtauFile, _ second: PtauFile, proofs: Int, threads: Int) throws(FormatError) {
        let n = 1 << AggregateProof<Suite>.roundCount(for: proofs)
        precondition(n <= Self.capacity(of: first) && n <= Self.capacity(of: second))
        func powers(_ file: PtauFile) throws(FormatError) -> Powers {
            Powers(
                g1: try file.table(.tau1, 0..<2 * n, of: Suite.self, threads: threads),
                g2: try file.table2(.tau2, 0..<n, of: Suite.self, threads: threads))
        }
        self.init(first: try powers(first), second: try powers(second))
    }

    /// The greatest number of proofs that a file has powers for.
    public static func capacity(of file: PtauFile) -> Int { file.power < 2 ? 0 : 1 << (file.power - 1) }
}

extension AggregationVerifyingKey where Suite: ComputeSuite {
    /// Takes a and b from the powers of tau of two ceremonies.
    ///
    /// - Precondition: the files are on the curve.
    /// - Throws: a `FormatError` for bad points, `AggregationError.unusableKey` as the other initialisers.
    public init(_ first: PtauFile, _ second: PtauFile) throws {
        for file in [first, second] { try CeremonyIndependence.requirePowers(file) }
        func secret(_ file: PtauFile) throws(FormatError) -> Secret {
            Secret(
                g1: try file.table(.tau1, 1..<2, of: Suite.self, threads: 1)[0],
                g2: try file.table2(.tau2, 1..<2, of: Suite.self, threads: 1)[0])
        }
        try self.init(first: secret(first), second: secret(second))
    }

    /// The bytes of the key's file.
    public var text: String {
        AggregationKeyPoints<Suite>(a1: first.g1, a2: first.g2, b1: second.g1, b2: second.g2).text
    }

    /// Reads what `text` gives.
    ///
    /// - Throws: a `FormatError` for what is no such file or of another curve, `AggregationError.unusableKey`
    ///   as the other initialisers.
    public init(_ file: MappedFile) throws {
        let points = try AggregationKeyPoints<Suite>(file)
        try self.init(
            first: Secret(g1: points.a1, g2: points.a2), second: Secret(g1: points.b1, g2: points.b2))
    }
}

/// Whether two files of powers of tau are of two ceremonies.
public enum CeremonyIndependence {
    /// - Throws: `AggregationError.unusableKey` for a file that ends with the generator: nothing is known of
    ///   its secret then.
    static func requirePowers(_ file: PtauFile) throws(AggregationError) {
        guard file.power >= 1 else {
            throw .unusableKey("a file of powers of tau of power 0 has no power of tau")
        }
    }

    /// Demands that two files have nothing to do with each other, as far as files can show it: no
    /// contribution in common (what came before it may be all that was honest, and then the secrets' ratio is
    /// known), and no secret a power of the other (up to the files' own powers, and with either sign).
    ///
    /// - Precondition: both are on one curve.
    /// - Returns: true where both files list contributions; without them a fork cannot be told from two
    ///   ceremonies.
    /// - Throws: `AggregationError.unusableKey` for what they have in common, and a `FormatError` for what
    ///   cannot be read.
    public static func check(_ first: PtauFile, _ second: PtauFile) throws -> Bool {
        for (file, name) in [(first, "first"), (second, "second")] {
            try requirePowers(file)
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
        return !own.isEmpty && !other.isEmpty
    }
}
