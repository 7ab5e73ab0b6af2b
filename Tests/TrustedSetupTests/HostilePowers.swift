// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import SnarkFormats
import TestSupport
import TrustedSetup

/// Powers of tau by their discrete logarithms, so that any of them can be set to anything, and the bases made
/// to fit or not.
struct HostilePowers<Suite: ComputeSuite> {
    typealias Scalar = Suite.Fr

    /// What section 12 takes for τ^(2n − 1) in the basis of the doubled domain.
    enum Last {
        /// As snarkjs prepares a file.
        case missing
        /// As in a basis that was taken from a larger file.
        case power
        /// What whoever makes the file likes.
        case anything(Scalar)
    }

    let power: Int
    var tau1, tau2, alphas, betas: [Scalar]
    var beta2: Scalar
    var last: Scalar
    /// Added to the points of the bases in the end, by section and index.
    var shifts: [PtauFile.Points: [Int: Scalar]] = [:]
    /// Added to single points of G1 in the end, of whatever order they are.
    var strangers: [PtauFile.Points: [Int: Affine<Suite.G1>]] = [:]

    var size: Int { 1 << power }

    init(power: Int, tau: Scalar, alpha: Scalar, beta: Scalar, last: Last = .missing) {
        self.power = power
        let n = 1 << power
        var powers = [Scalar.one]
        while powers.count < 2 * n { powers.append(powers[powers.count - 1] * tau) }
        tau1 = Array(powers[..<(2 * n - 1)])
        tau2 = Array(powers[..<n])
        alphas = tau2.map { $0 * alpha }
        betas = tau2.map { $0 * beta }
        beta2 = beta
        self.last =
            switch last {
            case .missing: .zero
            case .power: powers[2 * n - 1]
            case .anything(let value): value
            }
    }

    /// Random secrets.
    init(power: Int, last: Last = .missing, using generator: inout SeededGenerator) {
        self.init(
            power: power, tau: .random(using: &generator), alpha: .random(using: &generator),
            beta: .random(using: &generator), last: last)
    }

    /// Where the basis of the domain of 2^log begins in a section.
    static func start(_ log: Int) -> Int { 1 << log - 1 }

    /// Adds to the basis of the domain of 2^log what makes the coefficient of degree k greater by `delta`.
    mutating func shift(_ points: PtauFile.Points, log: Int, degree k: Int, by delta: Scalar) {
        for (index, value) in Self.functional(log: log, degree: k).enumerated() {
            shifts[points, default: [:]][Self.start(log) + index, default: .zero] += value * delta
        }
    }

    /// ω^(−jk)/2^log for all j.
    static func functional(log: Int, degree k: Int) -> [Scalar] {
        let step = EvaluationDomain<Scalar>.root(log: log).inverse()!.power(UInt64(k))
        var factor = Scalar(UInt64(1) << UInt64(log)).inverse()!
        return (0..<1 << log).map { _ in
            defer { factor *= step }
            return factor
        }
    }

    /// The bases of 2^0 … 2^log of a sequence of powers, by the definition: Σ τ^i·ω^(−ij)/n.
    static func bases(_ powers: [Scalar], upTo log: Int) -> [Scalar] {
        (0...log).flatMap { log in
            // ω^(−k)/n for all k.
            let factors = functional(log: log, degree: 1)
            let n = factors.count
            return (0..<n).map { j in
                (0..<n).reduce(Scalar.zero) { $0 + powers[$1] * factors[$1 * j % n] }
            }
        }
    }

    /// The sections as points.
    func sections(_ parallel: Parallel) -> PreparedPowers<Suite> {
        func points(_ id: PtauFile.Points, _ scalars: [Scalar]) -> [Affine<Suite.G1>] {
            var scalars = scalars
            for (index, shift) in shifts[id] ?? [:] { scalars[index] += shift }
            var points = Suite.G1.cpuMultiplyGenerator(by: scalars, parallel)
            for (index, point) in strangers[id] ?? [:] {
                points[index] = (Jacobian(points[index]) + point).affine
            }
            return points
        }
        func points2(_ id: PtauFile.Points, _ scalars: [Scalar]) -> [Affine<Suite.G2>] {
            var scalars = scalars
            for (index, shift) in shifts[id] ?? [:] { scalars[index] += shift }
            return Suite.G2.cpuMultiplyGenerator(by: scalars, parallel)
        }
        return PreparedPowers(
            tau1: points(.tau1, tau1), tau2: points2(.tau2, tau2), alphaTau1: points(.alphaTau1, alphas),
            betaTau1: points(.betaTau1, betas), beta2: points2(.beta2, [beta2])[0],
            lagrangeTau1: points(.lagrangeTau1, Self.bases(tau1 + [last], upTo: power + 1)),
            lagrangeTau2: points2(.lagrangeTau2, Self.bases(tau2, upTo: power)),
            lagrangeAlphaTau1: points(.lagrangeAlphaTau1, Self.bases(alphas, upTo: power)),
            lagrangeBetaTau1: points(.lagrangeBetaTau1, Self.bases(betas, upTo: power)))
    }

    /// The same as a file, through the writer and the reader.
    func file(_ parallel: Parallel) throws -> PtauFile {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).ptau").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try PtauFile.write(sections(parallel), power: power, to: path)
        return try PtauFile(
            MappedFile(copying: [UInt8](try Data(contentsOf: URL(filePath: path))), name: "hostile.ptau"))
    }

    /// The powers as they are read, without one of the checks.
    func read(
        log: Int, without skipped: SetupCheck? = nil, _ parallel: Parallel,
        using generator: inout SeededGenerator
    ) throws -> PowersOfTau<Suite> {
        try PowersOfTau<Suite>(
            file(parallel), logDomainSize: log, parallel: parallel, without: skipped, using: &generator)
    }
}

/// A point of the curve of BLS12-381's G1 that has order 3, which divides the cofactor.
func pointOfOrderThree<Suite: ComputeSuite>(
    _ suite: Suite.Type, using generator: inout SeededGenerator
) -> Affine<Suite.G1> {
    precondition(Suite.id == .bls12381)
    while true {
        let x = Suite.Fp.random(using: &generator)
        guard let y = (x.squared() * x + Suite.G1.b).squareRoot() else { continue }
        // (u − 1)²/3 is the cofactor, and a third of it leaves what has order 3.
        var (cofactor, rest) = (Suite.G1.cofactor, UInt64(0))
        for limb in cofactor.indices.reversed() {
            (cofactor[limb], rest) = UInt64(3).dividingFullWidth((rest, cofactor[limb]))
        }
        let point = Jacobian(Affine<Suite.G1>(x: x, y: y)).multiplied(by: Suite.Fr.modulus.words)
            .multiplied(by: cofactor).affine
        if !point.isIdentity { return point }
    }
}
