// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
public import ProofAggregation

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
