// SPDX-License-Identifier: Apache-2.0

public import Commitments
public import Compute
import Curves
import EllipticCurves

extension KZG.Setup {
    /// Takes the powers for polynomials of `count` coefficients from a ceremony's file, which may be one that
    /// is not prepared. Each point is checked to be on its curve and in its subgroup, and all of them to be
    /// powers of the file's τ (as `check`).
    ///
    /// - Parameters:
    ///   - file: the ceremony's file.
    ///   - count: the coefficients that polynomials may have.
    ///   - parallel: threads for the checks.
    ///   - generator: unpredictable to whoever made the file.
    /// - Throws: a `FormatError` for bad points, a `CommitmentError` for a file of another curve, with too
    ///   few powers or with others than those of one τ.
    public init(
        _ file: PtauFile, count: Int, parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) throws {
        guard file.curve == Suite.id else {
            throw CommitmentError.unusableSetup(
                "the powers of tau are on \(file.curve.rawValue), \(Suite.id.rawValue) is wanted")
        }
        let available = 2 << file.power - 1
        guard count <= available else {
            throw CommitmentError.tooFewPowers(needed: count, available: available)
        }
        guard file.power >= 1 else {
            throw CommitmentError.unusableSetup("the file has no tau in G2")
        }
        let threads = parallel.threads
        let tau2 = try file.table2(.tau2, 0..<2, of: Suite.self, threads: 1)
        guard tau2[0] == .generator else {
            throw CommitmentError.unusableSetup("the powers of tau in G2 do not begin with the generator")
        }
        // Of all the powers that the file has.
        if let order = try file.orderOfSecret() {
            throw CommitmentError.unusableSetup("tau is known: its power \(order) is 1 or -1")
        }
        try self.init(
            powers: file.table(.tau1, 0..<max(0, count), of: Suite.self, threads: threads),
            verifyingKey: .init(tau2: tau2[1]))
        try checkSequence(on: CPUBackend<Suite>(parallel: parallel), using: &generator)
    }
}
