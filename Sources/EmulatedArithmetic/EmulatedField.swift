// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Compute
import Curves
package import FiniteFields

/// A prime field emulated in a circuit over BN254's scalars: products cost 19 constraints with commitments,
/// sums none.
///
/// New elements are chunks that the prover gives; what they have to be is a check, e = Σ c·a·b + … ≡ 0
/// modulo the prime. Checks are put into groups and enforced when `Emulation.finish` is called
/// (docs/recursion.md). Elements are known modulo the prime only: each has several representations
/// (`canonical` makes it one).
///
/// The bounds of all coefficients are known when the circuit is described. What could wrap around the
/// native prime ends the program there, with the name of the operation.
package final class EmulatedField<Field: PrimeField>: DeferredChecks {
    /// An element of it.
    package typealias Element = EmulatedElement<Field>
    /// What a check demands to be zero.
    package typealias Quadratic = EmulatedQuadratic<Field>

    /// What an element's polynomial is made of.
    enum Leaf {
        /// Chunks, from this number on.
        case chunks(Int)
        /// Limbs, in range by the caller's word; the missing ones are zero.
        case limbs([Linear])
        /// The first where the bit is 1, else the second.
        case selection(Linear, Element, Element)
    }

    /// A check: Σ c·products + linear ≡ 0.
    struct Check {
        let terms: [Quadratic.Term]
        let linear: Element
        let weight: Int
    }

    /// Keeps this field, until it is finished.
    package unowned let emulation: Emulation
    /// Where constraints and wires go.
    package let builder: CircuitBuilder
    let ranges: RangeChecks
    /// Whether values are made.
    package let hasValues: Bool
    /// How elements are cut.
    package let shape: LimbShape
    /// The prime and its shape.
    package let bounds: GroupBounds.Field

    /// Of a part of a circuit, its own, as all that follows.
    private(set) var leaves: [Leaf] = []
    /// The limbs of leaves as integers below q, n for each; empty without values.
    private(set) var leafLimbs: [Scalar] = []
    private(set) var factors: [(Element, Element)] = []
    private(set) var checks: [Check] = []
    var groups: [CheckGroup] = []
    /// The field around a part of a circuit, and the numbers of the part's first leaf and first product.
    private let whole: EmulatedField?
    private let (firstLeaf, firstProduct): (Int, Int)

    /// Whether a field can be given orders.
    private enum State {
        case open
        /// Parts are made by fields of their own.
        case forked
        /// What this part has made is in the field around it.
        case closed
    }
    private var state = State.open
    /// Leaves that other parts were said to make, as new elements.
    private var promises: [Int] = []
    /// The limbs of the field's prime.
    let modulusLimbs: [Scalar]
    /// The weight of products that a check, and a group, may have.
    package let productLimit: Int

    /// The field, in a circuit.
    ///
    /// - Precondition: the prime has 253 bits or more.
    package init(_ emulation: Emulation) {
        self.emulation = emulation
        builder = emulation.builder
        ranges = emulation.ranges
        hasValues = emulation.builder.hasValues
        shape = LimbShape(bitWidth: Field.bitWidth, chunkBits: emulation.ranges.chunkBits)
        let modulus = Natural(Field.modulus)
        bounds = GroupBounds.Field(modulus: modulus, shape: shape)
        modulusLimbs = shape.limbs(of: modulus).map { Scalar($0) }
        productLimit = GroupBounds.productLimit(bounds)
        (whole, firstLeaf, firstProduct) = (nil, 0, 0)
        precondition(Field.bitWidth >= 253)
        emulation.add(self)
    }

    /// The field in a part of a circuit.
    ///
    /// - Parameters:
    ///   - whole: the field around it.
    ///   - builder: the part's.
    ///   - start: what there is before it.
    init(partOf whole: EmulatedField, _ builder: CircuitBuilder, at start: Extent) {
        self.whole = whole
        self.builder = builder
        (firstLeaf, firstProduct) = (start.leaves, start.products)
        (emulation, hasValues, shape, bounds) = (whole.emulation, whole.hasValues, whole.shape, whole.bounds)
        (modulusLimbs, productLimit) = (whole.modulusLimbs, whole.productLimit)
        ranges = RangeChecks(partOf: whole.ranges, builder, from: start.chunks)
    }

    /// What there is so far, in the circuit.
    package var sizes: Extent {
        Extent(
            wires: builder.wireCount, chunks: ranges.count, leaves: firstLeaf + leaves.count,
            products: firstProduct + factors.count, checks: checks.count)
    }

    /// Ends the program where an order to this field would be in no check, or be given by several threads.
    func requireOpen(_ operation: StaticString) {
        emulation.requireUnfinished(operation)
        requireOwn(operation)
    }

    /// The same, but for what is asked after `finish`.
    private func requireOwn(_ operation: StaticString) {
        switch state {
        case .open: return
        case .forked:
            fatalError(
                "emulated \(Field.name): \(operation) by a part of a circuit in the field around it: checks "
                    + "would come in an order by threads; a part has a field of its own")
        case .closed:
            fatalError(
                "emulated \(Field.name): \(operation) in a part of a circuit after its end: no check would be "
                    + "enforced")
        }
    }

    /// What `make` gives, which makes parts meanwhile: this field takes no orders.
    func forked<Result>(_ make: () -> Result) -> Result {
        requireOpen("a part")
        state = .forked
        defer { state = .open }
        return make()
    }

    /// Notes that a leaf is said to be a new element that another part makes.
    func promise(leaf number: Int) {
        requireOpen("a new element of another part")
        promises.append(number)
    }

    func requirePromises() {
        for number in promises {
            guard leaves.indices.contains(number), case .chunks = leaves[number] else {
                fatalError(
                    "emulated \(Field.name): leaf \(number) is no new element, as was said of it: its weight "
                        + "would be another")
            }
        }
    }

    /// Appends what a part has made, which forgets it and takes no orders any more; the part has room for so
    /// many products.
    func append(_ part: EmulatedField, products room: Int) {
        precondition(firstLeaf + leaves.count == part.firstLeaf)
        precondition(firstProduct + factors.count == part.firstProduct && part.factors.count <= room)
        leaves += part.leaves
        leafLimbs += part.leafLimbs
        factors += part.factors
        // Products that no check has.
        factors += [(Element, Element)](repeating: (.zero, .zero), count: room - part.factors.count)
        checks += part.checks
        promises += part.promises
        ranges.append(part.ranges)
        part.wipe()
        part.state = .closed
    }

    /// What has the leaf of a number.
    private func owner(of leaf: Int) -> EmulatedField { leaf < firstLeaf ? whole!.owner(of: leaf) : self }

    /// A leaf by its number.
    private func leaf(_ number: Int) -> Leaf {
        number < firstLeaf ? whole!.leaf(number) : leaves[number - firstLeaf]
    }

    /// The element of the leaf that was made last, or of one that another part makes.
    ///
    /// - Parameters:
    ///   - number: of the leaf; the last one where it is not given.
    func element(leaf number: Int? = nil, value: Field, weight: Int = 1) -> Element {
        Element(leaf: number ?? firstLeaf + leaves.count - 1, value: value, weight: weight)
    }

    // MARK: New elements

    /// A new element that nothing is said of yet but its range: `shape.chunkCount` constraints, and one for
    /// each limb but the first once it is used.
    ///
    /// - Parameter value: its value; called at once where values are made, else not at all.
    package func hinted(_ value: () -> Field) -> Element {
        let value = hasValues ? value() : .zero
        return chunked(value.canonical.words, value: value)
    }

    /// A new element from a given representation.
    ///
    /// - Parameter integer: below 2^`shape.bits`, equal to the value modulo the prime.
    package func represented(by integer: () -> Natural) -> Element {
        guard hasValues else { return chunked([], value: .zero) }
        let integer = integer()
        precondition(integer.bitLength <= shape.bits)
        var value = Field.zero
        for word in integer.words.reversed() {
            for half in [word >> 32, word & 0xffff_ffff] { value = value * Field(1 << 32) + Field(half) }
        }
        return chunked(integer.words, value: value)
    }

    /// An element of chunks that may be in no range; for tests.
    package func forged(chunks: [Scalar], value: Field) -> Element {
        precondition(chunks.count == shape.chunkCount && hasValues)
        requireOpen("a forged element")
        let start = ranges.count
        let wires = chunks.map { ranges.forgedChunk($0) }
        for range in chunkRanges {
            var limb = Scalar.zero
            for (index, wire) in wires[range].enumerated() {
                limb += wire.value * builder.powerOfTwo(index * shape.chunkBits)
            }
            leafLimbs.append(limb)
        }
        leaves.append(.chunks(start))
        return element(value: value)
    }

    /// New chunks for an integer in base 2^64.
    private func chunked(_ integer: [UInt64], value: Field) -> Element {
        requireOpen("a new element")
        let start = ranges.count
        for number in shape.chunks(of: integer) { _ = ranges.chunk(number) }
        if hasValues { for limb in shape.limbs(of: integer) { leafLimbs.append(Scalar(limb)) } }
        leaves.append(.chunks(start))
        return element(value: value)
    }

    /// The chunks of each limb.
    private var chunkRanges: [Range<Int>] {
        var start = 0
        return shape.limbChunks.map { count in
            defer { start += count }
            return start..<(start + count)
        }
    }

    /// An element of limbs that other wires determine: no constraint now, and one for each limb but the
    /// first once it is used.
    ///
    /// - Parameters:
    ///   - limbs: the lowest first; at most as many as the shape has.
    ///   - value: what they are modulo the prime.
    /// - Precondition: each limb is in the shape's range, by constraints elsewhere, and every free wire
    ///   that it depends on is bound (`Emulation.bind`).
    package func element(limbs: [Linear], value: () -> Field) -> Element {
        requireOpen("element")
        precondition((1...shape.count).contains(limbs.count))
        leaves.append(.limbs(limbs))
        if hasValues {
            for index in 0..<shape.count {
                leafLimbs.append(index < limbs.count ? limbs[index].value : .zero)
            }
        }
        return element(value: hasValues ? value() : .zero)
    }

    /// 0 or 1: no constraint.
    ///
    /// - Precondition: the bit is constrained to be one, and bound.
    package func element(bit: Linear) -> Element {
        element(limbs: [bit]) { bit.value.isZero ? .zero : .one }
    }

    /// a where the bit is 1, else b: one constraint once it is used.
    ///
    /// Selections of selections are evaluated by recursion, on the stacks of threads (512 KiB on Darwin): a
    /// chain of a thousand or more should have `reduced` in between.
    ///
    /// - Precondition: the bit is constrained to be one, and bound.
    package func select(_ bit: Linear, _ a: Element, _ b: Element) -> Element {
        requireOpen("select")
        leaves.append(.selection(bit, a, b))
        if emulation.tampering?.bit != nil { return forgedSelection(bit, a, b) }
        let isFirst = hasValues && !bit.value.isZero
        if hasValues { leafLimbs += limbs(of: isFirst ? a : b) }
        return element(value: isFirst ? a.value : b.value, weight: max(a.weight, b.weight, 1))
    }

    /// bit·(a − b) + b for bits that are no bits: the leaf is made already. For tests.
    private func forgedSelection(_ bit: Linear, _ a: Element, _ b: Element) -> Element {
        leafLimbs += zip(limbs(of: a), limbs(of: b)).map { bit.value * ($0 - $1) + $1 }
        let factor = Field(bit.value.canonical[0])
        return element(
            value: factor * (a.value - b.value) + b.value, weight: max(a.weight, b.weight, 1))
    }

    // MARK: Checks

    /// a·b, for checks: one constraint when a check uses it, none where a factor is a small constant.
    package func product(_ a: Element, _ b: Element, operation: StaticString = "product") -> Quadratic {
        if a.isConstant, let factor = Self.small(a.constant) { return Quadratic(b * factor) }
        if b.isConstant, let factor = Self.small(b.constant) { return Quadratic(a * factor) }
        let weight = Element.product(a.weight, b.weight)
        guard weight <= productLimit else { refuse(operation, weight) }
        requireOwn(operation)
        factors.append((a, b))
        return Quadratic(
            terms: [.init(product: firstProduct + factors.count - 1, coefficient: 1)], linear: .zero,
            weight: weight,
            value: a.value * b.value)
    }

    /// The integer between −2^16 and 2^16 that a constant is.
    private static func small(_ constant: Field) -> Int? {
        for (sign, candidate) in [(1, constant.canonical), (-1, (-constant).canonical)]
        where candidate.bitLength <= 16 {
            return sign * Int(candidate[0])
        }
        return nil
    }

    /// Demands that it is zero modulo the prime: one constraint, and one for each product in it.
    package func enforceZero(_ quadratic: Quadratic, operation: StaticString = "enforceZero") {
        requireOpen(operation)
        guard quadratic.weight <= productLimit else { refuse(operation, quadratic.weight) }
        guard quadratic.linear.weight < 1 << GroupBounds.linearLimitBits else {
            refuse(operation, quadratic.linear.weight)
        }
        checks.append(
            Check(
                terms: ProductTerm.merged(quadratic.terms), linear: quadratic.linear, weight: quadratic.weight
            ))
    }

    private func refuse(_ operation: StaticString, _ weight: Int) -> Never {
        fatalError(
            "emulated \(Field.name): \(operation): a coefficient could wrap around the native prime: "
                + "the weight is " + (weight == .max ? "2^63 or more" : "\(weight)")
                + ", and \(productLimit) for products and 2^\(GroupBounds.linearLimitBits) for sums is the "
                + "most; reduce a factor or a sum first")
    }

    /// A new element that equals a quadratic: a hinted element and a check.
    package func reduced(_ quadratic: Quadratic, operation: StaticString = "reduced") -> Element {
        let result = hinted { quadratic.value }
        enforceZero(quadratic - result, operation: operation)
        return result
    }

    /// The same element anew, with weight 1.
    package func reduced(_ element: Element) -> Element { reduced(Quadratic(element), operation: "reduced") }

    /// a·b as a new element.
    package func multiply(_ a: Element, _ b: Element) -> Element {
        reduced(product(a, b, operation: "multiply"), operation: "multiply")
    }

    /// Demands a ≡ b modulo the prime: one constraint.
    package func enforceEqual(_ a: Element, _ b: Element) {
        enforceZero(Quadratic(a - b), operation: "enforceEqual")
    }

    /// 1/a: a hinted element and a check. No witness satisfies it where a ≡ 0.
    package func inverse(_ a: Element) -> Element {
        let result = hinted { a.value.inverse() ?? .zero }
        enforceZero(product(a, result, operation: "inverse") - .one, operation: "inverse")
        return result
    }

    /// Demands a ≢ 0 modulo the prime, by its inverse.
    package func enforceNonZero(_ a: Element) { _ = inverse(a) }

    /// a/b: a hinted element and a check.
    ///
    /// - Precondition: b ≢ 0, by checks elsewhere: 0/0 is whatever the prover likes.
    package func quotient(_ a: Element, by b: Element) -> Element {
        let result = hinted { a.value * (b.value.inverse() ?? .zero) }
        enforceZero(product(result, b, operation: "quotient") - a, operation: "quotient")
        return result
    }

    /// 1 where a ≡ 0 modulo the prime, else 0: a bound bit, a hinted element and two checks.
    package func isZero(_ a: Element) -> Linear {
        let bit = emulation.boundBit(a.value.isZero)
        let inverse = hinted { a.value.inverse() ?? .zero }
        let flag = element(bit: bit)
        enforceZero(product(a, inverse, operation: "isZero") + flag - .one, operation: "isZero")
        enforceZero(product(a, flag, operation: "isZero"), operation: "isZero")
        return bit
    }

    /// The limbs of the one representation below the prime, the lowest first: what may be hashed for others.
    ///
    /// Costs chunks for p − 1 − a and a constraint for each limb; a new element and a check where `a` is
    /// not the result of a product, a quotient or a hint.
    package func canonical(_ a: Element) -> (limbs: [Linear], element: Element) {
        let own = chunkLeaf(a) == nil ? reduced(Quadratic(a), operation: "canonical") : a
        let limbs = limbs(ofChunks: chunkLeaf(own)!)
        if emulation.omits(.canonicalLimbs) { return (limbs, own) }
        // r + d = p − 1 for limbs r of the element and d in range: then r < p. Carries are bits.
        let largest = Natural(Field.modulus).subtracting(.one)
        let largestLimbs = shape.limbs(of: largest)
        let rest = hasValues ? (-own.value - .one).canonical : .zero
        // Chunks that no check has.
        let restLimbs = self.limbs(ofChunks: chunkLeaf(chunked(rest.words, value: .zero))!)
        var carry = Linear.zero
        for index in limbs.indices {
            let difference = limbs[index] + restLimbs[index] + carry - Scalar(largestLimbs[index])
            if index == limbs.count - 1 {
                builder.enforceEqual(difference, .zero)
            } else {
                carry = difference * inverseOfBase
                builder.enforceBoolean(carry)
            }
        }
        return (limbs, own)
    }

    /// The one representation below the prime in two words, of the lower `bits` bits and of the rest: what is
    /// hashed for others who have elements in other chunks. Costs what `canonical` does.
    ///
    /// - Precondition: `bits` is a whole number of chunks, and both words are below the native field's order.
    package func words(_ a: Element, low bits: Int) -> (low: Linear, high: Linear, element: Element) {
        precondition(bits % shape.chunkBits == 0, "a word ends within a chunk")
        precondition(bits < Scalar.bitWidth && shape.bits - bits < Scalar.bitWidth)
        let own = canonical(a).element
        guard builder.recordsConstraints else {
            func word(_ range: Range<Int>) -> Linear {
                var sum = Scalar.zero
                for bit in range.reversed() {
                    sum = sum + sum + (own.value.canonical.bit(bit) ? .one : .zero)
                }
                return Linear(sum)
            }
            let all = 8 * Field.byteCount
            return (word(0..<bits), word(bits..<max(all, bits)), own)
        }
        let (start, split) = (chunkLeaf(own)!.start, bits / shape.chunkBits)
        func word(_ range: Range<Int>) -> Linear {
            var sum = Linear.zero
            for (index, place) in range.enumerated() {
                sum.add(ranges[start + place], times: builder.powerOfTwo(index * shape.chunkBits))
            }
            return sum
        }
        return (word(0..<split), word(split..<shape.chunkCount), own)
    }

    private lazy var inverseOfBase = builder.powerOfTwo(shape.base).inverse()!

    /// The leaf of an element that is nothing but chunks, and where they begin.
    private func chunkLeaf(_ a: Element) -> (leaf: Int, start: Int)? {
        guard a.terms.count == 1, a.terms[0].coefficient == 1, a.constant.isZero,
            case .chunks(let start) = leaf(a.terms[0].leaf)
        else { return nil }
        return (a.terms[0].leaf, start)
    }

    /// Overwrites the values of limbs, and forgets the elements.
    func wipe() {
        leafLimbs.withUnsafeMutableBytes { overwrite($0) }
        (leaves, leafLimbs, factors, checks, groups, promises) = ([], [], [], [], [], [])
    }

    // MARK: Limbs

    /// The limbs of an element that is nothing but chunks, the lowest first: no constraint. `nil` for others.
    package func limbs(ofNew a: Element) -> [Linear]? { chunkLeaf(a).map { limbs(ofChunks: $0) } }

    /// The chunks of an element that is nothing but chunks, the lowest first. `nil` for others.
    package func chunks(ofNew a: Element) -> [Linear]? {
        chunkLeaf(a).map { chunks in (0..<shape.chunkCount).map { ranges[chunks.start + $0] } }
    }

    /// The limbs of a leaf of chunks, as combinations of them; where no constraints are recorded, their
    /// values alone.
    func limbs(ofChunks chunks: (leaf: Int, start: Int)) -> [Linear] {
        guard builder.recordsConstraints else {
            let owner = owner(of: chunks.leaf)
            let start = (chunks.leaf - owner.firstLeaf) * shape.count
            return owner.leafLimbs[start..<(start + shape.count)].map { Linear($0) }
        }
        return chunkRanges.map { range in
            var limb = Linear.zero
            for (index, place) in range.enumerated() {
                limb.add(
                    ranges[chunks.start + place],
                    times: builder.powerOfTwo(index * shape.chunkBits))
            }
            return limb
        }
    }

    /// The limbs' values of an element.
    ///
    /// - Precondition: values are made.
    func limbs(of element: Element) -> [Scalar] {
        var limbs = constantLimbs(element.constant)
        for term in element.terms {
            let owner = owner(of: term.leaf)
            let start = (term.leaf - owner.firstLeaf) * shape.count
            if term.coefficient == 1 {
                for index in limbs.indices { limbs[index] += owner.leafLimbs[start + index] }
            } else if term.coefficient == -1 {
                for index in limbs.indices { limbs[index] -= owner.leafLimbs[start + index] }
            } else {
                let factor = Scalar(signed: term.coefficient)
                for index in limbs.indices { limbs[index] += factor * owner.leafLimbs[start + index] }
            }
        }
        return limbs
    }

    /// The limbs of a constant, the lowest first: those of the integer below the prime.
    package func constantLimbs(_ constant: Field) -> [Scalar] {
        if constant.isZero { return [Scalar](repeating: .zero, count: shape.count) }
        return shape.limbs(of: constant.canonical.words).map { Scalar($0) }
    }
}

extension Scalar {
    /// An integer below 2^128.
    init(_ value: UInt128) {
        self.init(canonical: Limbs(l: (UInt64(truncatingIfNeeded: value), UInt64(value >> 64), 0, 0)))!
    }
}
