// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import ProofFixtures

/// A point of a group whose law is measured, in the coordinates that sums are made in.
protocol MeasuredPoint: Equatable {
    /// A point in affine coordinates.
    associatedtype Base
    init(_ point: Base)
    static func + (p: Self, q: Base) -> Self
    static func + (p: Self, q: Self) -> Self
    func doubled() -> Self
    func multiplied(by scalar: [UInt64]) -> Self
}

extension Jacobian: MeasuredPoint { typealias Base = Affine<Group> }
extension EdwardsExtended: MeasuredPoint { typealias Base = EdwardsAffine<Group> }

/// Chains of additions of an affine point, of doublings, and products by scalars of the order's size; one
/// thread. Each is compared with what another of them gives.
final class GroupWorkloads<Point: MeasuredPoint> {
    private let name: String
    private let base: Point.Base
    private let start: Point
    private let scalars: [[UInt64]]
    private var result: Point

    /// - Parameters:
    ///   - name: put before the works' names: "g1" for "g1-add"; empty where a curve has one group.
    ///   - base: a point of the subgroup.
    ///   - start: another one.
    ///   - scalars: below the order; measured are products by each of them, one after the other.
    init(name: String, base: Point.Base, start: Point, scalars: [[UInt64]]) {
        self.name = name.isEmpty ? "" : name + "-"
        self.base = base
        self.start = start
        self.scalars = scalars
        result = start
    }

    var all: [Workload] { [addition, doubling, multiplication] }

    private var addition: Workload {
        let length = 1 << 12
        return workload("add", length) {
            var sum = self.start
            for _ in 0..<length { sum = sum + self.base }
            self.result = sum
        } isRight: {
            self.result == self.start + Point(self.base).multiplied(by: [UInt64(length)])
        }
    }

    private var doubling: Workload {
        let length = 1 << 12
        return workload("double", length) {
            var point = self.start
            for _ in 0..<length { point = point.doubled() }
            self.result = point
        } isRight: {
            // By windows of 2^63.
            var point = self.start
            for _ in 0..<length / 63 { point = point.multiplied(by: [1 << 63]) }
            return self.result == point.multiplied(by: [1 << UInt64(length % 63)])
        }
    }

    private var multiplication: Workload {
        workload("multiply", scalars.count) {
            var point = self.start
            for scalar in self.scalars { point = point.multiplied(by: scalar) }
            self.result = point
        } isRight: {
            // Bit by bit.
            var point = self.start
            for scalar in self.scalars {
                var product = point.multiplied(by: [0])
                for word in scalar.reversed() {
                    for bit in stride(from: 63, through: 0, by: -1) {
                        product = product.doubled()
                        if (word >> UInt64(bit)) & 1 == 1 { product = product + point }
                    }
                }
                point = product
            }
            return self.result == point
        }
    }

    private func workload(
        _ operation: String, _ count: Int, run: @escaping () -> Void, isRight: @escaping () -> Bool
    ) -> Workload {
        Workload(
            work: name + operation, operations: count, prepare: { self.result = self.start },
            run: { () throws(BenchmarkError) in run() }, isRight: { () throws(BenchmarkError) in isRight() })
    }
}

/// The law of a group on a short Weierstrass curve.
func lawWorkloads<Group: CurveGroup>(
    _ group: Group.Type, name: String, _ session: BenchmarkSession
) -> [Workload] {
    var stream = SeededStream(seed: session.plan.seed, "\(Group.name) law")
    let scalars = (0..<8).map { _ in Group.Scalar.random(using: &stream).canonical.words }
    let base = Affine<Group>.random(using: &stream)
    let start = Jacobian(Affine<Group>.random(using: &stream))
    return GroupWorkloads<Jacobian<Group>>(name: name, base: base, start: start, scalars: scalars).all
}

/// The law of a group on a twisted Edwards curve.
func lawWorkloads<Group: EdwardsGroup>(
    _ group: Group.Type, name: String, _ session: BenchmarkSession
) -> [Workload] {
    var stream = SeededStream(seed: session.plan.seed, "\(Group.name) law")
    let scalars = (0..<8).map { _ in Group.Scalar.random(using: &stream).canonical.words }
    let base = EdwardsAffine<Group>.random(using: &stream)
    let start = EdwardsExtended(EdwardsAffine<Group>.random(using: &stream))
    return GroupWorkloads<EdwardsExtended<Group>>(name: name, base: base, start: start, scalars: scalars).all
}

/// The curves without a pairing.
enum PlainCurves {
    /// Measures every case of the session's plan that is of the given kind, on Grumpkin.
    static func benchmarkGrumpkin(
        _ kind: BenchmarkKind, _ session: BenchmarkSession
    ) throws(BenchmarkError) {
        switch kind {
        case .group:
            try measure(lawWorkloads(Grumpkin.self, name: "", session), .grumpkin, session)
        case .msm where session.plan.groups.contains(.g1):
            for log in session.plan.sizes(for: .msm) {
                let input = try SumInput<Grumpkin>(name: "msm-g1", log: log, session)
                let chain = ProductChain<BN254.Fr>(session)
                let parallel = session.parallel
                for backend in session.backends where backend.computesFields {
                    let workload = input.workload(onCPU: parallel)
                    try session.measure(workload, .msm, .grumpkin, backend) { () throws(BenchmarkError) in
                        try chain.nanoseconds(on: backend.scalarPath)
                    }
                }
            }
        default: break
        }
    }

    /// The same on BabyJubJub, with the agreement on a key: the checks of a public key and a product.
    static func benchmarkBabyJubJub(
        _ kind: BenchmarkKind, _ session: BenchmarkSession
    ) throws(BenchmarkError) {
        guard kind == .group else { return }
        let law = lawWorkloads(BabyJubJub.self, name: "", session)
        try measure(law + [KeyAgreement(session).workload], .babyJubJub, session)
    }

    private static func measure(
        _ workloads: [Workload], _ curve: BenchmarkCurve, _ session: BenchmarkSession
    ) throws(BenchmarkError) {
        for backend in session.backends where backend.computesFields {
            for workload in workloads { try session.measure(workload, .group, curve, backend) }
        }
    }
}

/// Both sides of an agreement on a key.
private final class KeyAgreement {
    private let secrets: [BabyJubJub.Scalar]
    private let publics: [EdwardsAffine<BabyJubJub>]
    private var shared: [EdwardsAffine<BabyJubJub>?] = []

    init(_ session: BenchmarkSession) {
        var stream = SeededStream(seed: session.plan.seed, "\(BabyJubJub.name) keys")
        secrets = (0..<2).map { _ in BabyJubJub.Scalar.random(using: &stream) }
        publics = secrets.map { BabyJubJub.generator.multiplied(by: $0).affine }
    }

    var workload: Workload {
        Workload(
            work: "ecdh", operations: 2, prepare: { self.shared = [] },
            run: { () throws(BenchmarkError) in
                self.shared = (0..<2).map { BabyJubJub.sharedPoint(self.secrets[$0], self.publics[1 - $0]) }
            },
            isRight: { () throws(BenchmarkError) in
                let product = self.secrets[0] * self.secrets[1]
                let point = BabyJubJub.generator.multiplied(by: product).affine
                return self.shared == [point, point]
            })
    }
}
