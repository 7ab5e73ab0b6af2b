// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import FiniteFields

/// Checks that share K and C.
struct CheckGroup {
    let checks: Range<Int>
    let bounds: GroupBounds
    /// The coefficients of K, the lowest first.
    var quotient: [Linear] = []
    /// The coefficients of C, the lowest first.
    var carries: [Linear] = []
}

extension EmulatedField {
    var checkCount: Int { checks.count }

    var dependencies: [Linear] {
        leaves.flatMap { leaf -> [Linear] in
            switch leaf {
            case .chunks: return []
            case .limbs(let limbs): return limbs
            case .selection(let bit, _, _): return [bit]
            }
        }
    }

    /// Groups in the order of the checks: as many in one as there are challenges, and as their weights allow.
    private func groupRanges(_ most: Int) -> [Range<Int>] {
        var (ranges, start): ([Range<Int>], Int) = ([], 0)
        var (products, linear) = (0, 0)
        for (index, check) in checks.enumerated() {
            let (nextProducts, nextLinear) = (products + check.weight, linear + check.linear.weight)
            if index - start < most && nextProducts <= productLimit
                && nextLinear < 1 << GroupBounds.linearLimitBits
            {
                (products, linear) = (nextProducts, nextLinear)
            } else {
                ranges.append(start..<index)
                (start, products, linear) = (index, check.weight, check.linear.weight)
            }
        }
        ranges.append(start..<checks.count)
        return ranges
    }

    private func bounds(of range: Range<Int>) -> GroupBounds {
        let products = checks[range].reduce(0) { $0 + $1.weight }
        let linear = checks[range].reduce(0) { $0 + $1.linear.weight }
        let own = GroupBounds(
            bounds, products: Natural(UInt64(products)), linear: Natural(UInt64(linear)))
        guard !emulation.omits(.carryWidth) else { return GroupBounds(bounds, sums: own.sums, widened: 170) }
        precondition(own.cannotWrap)
        return own
    }

    // For a field whose type the compiler knows it makes code of its own, which takes half the time.

    func makeQuotients(_ challenges: ChallengePolynomials) -> (bits: [Linear], elements: [Linear]) {
        (self as? EmulatedField<BN254.Fp>)?.quotients(challenges) ?? quotients(challenges)
    }

    func enforce(at point: Linear, _ challenges: [Linear]) {
        if let own = self as? EmulatedField<BN254.Fp> {
            own.enforceIdentities(at: point, challenges)
        } else {
            enforceIdentities(at: point, challenges)
        }
    }

    private func quotients(_ challenges: ChallengePolynomials) -> (bits: [Linear], elements: [Linear]) {
        let ranges = groupRanges(challenges.coefficients.count)
        let described = emulation.parallel.map(ranges.count) { index in
            CheckGroup(checks: ranges[index], bounds: bounds(of: ranges[index]))
        }
        let made = emulation.parts(described.map(\.bounds.bitCount)) { builder, index in
            makeQuotient(of: described[index], challenges, builder)
        }
        groups = made.map(\.group)
        return (made.flatMap(\.bits), made.flatMap(\.elements))
    }

    /// K and C of a group, and what τ has to depend on.
    private func makeQuotient(
        of described: CheckGroup, _ challenges: ChallengePolynomials, _ builder: CircuitBuilder
    ) -> (group: CheckGroup, bits: [Linear], elements: [Linear]) {
        var (group, bits, elements): (CheckGroup, [Linear], [Linear]) = (described, [], [])
        let values = quotientValues(group, challenges)
        if !emulation.omits(.quotient) && !emulation.omits(.quotientHash) {
            makeQuotient(&group, values.quotient, &bits, builder)
        }
        let hashed = !emulation.omits(.carryHash)
        if emulation.omits(.carryRange) {
            group.carries = values.carries.prefix(group.bounds.carryBits.count).map { builder.wire($0) }
            elements += group.carries
        } else if hashed && !emulation.omits(.carries) {
            makeCarries(&group, values.carries, &bits, builder)
        }
        return (group, bits, elements)
    }

    /// Bits of K, and its coefficients of them: K + 2^b in b + 1 bits.
    private func makeQuotient(
        _ group: inout CheckGroup, _ values: [Scalar], _ bits: inout [Linear], _ builder: CircuitBuilder
    ) {
        let (bounds, width) = (group.bounds, shape.base)
        for index in 0..<bounds.quotientCount {
            let isTop = index == bounds.quotientCount - 1
            let count = isTop ? bounds.quotientBits % width : width
            let value = index < values.count ? values[index] : .zero
            if emulation.omits(.quotientWidth) {
                group.quotient.append(unsigned(value, bits: Scalar.bitWidth, &bits, builder))
                continue
            }
            group.quotient.append(
                isTop
                    ? signed(value, bits: count, &bits, builder)
                    : unsigned(value, bits: count, &bits, builder))
        }
    }

    private func makeCarries(
        _ group: inout CheckGroup, _ values: [Scalar], _ bits: inout [Linear], _ builder: CircuitBuilder
    ) {
        for (index, count) in group.bounds.carryBits.enumerated() {
            group.carries.append(
                signed(index < values.count ? values[index] : .zero, bits: count, &bits, builder))
        }
    }

    /// An integer from −2^count to 2^count − 1, by count + 1 new bits.
    private func signed(
        _ value: Scalar, bits count: Int, _ bits: inout [Linear], _ builder: CircuitBuilder
    ) -> Linear {
        unsigned(value + builder.powerOfTwo(count), bits: count + 1, &bits, builder)
            - builder.powerOfTwo(count)
    }

    /// An integer from 0 to 2^count − 1, by `count` new bits; of other values, what their bits are.
    private func unsigned(
        _ value: Scalar, bits count: Int, _ bits: inout [Linear], _ builder: CircuitBuilder
    ) -> Linear {
        let canonical = hasValues ? value.canonical : .zero
        let own = (0..<count).map { index in builder.boolean(canonical.bit(index)) }
        bits += own
        return builder.weighted(own)
    }

    // MARK: The prover's

    /// K and C of a group.
    private func quotientValues(_ group: CheckGroup, _ challenges: ChallengePolynomials) -> (
        quotient: [Scalar], carries: [Scalar]
    ) {
        guard hasValues else { return ([], []) }
        let sums = sums(group, challenges)
        if let forge = emulation.tampering?.quotient { return forge(sums) }
        let (bounds, width) = (group.bounds, shape.base)
        var integer = SignedWords(bits: Scalar.bitWidth + width * sums.count + 64)
        for (index, sum) in sums.enumerated() { integer.add(sum, shiftedBy: width * index) }
        let divided = integer.dividedExactly(by: Field.modulus.words)
        var quotient = (0..<bounds.quotientCount).map { index in
            Scalar(divided.digit(at: width * index, width: width))
        }
        // The last digit has K's sign.
        let top = quotient.count - 1
        if divided.digit(at: width * (top + 1) - 1, width: 1) == 1 {
            quotient[top] -= builder.powerOfTwo(width)
        }
        // 2^W·Cᵢ = Lᵢ − (K·p)ᵢ + Cᵢ₋₁, exactly.
        let inverse = builder.powerOfTwo(width).inverse()!
        var carries: [Scalar] = []
        for index in 0..<bounds.carryBits.count {
            var rest = index < sums.count ? sums[index] : .zero
            for (place, limb) in modulusLimbs.enumerated() where quotient.indices.contains(index - place) {
                rest -= quotient[index - place] * limb
            }
            carries.append((rest + (carries.last ?? .zero)) * inverse)
        }
        return (quotient, carries)
    }

    /// The coefficients of L = Σ ρⱼ·eⱼ.
    private func sums(_ group: CheckGroup, _ challenges: ChallengePolynomials) -> [Scalar] {
        let count = shape.count
        var sums = [Scalar](repeating: .zero, count: 2 * count + 1)
        var check = [Scalar](repeating: .zero, count: 2 * count - 1)
        var products = RecentProducts(limbs: count)
        for index in group.checks {
            for place in check.indices { check[place] = .zero }
            for (place, limb) in limbs(of: checks[index].linear).enumerated() { check[place] = limb }
            for term in checks[index].terms {
                let product = products.coefficients(of: term.product) {
                    (limbs(of: factors[$0].0), limbs(of: factors[$0].1))
                }
                if term.coefficient == 1 {
                    for place in check.indices { check[place] += products.kept[product + place] }
                } else if term.coefficient == -1 {
                    for place in check.indices { check[place] -= products.kept[product + place] }
                } else {
                    let factor = Scalar(signed: term.coefficient)
                    for place in check.indices { check[place] += factor * products.kept[product + place] }
                }
            }
            let challenge = challenges.coefficients[index - group.checks.lowerBound]
            for (degree, coefficient) in challenge.enumerated() {
                let value = coefficient.value
                for place in check.indices { sums[place + degree] += value * check[place] }
            }
        }
        return sums
    }

    // MARK: At τ

    private func enforceIdentities(at point: Linear, _ challenges: [Linear]) {
        let powers = builder.challengePowers(point, count: shape.count)
        let parts = groupParts
        let plan = EvaluationPlan(self, parts.map { groups[$0] }, firstWire: builder.wireCount)
        _ = emulation.parts(plan.sizes) { builder, part in
            let evaluation = Evaluation(self, plan, part: part, builder, powers: powers)
            for group in groups[parts[part]] { enforce(group, evaluation, at: point, challenges) }
        }
    }

    /// Some groups each, about as many in one as in the other; how many parts there are depends on no number
    /// of threads. All in one where something is left out, for then there may be other wires.
    private var groupParts: [Range<Int>] {
        let count = emulation.tampering == nil ? min(16, groups.count) : 1
        return (0..<count).map { groups.count * $0 / count..<groups.count * ($0 + 1) / count }
    }

    private func enforce(
        _ group: CheckGroup, _ evaluation: Evaluation<Field>, at point: Linear, _ challenges: [Linear]
    ) {
        let builder = evaluation.builder
        let base = Linear(builder.powerOfTwo(shape.base)) - point
        let modulus = evaluation.constant(modulusLimbs)
        var sum = Linear.zero
        for index in group.checks {
            var check = evaluation.value(checks[index].linear)
            for term in checks[index].terms {
                check.add(evaluation.product(term.product), times: Scalar(signed: term.coefficient))
            }
            sum += builder.multiply(challenges[index - group.checks.lowerBound], check)
        }
        enforceIdentity(group, sum, base: base, modulus: modulus, at: point, builder)
    }

    /// L(τ) = K(τ)·p(τ) + (X₀ − τ)·C(τ)
    private func enforceIdentity(
        _ group: CheckGroup, _ sum: Linear, base: Linear, modulus: Linear, at point: Linear,
        _ builder: CircuitBuilder
    ) {
        var (quotient, carries) = (group.quotient, group.carries)
        let late = emulation.tampering?.late
        let count = group.bounds.carryBits.count
        if carries.isEmpty {
            // Only in tests: C is made after τ.
            let above = followingCarries(quotient, group.bounds)
            let rest = sum.value - builder.horner(quotient, at: point).value * modulus.value
            let power = point.value.power(UInt64(count))
            let tail = above.isEmpty ? Scalar.zero : power * builder.horner(above, at: point).value
            let target = rest * (base.value.inverse() ?? .zero) - tail
            let values = late?(target, point.value, count) ?? []
            if emulation.omits(.carryHash) {
                var (made, bits) = (group, [Linear]())
                makeCarries(&made, values, &bits, builder)
                carries = made.carries
            } else {
                carries = values.map { builder.wire($0) }
            }
        }
        if quotient.isEmpty {
            // Only in tests: K is made after τ, with a last coefficient of 0, so that nothing of C follows
            // from it.
            let rest = sum.value - base.value * builder.horner(carries, at: point).value
            let values =
                late?(rest * (modulus.value.inverse() ?? .zero), point.value, group.bounds.quotientCount)
                ?? []
            if emulation.omits(.quotientHash) {
                var (made, bits) = (group, [Linear]())
                makeQuotient(&made, values, &bits, builder)
                quotient = made.quotient
            } else {
                quotient = values.map { builder.wire($0) }
            }
        } else if emulation.omits(.followingCarries) {
            // Only in tests: the leading coefficients of C are made after τ.
            let known =
                builder.horner(quotient, at: point).value * modulus.value
                + base.value * builder.horner(carries, at: point).value
            let factor = base.value * point.value.power(UInt64(count))
            let target = (sum.value - known) * (factor.inverse() ?? .zero)
            let values = late?(target, point.value, group.bounds.carryCount - count) ?? []
            carries += values.map { builder.wire($0) }
        } else {
            carries += followingCarries(quotient, group.bounds)
        }
        let carried = builder.multiply(base, builder.horner(carries, at: point))
        builder.enforce(builder.horner(quotient, at: point), times: modulus, equals: sum - carried)
    }

    /// The coefficients of C above those of L: Cᵢ₋₁ = 2^W·Cᵢ + (K·p)ᵢ.
    private func followingCarries(_ quotient: [Linear], _ bounds: GroupBounds) -> [Linear] {
        var following: [Linear] = []
        for index in (bounds.carryBits.count..<bounds.carryCount).reversed() {
            var carry = (following.first ?? .zero) * builder.powerOfTwo(shape.base)
            for (place, limb) in modulusLimbs.enumerated() where quotient.indices.contains(index + 1 - place)
            {
                carry.add(quotient[index + 1 - place], times: limb)
            }
            following.insert(carry, at: 0)
        }
        return following
    }
}

/// The coefficients of products of polynomials, for some of those that were made last: a product is in
/// several checks, one after the other.
private struct RecentProducts {
    private static let places = 512

    private let limbs: Int
    /// The product at each place, −1 for none.
    private var numbers = [Int](repeating: -1, count: places)
    /// The coefficients at all places, 2n − 1 for each.
    private(set) var kept: [Scalar]

    init(limbs: Int) {
        self.limbs = limbs
        kept = [Scalar](repeating: .zero, count: Self.places * (2 * limbs - 1))
    }

    /// Where the coefficients of a product begin.
    mutating func coefficients(of number: Int, _ factors: (Int) -> ([Scalar], [Scalar])) -> Int {
        let place = number % Self.places
        let start = place * (2 * limbs - 1)
        if numbers[place] == number { return start }
        let (a, b) = factors(number)
        for index in 0..<(2 * limbs - 1) { kept[start + index] = .zero }
        for i in 0..<limbs {
            for j in 0..<limbs { kept[start + i + j] += a[i] * b[j] }
        }
        numbers[place] = number
        return start
    }
}
