// SPDX-License-Identifier: Apache-2.0

import DifferentialPrivacy
import Foundation
import TestSupport
import Testing

/// ε and δ of noise, against Google's dp-accounting, closed forms and sums over all outcomes.
@Suite struct NoiseBudgetTests {
    private struct Case: Decodable {
        struct Use: Decodable { var clients, count: Int }
        struct Point: Decodable {
            var delta: Double
            /// Missing where no ε is enough.
            var epsilon: Double?
        }
        var shift, bits, summands: Int
        var uses: [Use]
        var epsilon: [Point]
        var advantage: Double
    }

    @Test func agreesWithAnotherAccountant() throws {
        let cases = try JSONDecoder().decode(
            [Case].self, from: Data(contentsOf: Vectors.url("privacy/noise.json")))
        #expect(cases.count == 9)
        for entry in cases {
            let budget = NoiseBudget(
                sensitivity: entry.shift, coordinates: 1, bits: entry.bits, summands: entry.summands)
            let uses = entry.uses.map { NoiseBudget.Use(honest: $0.clients, count: $0.count) }
            let loss = try #require(budget.bound(uses))
            for point in entry.epsilon {
                let own = loss.epsilon(delta: point.delta)
                #expect((own == nil) == (point.epsilon == nil), "\(entry) \(point)")
                guard let own, let epsilon = point.epsilon else { continue }
                #expect(abs(own - epsilon) < 0.01 * epsilon, "\(entry) \(point): \(own)")
            }
            // The other rounds each loss up, by half of 10^−4 on the average; δ changes by less than half of
            // that.
            let rounding = 0.25e-4 * Double(entry.uses.reduce(0) { $0 + $1.count })
            let advantage = loss.delta(epsilon: 0)
            #expect(
                abs(advantage - entry.advantage) < 0.001 * entry.advantage + rounding,
                "\(entry): \(advantage)")
        }
    }

    /// Probabilities of sums, by counting all of them.
    @Test func probabilitiesOfSums() {
        for (bits, count) in [(1, 1), (1, 5), (2, 3), (3, 4), (4, 2)] {
            var counts = [1]
            for _ in 0..<count {
                var next = [Int](repeating: 0, count: counts.count + (1 << bits) - 1)
                for (sum, number) in counts.enumerated() {
                    for value in 0..<(1 << bits) { next[sum + value] += number }
                }
                counts = next
            }
            let total = Double(1 << (bits * count))
            let noise = UniformSum(bits: bits, count: count)
            #expect(noise.probabilities.count == counts.count)
            for (own, number) in zip(noise.probabilities, counts) {
                #expect(abs(own * total / Double(number) - 1) < 1e-12)
            }
            let mean = Double(count * ((1 << bits) - 1)) / 2
            let variance = noise.probabilities.enumerated().reduce(0) {
                $0 + $1.element * (Double($1.offset) - mean) * (Double($1.offset) - mean)
            }
            #expect(abs(variance / noise.variance - 1) < 1e-12)
        }
    }

    /// δ of several sums, by going over all of what can be seen: it is never understated.
    @Test func composition() throws {
        for (bits, clients, shift, count) in [(2, 3, 1, 2), (3, 3, 2, 2), (1, 4, 1, 3), (1, 6, 2, 2)] {
            let f = UniformSum(bits: bits, count: clients).probabilities
            func q(_ x: Int) -> Double { f.indices.contains(x - shift) ? f[x - shift] : 0 }
            var outcomes = [(1.0, 1.0)]
            for _ in 0..<count {
                outcomes = outcomes.flatMap { pair in f.indices.map { (pair.0 * f[$0], pair.1 * q($0)) } }
            }
            let budget = NoiseBudget(sensitivity: shift, coordinates: 1, bits: bits, summands: 1)
            let loss = try #require(budget.bound([.init(honest: clients, count: count)]))
            for epsilon in [0, 0.1, 0.5, 1, 2, 5] {
                let exact = outcomes.reduce(0) { $0 + max($1.0 - exp(epsilon) * $1.1, 0) }
                let own = loss.delta(epsilon: epsilon)
                #expect(own > exact - 1e-12 && own < exact + 2e-4, "\(bits) \(clients) \(shift) \(epsilon)")
            }
        }
    }

    /// Of many summands the noise is as good as a Gaussian.
    @Test func gaussian() throws {
        let budget = NoiseBudget(sensitivity: 20, coordinates: 1, bits: 5, summands: 4)
        let (clients, uses) = (32, 9)
        let ratio = 20 * Double(uses).squareRoot() / budget.deviation(clients: clients)
        func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
        let loss = try #require(budget.bound([.init(honest: clients, count: uses)]))
        for epsilon in [0, 0.2, 0.5, 1, 1.5] {
            // Balle and Wang 2018, "Improving the Gaussian mechanism", theorem 8.
            let expected =
                normal(ratio / 2 - epsilon / ratio) - exp(epsilon) * normal(-ratio / 2 - epsilon / ratio)
            #expect(abs(loss.delta(epsilon: epsilon) / expected - 1) < 0.02, "\(epsilon)")
        }
    }

    /// A record whose norm is shared by coordinates: for every ε at least what going over all outcomes gives,
    /// for one coordinate of two as for four of one.
    @Test func sharedNorms() throws {
        for (bits, clients) in [(1, 3), (2, 3), (1, 5)] {
            let budget = NoiseBudget(sensitivity: 2, coordinates: 9, bits: bits, summands: 1)
            let bound = try #require(budget.bound([.init(honest: clients, count: 1)]))
            let f = UniformSum(bits: bits, count: clients).probabilities
            for (coordinates, shift) in [(1, 2), (4, 1), (3, 1), (1, 1)] {
                var outcomes = [(1.0, 1.0)]
                for _ in 0..<coordinates {
                    outcomes = outcomes.flatMap { pair in
                        f.indices.map { (pair.0 * f[$0], $0 < shift ? 0 : pair.1 * f[$0 - shift]) }
                    }
                }
                for epsilon in [0, 0.5, 1, 2] {
                    let exact = outcomes.reduce(0) { $0 + max($1.0 - exp(epsilon) * $1.1, 0) }
                    #expect(bound.delta(epsilon: epsilon) > exact - 1e-12, "\(bits) \(clients) \(epsilon)")
                }
            }
        }
    }

    /// The same for vectors that are not even, and for even ones between those that are looked at.
    @Test func unevenNorms() throws {
        for (vector, coordinates, bits, clients) in [
            ([2, 1, 1, 1, 1, 1], 6, 2, 3), ([2, 2, 1], 3, 3, 3), ([2, 2, 1], 3, 2, 4), ([2, 2], 2, 3, 3),
        ] {
            let norm = Double(vector.reduce(0) { $0 + $1 * $1 }).squareRoot()
            let budget = NoiseBudget(
                sensitivity: Int(norm.rounded(.up)), coordinates: coordinates, bits: bits, summands: 1)
            let bound = try #require(budget.bound([.init(honest: clients, count: 1)]))
            let f = UniformSum(bits: bits, count: clients).probabilities
            // By the logarithm of the ratio, so that outcomes that say the same are one.
            var outcomes: [Int: (Double, Double)] = [0: (1, 1)]
            for shift in vector {
                var next: [Int: (Double, Double)] = [:]
                for (key, pair) in outcomes {
                    for (x, p) in f.enumerated() {
                        let q = x < shift ? 0 : f[x - shift]
                        let own = q == 0 || pair.1 == 0 ? .max : key + Int((log(p / q) * 1e9).rounded())
                        let before = next[own] ?? (0, 0)
                        next[own] = (before.0 + pair.0 * p, before.1 + pair.1 * q)
                    }
                }
                outcomes = next
            }
            for epsilon in [0, 0.5, 1, 1.5, 2] {
                let exact = outcomes.values.reduce(0) { $0 + max($1.0 - exp(epsilon) * $1.1, 0) }
                #expect(bound.delta(epsilon: epsilon) > exact - 1e-9, "\(vector) \(bits) \(epsilon)")
            }
        }
        // 225 coordinates of two, which 256 of two cover.
        let budget = NoiseBudget(sensitivity: 30, coordinates: 650, bits: 9, summands: 1)
        let bound = try #require(budget.bound([.init(honest: 3, count: 1)]))
        #expect(bound.delta(epsilon: 0.1) >= 0.015499 && bound.delta(epsilon: 0) >= 0.04924)
    }

    /// Where δ is large, many small coordinates are worse than one; where it is small, one is.
    @Test func whichShiftIsTheWorst() throws {
        func bound(_ coordinates: Int, _ bits: Int, _ honest: Int) throws -> PrivacyBound {
            let budget = NoiseBudget(sensitivity: 256, coordinates: coordinates, bits: bits, summands: 1)
            return try #require(budget.bound([.init(honest: honest, count: 1)]))
        }
        let (one, many) = (try bound(1, 12, 3), try bound(256, 12, 3))
        #expect(many.delta(epsilon: 0) > 1.1 * one.delta(epsilon: 0))
        for (bits, honest) in [(12, 7), (13, 5), (12, 3)] {
            let (one, many) = (try bound(1, bits, honest), try bound(650, bits, honest))
            let (alone, shared) = (one.epsilon(delta: 1e-4), many.epsilon(delta: 1e-4))
            #expect(alone == shared)
        }
    }

    @Test func leastNoise() throws {
        let uses = [NoiseBudget.Use(honest: 3, count: 30)]
        for (epsilon, summands) in [(1.0, 4), (8, 2)] {
            let budget = try #require(
                NoiseBudget.least(
                    epsilon: epsilon, delta: 1e-5, uses: uses, sensitivity: 256, coordinates: 650,
                    summands: summands))
            let own = budget.bound(uses)?.epsilon(delta: 1e-5)
            let spent = try #require(own)
            #expect(spent <= epsilon)
            let fewer = NoiseBudget(
                sensitivity: 256, coordinates: 650, bits: budget.bits - 1, summands: summands)
            let more = fewer.bound(uses)?.epsilon(delta: 1e-5)
            #expect(more.map { $0 > epsilon } ?? true)
            // Two records are hidden less well than one, and fewer honest clients hide less.
            let two = budget.bound(uses, records: 2)?.epsilon(delta: 1e-5)
            #expect(two.map { $0 > spent } ?? true)
            let fewerHonest = budget.bound([.init(honest: 2, count: 30)])?.epsilon(delta: 1e-5)
            #expect(fewerHonest.map { $0 > spent } ?? true)
        }
        let impossible = NoiseBudget.least(
            epsilon: 1e-3, delta: 1e-5, uses: uses, sensitivity: 1 << 20, coordinates: 2, summands: 1)
        #expect(impossible == nil)
        // One or two integers are no noise: a test finds a uniform one's edges in many coordinates.
        for honest in [1, 2] {
            let bare = NoiseBudget.least(
                epsilon: 8, delta: 1e-2, uses: [.init(honest: honest, count: 1)], sensitivity: 2,
                coordinates: 2,
                summands: 1)
            #expect(bare == nil)
        }
    }

    /// Losses that are tiny or infinite, and more sums than can be computed.
    @Test func extremes() throws {
        let small = try #require(
            NoiseBudget(sensitivity: 1, coordinates: 650, bits: 16, summands: 4)
                .bound([.init(honest: 3, count: 1)]))
        let tiny = small.epsilon(delta: 1e-5)
        #expect(try #require(tiny) < 1e-4)
        // The total variation of shifts by one is the largest probability.
        let most = try #require(UniformSum(bits: 16, count: 12).probabilities.max())
        #expect(abs(small.delta(epsilon: 0) / most - 1) < 1e-3)
        func bound(_ sensitivity: Int, _ bits: Int, _ use: NoiseBudget.Use, records: Int = 1) -> PrivacyBound?
        {
            NoiseBudget(sensitivity: sensitivity, coordinates: 1, bits: bits, summands: 4)
                .bound([use], records: records)
        }
        // Shifts as wide as the noise, more sums than anybody makes, norms that are no numbers.
        for wide in [
            bound(256, 6, .init(honest: 1, count: 1)), bound(256, 8, .init(honest: 1, count: 1), records: 4),
            bound(1 << 30, 6, .init(honest: 1, count: 1)),
            bound(256, 6, .init(honest: 1, count: 1 << 22)),
        ] {
            let bound = try #require(wide)
            let never = bound.epsilon(delta: 0.5)
            #expect(never == nil && bound.delta(epsilon: 3) > 0.99)
        }
        let uses = bound(256, 10, .init(honest: 3, count: 4_000_000))
        let lost = try #require(uses).epsilon(delta: 1e-5)
        #expect(try #require(lost) > 1e5)
        #expect(bound(.max, 6, .init(honest: 1, count: 1), records: 2).map { _ in true } == nil)
        #expect(bound(1, 6, .init(honest: .max, count: 1)).map { _ in true } == nil)
        #expect(bound(1, 6, .init(honest: 3, count: .max)).map { _ in true } == nil)
        let nothing = try #require(
            NoiseBudget(sensitivity: 1, coordinates: 1, bits: 1, summands: 1).bound([]))
        #expect(nothing.delta(epsilon: 0) == 0 && nothing.epsilon(delta: 0) == 0)
        let idle = try #require(bound(256, 10, .init(honest: 3, count: 0)))
        #expect(idle.delta(epsilon: 0) < 1e-12)
        for shift in [15, 16, 100] {
            let loss = PrivacyLoss(UniformSum(bits: 2, count: 5), shift: shift, step: 0.1)
            let never = loss.epsilon(delta: 0.99)
            #expect(never == nil && loss.delta(epsilon: 3) > 0.99)
        }
        #expect(!UniformSum.canCompute(bits: 18, count: 512) && !UniformSum.canCompute(bits: 3, count: .max))
        let many = NoiseBudget.least(
            epsilon: 1e-6, delta: 1e-5, uses: [.init(honest: 512, count: 1)], sensitivity: 1 << 20,
            coordinates: 1, summands: 8)
        #expect(many == nil)
    }
}
