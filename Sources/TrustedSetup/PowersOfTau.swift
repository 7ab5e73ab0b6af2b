import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
public import SnarkFormats

/// What a key of a domain needs of a ceremony's file, read and checked.
public struct PowersOfTau<Suite: SetupKernels>: Sendable {
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

    /// Why powers of tau cannot be used: a file that cannot be read, or one that is none.
    public enum Failure: Error, CustomStringConvertible {
        case format(FormatError)
        case setup(SetupError)

        public var description: String {
            switch self {
            case .format(let error): error.description
            case .setup(let error): error.description
            }
        }
    }

    /// Reads the parts for a domain of 2^logDomainSize, checks each point for itself (curve, subgroup), and all of them against each other by
    /// pairings of random combinations: a file that passes is, but for a chance of some 2^−120, one of powers of one τ with one α and one β.
    ///
    /// - Parameter generator: unpredictable to whoever made the file.
    /// - Throws: what is wrong with file or contents.
    public init(
        _ file: PtauFile, logDomainSize: Int, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(Failure) {
        precondition(file.curve == Suite.id)
        guard file.isPrepared else { throw .setup(.notPrepared) }
        guard file.power >= logDomainSize else {
            throw .setup(.powerTooSmall(needed: logDomainSize, power: file.power))
        }
        let n = 1 << logDomainSize
        let threads = parallel.threads
        self.logDomainSize = logDomainSize
        let (tau2, alphas, betas): (PointTable<Suite.G2>, PointTable<Suite.G1>, PointTable<Suite.G1>)
        do throws(FormatError) {
            func read(_ points: PtauFile.Points, _ range: Range<Int>) throws(FormatError) -> PointTable<
                Suite.G1
            > {
                try file.table(points, range, of: Suite.self, threads: threads)
            }
            lagrangeTau1 = try read(.lagrangeTau1, n - 1..<2 * n - 1)
            doubledTau1 = try read(.lagrangeTau1, 2 * n - 1..<4 * n - 1)
            lagrangeTau2 = try file.table2(.lagrangeTau2, n - 1..<2 * n - 1, of: Suite.self, threads: threads)
            lagrangeAlpha1 = try read(.lagrangeAlphaTau1, n - 1..<2 * n - 1)
            lagrangeBeta1 = try read(.lagrangeBetaTau1, n - 1..<2 * n - 1)
            tau1 = try read(.tau1, 0..<(file.power > logDomainSize ? 2 * n : 2 * n - 1))
            tau2 = try file.table2(
                .tau2, 0..<max(n, min(2, 1 << file.power)), of: Suite.self, threads: threads)
            alphas = try read(.alphaTau1, 0..<n)
            betas = try read(.betaTau1, 0..<n)
            beta2 = try file.table2(.beta2, 0..<1, of: Suite.self, threads: 1)[0]
        } catch {
            throw .format(error)
        }
        alpha1 = alphas[0]
        beta1 = betas[0]
        do throws(SetupError) {
            try check(tau2: tau2, alphas: alphas, betas: betas, parallel, using: &generator)
        } catch {
            throw .setup(error)
        }
    }

    private func check(
        tau2: PointTable<Suite.G2>, alphas: PointTable<Suite.G1>, betas: PointTable<Suite.G1>,
        _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        let (one, one2) = (Suite.G1.generator, Suite.G2.generator)
        func require(_ holds: Bool, _ what: String) throws(SetupError) {
            guard holds else { throw .inconsistentPowers(what) }
        }
        try require(tau1[0] == one, "section 2 does not begin with the generator")
        try require(tau2[0] == one2, "section 3 does not begin with the generator")
        for (point, name) in [(alpha1, "alpha"), (beta1, "beta")] {
            try require(!point.isIdentity, "\(name) is zero")
        }
        try require(tau1.count > 1 && !tau1[1].isIdentity, "tau is zero")
        try require(sameRatio(one, beta1, one2, beta2), "sections 5 and 6 hold different beta")
        guard tau2.count > 1 else { throw .inconsistentPowers("section 3 is too short") }
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
        func requirePowers(_ table: PointTable<Suite.G1>, _ section: Int) throws(SetupError) {
            guard table.count > 1 else { return }
            let r = random(table.count - 1)
            let low = sum(table.slice(0..<table.count - 1), r, parallel)
            let high = sum(table.slice(1..<table.count), r, parallel)
            try require(sameRatio(low, high, one2, tauPoint2), "section \(section) is no sequence of powers")
        }
        try requirePowers(tau1, 2)
        try requirePowers(alphas, 4)
        try requirePowers(betas, 5)
        let r = random(tau2.count - 1)
        let low2 = sum2(tau2.slice(0..<tau2.count - 1), r, parallel)
        let high2 = sum2(tau2.slice(1..<tau2.count), r, parallel)
        try require(sameRatio(one, tauPoint1, low2, high2), "section 3 is no sequence of powers")
        // A random polynomial, once by its coefficients and once by its values.
        func lagrange(_ log: Int, length: Int) -> (coefficients: [Suite.Fr], values: [Suite.Fr]) {
            let coefficients = random(length)
            return (coefficients, Self.values(of: coefficients, log: log, parallel))
        }
        let n = 1 << logDomainSize
        let single = lagrange(logDomainSize, length: n)
        let pairs: [(PointTable<Suite.G1>, PointTable<Suite.G1>, Int)] = [
            (tau1.slice(0..<n), lagrangeTau1, 12), (alphas, lagrangeAlpha1, 14), (betas, lagrangeBeta1, 15),
        ]
        for (powers, basis, section) in pairs {
            try require(
                sum(powers, single.coefficients, parallel) == sum(basis, single.values, parallel),
                "section \(section) is not the Lagrange basis")
        }
        try require(
            sum2(tau2.slice(0..<n), single.coefficients, parallel)
                == sum2(lagrangeTau2, single.values, parallel),
            "section 13 is not the Lagrange basis")
        // Where the file ends the last power is missing from the doubled basis as well.
        let double = lagrange(logDomainSize + 1, length: min(tau1.count, 2 * n))
        try require(
            sum(tau1, double.coefficients, parallel) == sum(doubledTau1, double.values, parallel),
            "section 12 is not the Lagrange basis of the doubled domain")
    }

    /// The values at all powers of the root of unity.
    private static func values(
        of coefficients: [Suite.Fr], log: Int, _ parallel: Parallel
    ) -> [Suite.Fr] {
        // The transform takes coefficients in bit-reversed order.
        var values = (0..<(1 << log)).map { index in
            let reversed = Int(UInt64(index).bitReversed >> UInt64(64 - log))
            return reversed < coefficients.count ? coefficients[reversed] : .zero
        }
        let domain = EvaluationDomain<Suite.Fr>(logSize: log, parallel: parallel)
        values.withUnsafeMutableBufferPointer { Suite.cpuForwardNTT(domain, $0, at: .subgroup) }
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

    private func sum(_ table: PointTable<Suite.G1>, _ scalars: [Suite.Fr], _ parallel: Parallel) -> Affine<
        Suite.G1
    > {
        scalars.map(\.canonical).withUnsafeBufferPointer { Suite.cpuMSM(table, $0, parallel) }
    }

    private func sum2(_ table: PointTable<Suite.G2>, _ scalars: [Suite.Fr], _ parallel: Parallel) -> Affine<
        Suite.G2
    > {
        scalars.map(\.canonical).withUnsafeBufferPointer { Suite.cpuMSM(table, $0, parallel) }
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
