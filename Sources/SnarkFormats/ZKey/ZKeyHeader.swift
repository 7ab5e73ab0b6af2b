// SPDX-License-Identifier: Apache-2.0

public import Curves

/// What the first two sections of a zkey say: proof system, curve and sizes.
public struct ZKeyHeader: Hashable, Sendable {
    /// The proof system that the key is made for.
    public let proofSystem: ProofSystem
    /// The curve of the key's points.
    public let curve: CurveID
    /// The number of wires, the constant one included; for plonk and fflonk with the additions.
    public let variableCount: Int
    /// The number of public inputs, without the constant one.
    public let publicCount: Int
    /// The logarithm of the domain size.
    public let logDomainSize: Int
    /// The number of addition gates; 0 for groth16.
    public let additionCount: Int
    /// The number of gates; `nil` for groth16, whose keys do not say it.
    public let constraintCount: Int?

    /// The number of rows, a power of two.
    public var domainSize: Int { 1 << logDomainSize }

    /// Parses sections 1 and 2, whose lengths must be exact.
    ///
    /// The cursor of section 2 is left before the points of the verification key.
    static func read(_ container: BinaryContainer) throws(FormatError) -> (header: ZKeyHeader, rest: Cursor) {
        var systemField = try container.cursor(container.require(1))
        let id = try systemField.uint32()
        try systemField.finish()
        guard let system = ProofSystem(rawValue: id) else {
            throw container.error(
                .unsupportedProtocol(
                    found: "number \(id)", wanted: "groth16, groth16-commitments, plonk or fflonk"),
                section: 1)
        }
        let section = try container.require(2)
        var cursor = try container.cursor(section)
        let curve = try cursor.primes()
        if system == .fflonk && curve != .bn254 {
            throw cursor.error(.unsupportedCurve(found: curve.rawValue, wanted: CurveID.bn254.rawValue))
        }
        let variableCount = Int(try cursor.uint32())
        let publicCount = Int(try cursor.uint32())
        let domainAt = cursor.position
        let domainSize = try cursor.uint32()
        let isGroth16 = system == .groth16 || system == .committedGroth16
        let additions = isGroth16 ? 0 : Int(try cursor.uint32())
        let constraints: Int? = isGroth16 ? nil : Int(try cursor.uint32())

        let expected = cursor.position + verificationKeySize(system, curve)
        guard section.count == expected else {
            throw container.error(
                .sectionLength(expected: UInt64(expected), found: UInt64(section.count)), section: 2)
        }
        guard domainSize.nonzeroBitCount == 1 else {
            throw cursor.error(
                .inconsistentHeader("the domain size \(domainSize) is no power of two"), at: domainAt)
        }
        let logDomainSize = domainSize.trailingZeroBitCount
        // Groth16 evaluates on the odd half of the doubled domain, plonk and fflonk on one four times as
        // large.
        let limit = KnownPrimes.twoAdicity(curve) - (isGroth16 ? 1 : 2)
        guard logDomainSize <= limit else {
            throw cursor.error(
                .inconsistentHeader(
                    "the domain size 2^\(logDomainSize) is above 2^\(limit), the curve's largest"),
                at: domainAt)
        }
        guard variableCount > publicCount else {
            throw cursor.error(
                .inconsistentHeader(
                    "\(variableCount) variables cannot hold the constant one and \(publicCount) public inputs"
                ),
                at: domainAt - 8)
        }
        // snarkjs' keys give every public input and the constant a row of its own.
        guard system == .committedGroth16 || publicCount < domainSize else {
            throw cursor.error(
                .inconsistentHeader(
                    "\(publicCount) public inputs do not fit into a domain of \(domainSize) rows"),
                at: domainAt - 4)
        }
        if let constraints {
            guard constraints <= domainSize, additions < variableCount else {
                throw cursor.error(
                    .inconsistentHeader(
                        """
                        \(constraints) gates and \(additions) additions do not fit a domain of \(domainSize) rows \
                        and \(variableCount) variables
                        """), at: domainAt + 4)
            }
        }
        let header = ZKeyHeader(
            proofSystem: system, curve: curve, variableCount: variableCount, publicCount: publicCount,
            logDomainSize: logDomainSize, additionCount: additions, constraintCount: constraints)
        return (header, cursor)
    }

    /// The bytes of section 2 after its counts.
    private static func verificationKeySize(_ system: ProofSystem, _ curve: CurveID) -> Int {
        let (g1, g2, scalar) = (curve.g1Size, curve.g2Size, curve.scalarSize)
        switch system {
        case .groth16, .committedGroth16: return 3 * g1 + 3 * g2  // alpha1 beta1 beta2 gamma2 delta1 delta2
        case .plonk: return 2 * scalar + 8 * g1 + g2  // k1 k2 Qm Ql Qr Qo Qc S1 S2 S3 X2
        case .fflonk: return 6 * scalar + g2 + g1  // k1 k2 w3 w4 w8 wr X2 C0
        }
    }
}

extension CurveID {
    /// Bytes of an affine G1 point in a binary file.
    var g1Size: Int { 2 * KnownPrimes.base(self).count }
    /// Bytes of an affine G2 point in a binary file.
    var g2Size: Int { 4 * KnownPrimes.base(self).count }
    /// Bytes of a scalar in a binary file.
    var scalarSize: Int { KnownPrimes.scalar(self).count }
}
