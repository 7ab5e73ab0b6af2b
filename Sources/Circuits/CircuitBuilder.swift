// SPDX-License-Identifier: Apache-2.0

public import Compute
public import ConstraintSystems
import Curves
public import FiniteFields

/// What a circuit is described with: it records constraints, or makes a witness, or both, from one and the
/// same description.
///
/// A circuit is a function that takes a builder and calls it in an order that depends on no value. Run with
/// `.constraints` it gives the R1CS, run with `.witness` the values of the very same wires; the second costs
/// no more than the arithmetic. Wires are numbered as circom does: the constant one, the public inputs, then
/// the others in the order of their making.
///
/// Values are Montgomery. Not constant-time in the witness. Not safe to share between threads.
public final class CircuitBuilder {
    /// What a run is for.
    public enum Mode: Sendable {
        /// Records constraints; values say nothing, and what computes them is not called.
        case constraints
        /// Makes the witness; no constraint is recorded.
        case witness
        /// Records and makes both: for tests, and to find out which constraint a witness violates.
        case both
    }

    typealias Term = Linear.Term

    /// True when constraints are recorded.
    package let recordsConstraints: Bool
    /// True when values are made.
    public let hasValues: Bool
    /// The number of public inputs.
    public let publicCount: Int

    private var terms: [Term] = []
    private var ends: [Int] = []
    /// The values of the wires made so far, the constant one first.
    private(set) var values: [Scalar] = []
    private var boundPublics: Set<Int> = []
    /// Where challenges come from; needed where values are made and the circuit commits.
    let challenger: Challenger?
    /// The commitments so far.
    private(set) var commitments: [R1CS<Scalar>.Commitment] = []
    /// The constraints whose right side is the wire that they define, ascending; only where they are
    /// recorded.
    private var defining: [UInt32] = []
    private var wires: Int
    private var constraints = 0
    private let keepsNames: Bool
    private var scopes: [String] = []
    /// The first constraint of each scope, in order; empty unless names are kept.
    private var scopeStarts: [(constraint: Int, name: String)] = []
    /// Powers of two by exponent.
    private let powers: [Scalar]
    let inversePowers: [Scalar]

    /// A builder with the constant wire and the public inputs, and nothing else.
    ///
    /// - Parameters:
    ///   - mode: what the run is for.
    ///   - publicCount: how many public inputs the circuit has; each is given by `bindPublic`.
    ///   - names: keep the names of scopes, for messages; costs memory.
    ///   - challenger: where the challenges of commitments come from; needed where values are made and the
    ///     circuit commits.
    public init(_ mode: Mode, publicCount: Int, names: Bool = false, challenger: Challenger? = nil) {
        recordsConstraints = mode != .witness
        hasValues = mode != .constraints
        self.publicCount = publicCount
        self.challenger = mode == .constraints ? nil : challenger
        keepsNames = names
        wires = publicCount + 1
        powers = (0..<254).map { Scalar.powerOfTwo($0) }
        var inverses = powers
        Scalar.batchInvert(&inverses)
        inversePowers = inverses
        if hasValues { values = [Scalar.one] + [Scalar](repeating: .zero, count: publicCount) }
    }

    /// The number of wires so far, the constant one included.
    public var wireCount: Int { wires }
    /// The number of constraints so far; counted also where none are recorded.
    public var constraintCount: Int { constraints }

    /// 2^exponent for exponents below 254.
    public func powerOfTwo(_ exponent: Int) -> Scalar { powers[exponent] }

    // MARK: Wires

    /// A new wire. Nothing is said of its value yet: constraints must do that.
    ///
    /// - Parameter value: its value in the witness; called at once when values are made, else not at all.
    public func wire(_ value: @autoclosure () -> Scalar) -> Linear {
        let index = UInt32(wires)
        wires += 1
        var own = Scalar.zero
        if hasValues {
            own = value()
            keep(own)
        }
        return wireCombination(index, value: own)
    }

    /// A wire as a combination.
    func wireCombination(_ wire: UInt32, value: Scalar) -> Linear {
        var combination = Linear(terms: [], constant: .zero, value: value)
        if recordsConstraints { combination.terms = [Term(wire: wire, coefficient: .one)] }
        combination.wire = wire
        return combination
    }

    /// Appends a value. The memory that the values outgrow is overwritten.
    private func keep(_ value: Scalar) {
        if values.count == values.capacity {
            var larger: [Scalar] = []
            larger.reserveCapacity(max(1024, 2 * values.count))
            larger.append(contentsOf: values)
            wipe()
            values = larger
        }
        values.append(value)
    }

    /// Makes public input `index` equal to `value`: one constraint.
    ///
    /// - Precondition: each public input is bound once.
    public func bindPublic(_ index: Int, to value: Linear) {
        precondition((0..<publicCount).contains(index) && boundPublics.insert(index).inserted)
        if hasValues { values[index + 1] = value.value }
        enforce(value, times: .one, equals: wireCombination(UInt32(index + 1), value: value.value))
    }

    /// Whether a public input is bound.
    func isBound(_ index: Int) -> Bool { boundPublics.contains(index) }

    /// A new wire that equals a combination: one constraint. Long combinations that are used often are
    /// shorter so.
    public func materialized(_ combination: Linear) -> Linear {
        let result = wire(combination.value)
        define(result, as: combination, times: .one)
        return result
    }

    // MARK: Constraints

    /// a·b: a new wire and one constraint, also where a factor is constant (`Linear * Scalar` costs none).
    public func multiply(_ a: Linear, _ b: Linear) -> Linear {
        let product = wire(a.value * b.value)
        define(product, as: a, times: b)
        return product
    }

    /// Demands wire = a·b, and notes that this is what the wire is.
    private func define(_ wire: Linear, as a: Linear, times b: Linear) {
        if recordsConstraints { defining.append(UInt32(constraints)) }
        enforce(a, times: b, equals: wire)
    }

    /// Demands a·b = c.
    public func enforce(_ a: Linear, times b: Linear, equals c: Linear) {
        if keepsNames { noteScope() }
        constraints += 1
        guard recordsConstraints else { return }
        record(a)
        record(b)
        record(c)
    }

    /// Demands a = b: one constraint.
    public func enforceEqual(_ a: Linear, _ b: Linear) { enforce(a, times: .one, equals: b) }

    private func record(_ combination: Linear) {
        let start = terms.count
        if !combination.constant.isZero { terms.append(Term(wire: 0, coefficient: combination.constant)) }
        if combination.terms.count == 1 {
            if !combination.terms[0].coefficient.isZero { terms.append(combination.terms[0]) }
        } else if !combination.terms.isEmpty {
            var reduced = combination.terms
            Linear.reduce(&reduced)
            terms.append(contentsOf: reduced)
        }
        precondition(terms.count - start <= Int(UInt32.max))
        ends.append(terms.count)
    }

    // MARK: Commitments

    /// Adds a commitment.
    func append(_ commitment: R1CS<Scalar>.Commitment) { commitments.append(commitment) }

    /// The constraints by the wires that they define.
    func definitions() -> [UInt32: Int] {
        Dictionary(uniqueKeysWithValues: defining.map { (terms[ends[3 * Int($0) + 1]].wire, Int($0)) })
    }

    /// The wires on the left side of a constraint.
    func factors(of constraint: Int) -> [UInt32] {
        terms[(constraint == 0 ? 0 : ends[3 * constraint - 1])..<ends[3 * constraint + 1]].map(\.wire)
    }

    // MARK: Names

    /// Runs `body` as a named part of the circuit; the names appear in `scope(of:)` when they are kept.
    public func scope<Result>(_ name: @autoclosure () -> String, _ body: () throws -> Result) rethrows
        -> Result
    {
        guard keepsNames else { return try body() }
        scopes.append(name())
        scopeChanged = true
        defer {
            scopes.removeLast()
            scopeChanged = true
        }
        return try body()
    }

    private var scopeChanged = true

    private func noteScope() {
        guard scopeChanged else { return }
        scopeStarts.append((constraints, scopes.joined(separator: "/")))
        scopeChanged = false
    }

    /// The scopes around a constraint, outermost first, joined by "/"; empty where no names are kept.
    public func scope(of constraint: Int) -> String {
        scopeStarts.last { $0.constraint <= constraint }?.name ?? ""
    }

    /// The number of constraints of each outermost scope, in order of first appearance; needs names.
    public func constraintsByScope() -> [(scope: String, constraints: Int)] {
        var counts: [(scope: String, constraints: Int)] = []
        for (index, start) in scopeStarts.enumerated() {
            let end = index + 1 < scopeStarts.count ? scopeStarts[index + 1].constraint : constraints
            let name = start.name.split(separator: "/").first.map(String.init) ?? ""
            if let at = counts.firstIndex(where: { $0.scope == name }) {
                counts[at].constraints += end - start.constraint
            } else {
                counts.append((name, end - start.constraint))
            }
        }
        return counts
    }

    // MARK: Results

    /// The constraint system.
    ///
    /// - Precondition: constraints were recorded, and every public input is bound.
    public func constraintSystem() -> R1CS<Scalar> {
        precondition(recordsConstraints && boundPublics.count == publicCount)
        var system = R1CS(
            wireCount: wires, publicOutputCount: 0, publicInputCount: publicCount, privateInputCount: 0,
            terms: terms, ends: ends)
        for commitment in commitments { system.append(commitment) }
        return system
    }

    /// The values of all wires, canonical.
    ///
    /// - Precondition: values were made, and every public input is bound.
    public func witness() -> SecretScalars<Scalar> {
        precondition(hasValues && boundPublics.count == publicCount)
        let result = SecretScalars<Scalar>(count: values.count)
        result.withMutableSpan { elements in
            for index in values.indices { elements[index] = values[index].canonical }
        }
        return result
    }

    /// Overwrites the values: call it once the witness is taken, for they are the secrets of whoever proves.
    public func wipe() {
        values.withUnsafeMutableBytes { overwrite($0) }
        values = []
    }
}
