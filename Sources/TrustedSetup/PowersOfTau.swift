// SPDX-License-Identifier: Apache-2.0

public import Compute
import Curves
import EllipticCurves
public import Failures
import FiniteFields
import Groth16
public import SnarkFormats

/// What a key of a domain needs of a ceremony's file, read and checked.
public struct PowersOfTau<Suite: ComputeSuite>: Sendable {
    let logDomainSize: Int
    let lagrangeTau1: PointTable<Suite.G1>
    let lagrangeTau2: PointTable<Suite.G2>
    let lagrangeAlpha1: PointTable<Suite.G1>
    let lagrangeBeta1: PointTable<Suite.G1>
    /// The basis of the doubled domain.
    let doubledTau1: PointTable<Suite.G1>
    let alpha1: Affine<Suite.G1>
    let beta1: Affine<Suite.G1>
    let beta2: Affine<Suite.G2>
    /// τ^i·G1 for i < 2n, one less where the file ends there.
    let tau1: PointTable<Suite.G1>
    /// What section 12 takes for τ^(2n − 1)·G1: that power, or the identity where the file was prepared
    /// without it.
    private(set) var lastPower = Affine<Suite.G1>.identity

    /// Why powers of tau cannot be used: a file that cannot be read, or one that is none.
    public enum Unusable: CodedError {
        /// The file is wrong.
        case format(FormatError)
        /// The powers are not those of a setup.
        case setup(SetupError)

        /// The kind of failure.
        public var code: FailureCode {
            switch self {
            case .format(let error): error.code
            case .setup(let error): error.code
            }
        }

        /// A sentence for people.
        public var message: String {
            switch self {
            case .format(let error): error.message
            case .setup(let error): error.message
            }
        }
    }

    /// Reads the parts for a domain of 2^logDomainSize, checks each point for itself (curve, subgroup), and
    /// all of them against each other by pairings of random combinations: a file that passes is, but for a
    /// chance of some 2^−120, one of powers of one τ with one α and one β.
    ///
    /// Where the domain is as large as the file's power allows, section 2 ends with τ^(2n − 2), and the basis
    /// of the doubled domain in section 12 was made either without τ^(2n − 1) (a file that was prepared at
    /// this power) or with it (a basis that was taken from a larger file). Both are taken and nothing else: a
    /// basis with another point in the place of that power lets whoever chose the point forge proofs.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - logDomainSize: log₂ of the rows that the powers are for.
    ///   - parallel: threads for the work.
    ///   - generator: unpredictable to whoever made the file.
    /// - Throws: what is wrong with file or contents.
    public init(
        _ file: PtauFile, logDomainSize: Int, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(Unusable) {
        try self.init(
            file, logDomainSize: logDomainSize, parallel: parallel, without: nil, using: &generator)
    }

    /// The same without one of the checks: for the tests of the checks, and for nothing else.
    package init(
        _ file: PtauFile, logDomainSize: Int, parallel: Parallel, without skipped: SetupCheck?,
        using generator: inout some RandomNumberGenerator
    ) throws(Unusable) {
        precondition(file.curve == Suite.id)
        guard file.isPrepared else { throw .setup(.notPrepared) }
        guard file.power >= logDomainSize else {
            throw .setup(.powerTooSmall(needed: logDomainSize, power: file.power))
        }
        guard file.domainPower >= logDomainSize else {
            throw .setup(.truncatedPowers(power: file.power))
        }
        let n = 1 << logDomainSize
        let threads = parallel.threads
        self.logDomainSize = logDomainSize
        let (tau2, alphas, betas): (PointTable<Suite.G2>, PointTable<Suite.G1>, PointTable<Suite.G1>)
        do throws(FormatError) {
            func read(_ points: PtauFile.Points, _ range: Range<Int>) throws(FormatError) -> PointTable<
                Suite.G1
            > {
                try file.table(
                    points, range, of: Suite.self, threads: threads,
                    checksSubgroup: skipped != .powersInSubgroup)
            }
            lagrangeTau1 = try read(.lagrangeTau1, n - 1..<2 * n - 1)
            doubledTau1 = try read(.lagrangeTau1, 2 * n - 1..<4 * n - 1)
            lagrangeTau2 = try file.table2(.lagrangeTau2, n - 1..<2 * n - 1, of: Suite.self, threads: threads)
            lagrangeAlpha1 = try read(.lagrangeAlphaTau1, n - 1..<2 * n - 1)
            lagrangeBeta1 = try read(.lagrangeBetaTau1, n - 1..<2 * n - 1)
            tau1 = try read(.tau1, 0..<(file.power > logDomainSize ? 2 * n : 2 * n - 1))
            tau2 = try file.table2(.tau2, 0..<n, of: Suite.self, threads: threads)
            alphas = try read(.alphaTau1, 0..<n)
            betas = try read(.betaTau1, 0..<n)
            beta2 = try file.table2(.beta2, 0..<1, of: Suite.self, threads: 1)[0]
        } catch {
            throw .format(error)
        }
        alpha1 = alphas[0]
        beta1 = betas[0]
        do throws(SetupError) {
            lastPower = try check(
                tau2: tau2, alphas: alphas, betas: betas, without: skipped, parallel, using: &generator)
        } catch {
            throw .setup(error)
        }
    }

    /// - Returns: what section 12 takes for τ^(2n − 1)·G1.
    private func check(
        tau2: PointTable<Suite.G2>, alphas: PointTable<Suite.G1>, betas: PointTable<Suite.G1>,
        without skipped: SetupCheck?, _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) -> Affine<Suite.G1> {
        let n = 1 << logDomainSize
        let (one, one2) = (Suite.G1.generator, Suite.G2.generator)
        func require(
            _ check: SetupCheck, _ holds: @autoclosure () -> Bool, _ what: @autoclosure () -> String
        ) throws(SetupError) {
            guard check == skipped || holds() else { throw .inconsistentPowers(what()) }
        }
        try require(.generators, tau1[0] == one, "section 2 does not begin with the generator")
        try require(.generators, tau2[0] == one2, "section 3 does not begin with the generator")
        try require(.tauPowers1, !tau1[1].isIdentity, "tau is zero")
        try require(.alphaPowers, !alpha1.isIdentity, "alpha is zero")
        try require(.betaPowers, !beta1.isIdentity, "beta is zero")
        try require(.sameBeta, sameRatio(one, beta1, one2, beta2), "sections 5 and 6 hold different beta")
        // Nobody has contributed to such powers, or somebody chose secrets that all can find.
        // Where one is a power of another, up to the sign, the one stands among the multiples of the other.
        func stands(_ point: Affine<Suite.G1>, in table: PointTable<Suite.G1>, from first: Int = 0) -> Bool {
            (first..<table.count).contains { table[$0].x == point.x }
        }
        try require(
            .openPowers, !stands(one, in: tau1, from: 1), "tau is a root of unity, which everybody can find")
        for (powers, name) in [(alphas, "alpha"), (betas, "beta")] {
            try require(
                .openPowers, !stands(powers[0], in: tau1) && !stands(one, in: powers),
                "\(name) is a power of tau, so that anybody can forge proofs")
        }
        try require(
            .openPowers, !stands(alpha1, in: betas) && !stands(beta1, in: alphas),
            "alpha is beta times a power of tau, or the other way round: anybody can forge proofs")
        try require(
            .openPowers,
            !sameRatio(one, alpha1, beta2, one2) && !sameRatio(one, -alpha1, beta2, one2),
            "the product of alpha and beta is 1 or -1, so that anybody can forge proofs")
        let (tauPoint1, tauPoint2) = (tau1[1], tau2[1])
        /// Of 128 bits: what is wrong passes with a chance of 2⁻¹²⁸, and the sums are half the work.
        func random(_ count: Int) -> [Suite.Fr] {
            (0..<count).map { _ in
                var limbs = Suite.Fr.Limbs.zero
                limbs[0] = generator.next()
                limbs[1] = generator.next()
                return Suite.Fr(canonical: limbs) ?? .one
            }
        }
        /// Σ rᵢ·Pᵢ and Σ rᵢ·Pᵢ₊₁ differ by the factor τ.
        func requirePowers(
            _ check: SetupCheck, _ table: PointTable<Suite.G1>, _ section: Int
        ) throws(SetupError) {
            let r = random(table.count - 1)
            let low = sum(table.slice(0..<table.count - 1), r, parallel)
            let high = sum(table.slice(1..<table.count), r, parallel)
            try require(
                check, sameRatio(low, high, one2, tauPoint2), "section \(section) is no sequence of powers")
        }
        try requirePowers(.tauPowers1, tau1, 2)
        try requirePowers(.alphaPowers, alphas, 4)
        try requirePowers(.betaPowers, betas, 5)
        let r = random(tau2.count - 1)
        let low2 = sum(tau2.slice(0..<tau2.count - 1), r, parallel)
        let high2 = sum(tau2.slice(1..<tau2.count), r, parallel)
        try require(
            .tauPowers2, sameRatio(one, tauPoint1, low2, high2), "section 3 is no sequence of powers")
        // A random polynomial, once by its coefficients and once by its values: as many coefficients as the
        // basis has points, for with fewer a shift by a multiple of a missing power would pass.
        func lagrange(_ log: Int) -> (coefficients: [Suite.Fr], values: [Suite.Fr]) {
            let coefficients = random(1 << log)
            return (coefficients, Self.values(of: coefficients, log: log, parallel))
        }
        let single = lagrange(logDomainSize)
        let bases: [(SetupCheck, PointTable<Suite.G1>, PointTable<Suite.G1>, Int)] = [
            (.lagrangeTau1, tau1.slice(0..<n), lagrangeTau1, 12),
            (.lagrangeAlpha, alphas, lagrangeAlpha1, 14),
            (.lagrangeBeta, betas, lagrangeBeta1, 15),
        ]
        for (check, powers, basis, section) in bases {
            try require(
                check, sum(powers, single.coefficients, parallel) == sum(basis, single.values, parallel),
                "section \(section) is not the Lagrange basis")
        }
        try require(
            .lagrangeTau2,
            sum(tau2, single.coefficients, parallel) == sum(lagrangeTau2, single.values, parallel),
            "section 13 is not the Lagrange basis")
        let double = lagrange(logDomainSize + 1)
        let known = sum(tau1, Array(double.coefficients.prefix(tau1.count)), parallel)
        // What is beyond the powers of section 2 must be the one that it lacks, or nothing.
        let beyond = (Jacobian(sum(doubledTau1, double.values, parallel)) + Jacobian(-known)).affine
        let last = double.coefficients[2 * n - 1]
        if tau1.count == 2 * n {
            try require(
                .doubledLagrange, beyond.isIdentity,
                "section 12 is not the Lagrange basis of the doubled domain")
            return tau1[2 * n - 1]
        }
        try require(
            .doubledLagrange,
            beyond.isIdentity
                || sameRatio(tau1[2 * n - 2].multiplied(by: last).affine, beyond, one2, tauPoint2),
            """
            section 12 is not the Lagrange basis of the doubled domain: what it takes for the power that section 2 lacks is neither \
            that power nor zero, so whoever made the file can forge proofs
            """)
        return beyond.multiplied(by: last.inverse() ?? .zero).affine
    }

    /// The values at all powers of the root of unity, or at the odd powers of the doubled domain's.
    static func values(
        of coefficients: [Suite.Fr], log: Int, at points: EvaluationDomain<Suite.Fr>.Points = .subgroup,
        _ parallel: Parallel
    ) -> [Suite.Fr] {
        // The transform takes coefficients in bit-reversed order.
        var values = (0..<(1 << log)).map { index in
            let reversed = Int(UInt64(index).bitReversed >> UInt64(64 - log))
            return reversed < coefficients.count ? coefficients[reversed] : .zero
        }
        let domain = EvaluationDomain<Suite.Fr>(logSize: log, parallel: parallel)
        values.withUnsafeMutableBufferPointer { Suite.cpuForwardNTT(domain, $0, at: points) }
        return values
    }
}

/// e(a, d) = e(b, c): b is to a as d is to c.
func sameRatio<Suite: CurveSuite>(
    _ a: Affine<Suite.G1>, _ b: Affine<Suite.G1>, _ c: Affine<Suite.G2>, _ d: Affine<Suite.G2>,
    of suite: Suite.Type
) -> Bool {
    guard !a.isIdentity, !b.isIdentity, !c.isIdentity, !d.isIdentity else { return false }
    return Suite.isPairingProductOne([(a, Suite.prepare(d)), (-b, Suite.prepare(c))])
}

extension PowersOfTau {
    private func sameRatio(
        _ a: Affine<Suite.G1>, _ b: Affine<Suite.G1>, _ c: Affine<Suite.G2>, _ d: Affine<Suite.G2>
    ) -> Bool {
        TrustedSetup.sameRatio(a, b, c, d, of: Suite.self)
    }

    private func sum<Group: ComputeGroup>(
        _ table: PointTable<Group>, _ scalars: [Suite.Fr], _ parallel: Parallel
    ) -> Affine<Group> where Group.Scalar == Suite.Fr {
        scalars.map(\.canonical).withUnsafeBufferPointer { Group.cpuMSM(table, $0, parallel) }
    }
}

extension UInt64 {
    fileprivate var bitReversed: UInt64 {
        var x = byteSwapped
        x = (x >> 4) & 0x0f0f_0f0f_0f0f_0f0f | (x & 0x0f0f_0f0f_0f0f_0f0f) << 4
        x = (x >> 2) & 0x3333_3333_3333_3333 | (x & 0x3333_3333_3333_3333) << 2
        return (x >> 1) & 0x5555_5555_5555_5555 | (x & 0x5555_5555_5555_5555) << 1
    }
}
