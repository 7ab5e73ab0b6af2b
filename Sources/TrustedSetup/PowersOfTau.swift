// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
import FiniteFields

/// Powers of tau for the keys of one domain, checked against each other.
public struct PowersOfTau<Suite: ComputeSuite>: Sendable {
    /// The points that keys of a domain of n = 2^k rows are made from. Whoever takes them from a file checks
    /// that each is on its curve and in its subgroup.
    public struct Tables: Sendable {
        /// τ^i·G1 for i < 2n, one less where the powers end there.
        public var tau1: PointTable<Suite.G1>
        /// τ^i·G2 for i < n.
        public var tau2: PointTable<Suite.G2>
        /// α·τ^i·G1 for i < n.
        public var alphaTau1: PointTable<Suite.G1>
        /// β·τ^i·G1 for i < n.
        public var betaTau1: PointTable<Suite.G1>
        /// β·G2.
        public var beta2: Affine<Suite.G2>
        /// The Lagrange basis of the domain at τ, in G1.
        public var lagrangeTau1: PointTable<Suite.G1>
        /// The same in G2.
        public var lagrangeTau2: PointTable<Suite.G2>
        /// The same times α, in G1.
        public var lagrangeAlphaTau1: PointTable<Suite.G1>
        /// The same times β, in G1.
        public var lagrangeBetaTau1: PointTable<Suite.G1>
        /// The Lagrange basis of the doubled domain at τ, in G1.
        public var doubledLagrangeTau1: PointTable<Suite.G1>

        /// Tables, which are not checked.
        public init(
            tau1: PointTable<Suite.G1>, tau2: PointTable<Suite.G2>, alphaTau1: PointTable<Suite.G1>,
            betaTau1: PointTable<Suite.G1>, beta2: Affine<Suite.G2>, lagrangeTau1: PointTable<Suite.G1>,
            lagrangeTau2: PointTable<Suite.G2>, lagrangeAlphaTau1: PointTable<Suite.G1>,
            lagrangeBetaTau1: PointTable<Suite.G1>, doubledLagrangeTau1: PointTable<Suite.G1>
        ) {
            self.tau1 = tau1
            self.tau2 = tau2
            self.alphaTau1 = alphaTau1
            self.betaTau1 = betaTau1
            self.beta2 = beta2
            self.lagrangeTau1 = lagrangeTau1
            self.lagrangeTau2 = lagrangeTau2
            self.lagrangeAlphaTau1 = lagrangeAlphaTau1
            self.lagrangeBetaTau1 = lagrangeBetaTau1
            self.doubledLagrangeTau1 = doubledLagrangeTau1
        }
    }

    let logDomainSize: Int
    let tables: Tables
    /// What the basis of the doubled domain takes for τ^(2n − 1)·G1: that power, or the identity where it was
    /// made without it.
    private(set) var lastPower = Affine<Suite.G1>.identity

    var alpha1: Affine<Suite.G1> { tables.alphaTau1[0] }
    var beta1: Affine<Suite.G1> { tables.betaTau1[0] }

    /// Checks all points against each other by pairings of random combinations: tables that pass are, but for
    /// a chance of some 2^−120, those of powers of one τ with one α and one β.
    ///
    /// Where `tau1` ends with τ^(2n − 2), the basis of the doubled domain may have been made without τ^(2n −
    /// 1) (a file that was prepared at this power) or with it (a basis that was taken from a larger file).
    /// Both are taken and nothing else: a basis with another point in the place of that power lets whoever
    /// chose the point forge proofs.
    ///
    /// - Parameters:
    ///   - tables: the points, each of which is in its group.
    ///   - logDomainSize: log₂ of the rows that the powers are for.
    ///   - parallel: threads for the work.
    ///   - generator: unpredictable to whoever made the points.
    /// - Precondition: the tables have the lengths for the domain.
    /// - Throws: `.inconsistentPowers` with what contradicts what; the sections that it names are those of a
    ///   ptau file.
    public init(
        _ tables: Tables, logDomainSize: Int, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        try self.init(
            tables, logDomainSize: logDomainSize, parallel: parallel, without: nil, using: &generator)
    }

    /// The same without one of the checks: for the tests of the checks, and for nothing else.
    package init(
        _ tables: Tables, logDomainSize: Int, parallel: Parallel, without skipped: SetupCheck?,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        let n = 1 << logDomainSize
        precondition((2 * n - 1...2 * n).contains(tables.tau1.count))
        for table in [
            tables.alphaTau1, tables.betaTau1, tables.lagrangeTau1, tables.lagrangeAlphaTau1,
            tables.lagrangeBetaTau1,
        ] { precondition(table.count == n) }
        precondition(tables.tau2.count == n && tables.lagrangeTau2.count == n)
        precondition(tables.doubledLagrangeTau1.count == 2 * n)
        self.logDomainSize = logDomainSize
        self.tables = tables
        lastPower = try check(without: skipped, parallel, using: &generator)
    }

    /// Whether α·β is ±τ^k with τ^k·G1 among the points: A = ±τ^k·G1 + IC(x), B = G2, C = 0 is a proof then.
    ///
    /// The product is in no table, and τ^k is compared with it in the target group, by baby steps and giant
    /// steps: e(α·τ^i, β) is e(τ^j, G2)^±1 for an i below and a j that is a multiple of some √2n.
    private func isProductAPower(_ parallel: Parallel) -> Bool {
        let (tau1, tau2) = (tables.tau1, tables.tau2)
        let step = min(Int(Double(tau1.count).squareRoot().rounded(.up)), tau2.count)
        let (one2, beta2) = (Suite.prepare(Suite.G2.generator), Suite.prepare(tables.beta2))
        // A value and its inverse have this half in common, and no other value has it.
        let giant = Set(
            parallel.map((tau1.count + step - 1) / step + 1) { index in
                let power = index * step
                let last = tau1.count - 1
                return power <= last
                    ? Suite.finalExponentiation(Suite.millerLoop([(tau1[power], one2)])).c0
                    : Suite.pairing(tau1[last], tau2[min(power - last, tau2.count - 1)]).c0
            })
        return parallel.map(step) { index in
            Suite.finalExponentiation(Suite.millerLoop([(tables.alphaTau1[index], beta2)])).c0
        }.contains { giant.contains($0) }
    }

    /// - Returns: what the basis of the doubled domain takes for τ^(2n − 1)·G1.
    private func check(
        without skipped: SetupCheck?, _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) -> Affine<Suite.G1> {
        let n = 1 << logDomainSize
        let (tau1, tau2) = (tables.tau1, tables.tau2)
        let (alphas, betas, beta2) = (tables.alphaTau1, tables.betaTau1, tables.beta2)
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
            .openPowers, !isProductAPower(parallel),
            "the product of alpha and beta is 1 or a power of tau, or minus that, so that anybody can forge proofs"
        )
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
            (.lagrangeTau1, tau1.slice(0..<n), tables.lagrangeTau1, 12),
            (.lagrangeAlpha, alphas, tables.lagrangeAlphaTau1, 14),
            (.lagrangeBeta, betas, tables.lagrangeBetaTau1, 15),
        ]
        for (check, powers, basis, section) in bases {
            try require(
                check, sum(powers, single.coefficients, parallel) == sum(basis, single.values, parallel),
                "section \(section) is not the Lagrange basis")
        }
        try require(
            .lagrangeTau2,
            sum(tau2, single.coefficients, parallel) == sum(tables.lagrangeTau2, single.values, parallel),
            "section 13 is not the Lagrange basis")
        let double = lagrange(logDomainSize + 1)
        let known = sum(tau1, Array(double.coefficients.prefix(tau1.count)), parallel)
        // What is beyond the powers of section 2 must be the one that it lacks, or nothing.
        let beyond = (Jacobian(sum(tables.doubledLagrangeTau1, double.values, parallel)) + Jacobian(-known))
            .affine
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
