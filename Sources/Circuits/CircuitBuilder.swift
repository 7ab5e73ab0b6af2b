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
/// Values are Montgomery. Not constant-time in the witness. Not safe to share between threads; parts of one
/// shape may be made on several (`inParallel`).
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

    /// True when constraints are recorded.
    package let recordsConstraints: Bool
    /// True when values are made.
    public let hasValues: Bool
    /// The number of public inputs.
    public let publicCount: Int

    /// The constraints so far; of a part, its own.
    private var store = ConstraintStore<Scalar>()
    /// The values of all wires so far, those of the circuit around a part included.
    let values: WireValues
    /// Where the memory of the values ends, or a part's wires.
    private var limit = 0
    /// True of a builder that makes a part of what another one makes.
    private let isPart: Bool
    /// True while a part is made, by this builder or by others for it.
    package private(set) var makesParts: Bool

    /// Whether a builder can make anything.
    private enum State {
        case open
        /// Parts are made by other builders.
        case waiting
        /// A part has thrown an error: some wires have no value, and constraints are missing.
        case broken
        /// The values are gone.
        case wiped
        /// What this part has made is the whole's.
        case closed
    }
    private var state = State.open
    /// What the circuit has that it may have once only, by name.
    private var unique: Set<String> = []
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
    /// Wires that are to be inverses, and of what.
    var inverses = InverseQueue()
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
        values = WireValues()
        isPart = false
        makesParts = false
        reserve(wires)
        if hasValues {
            values.elements[0] = .one
            for index in 0..<publicCount { values.elements[index + 1] = .zero }
        }
    }

    /// A builder of a part of what another one makes: its wires are these.
    private init(partOf whole: CircuitBuilder, wires range: Range<Int>) {
        recordsConstraints = whole.recordsConstraints
        hasValues = whole.hasValues
        publicCount = whole.publicCount
        values = whole.values
        limit = range.upperBound
        isPart = true
        makesParts = true
        boundPublics = whole.boundPublics
        challenger = nil
        commitments = whole.commitments
        wires = range.lowerBound
        keepsNames = whole.keepsNames
        scopes = whole.scopes
        powers = whole.powers
        inversePowers = whole.inversePowers
    }

    deinit {
        inverses.wipe()
        if !isPart { values.wipe(min(wires, values.elements.count)) }
    }

    /// The number of wires so far, the constant one included.
    public var wireCount: Int { wires }
    /// The number of constraints so far; counted also where none are recorded. In a part of a circuit, those
    /// of the part.
    public var constraintCount: Int { constraints }

    /// 2^exponent for exponents below 254.
    public func powerOfTwo(_ exponent: Int) -> Scalar { powers[exponent] }

    /// Notes that the circuit has something that it may have once only.
    ///
    /// - Parameter name: what it is.
    /// - Returns: whether this is the first of that name.
    /// - Precondition: no part of a circuit has it: parts do not know what the others have.
    package func claim(_ name: String) -> Bool {
        precondition(!makesParts, "a part of a circuit has what a circuit may have once only")
        return unique.insert(name).inserted
    }

    // MARK: Wires

    /// A new wire. Nothing is said of its value yet: constraints must do that.
    ///
    /// - Parameter value: its value in the witness; called at once when values are made, else not at all.
    public func wire(_ value: @autoclosure () -> Scalar) -> Linear {
        let index = wires
        if index >= limit { needWire() }
        wires += 1
        guard hasValues else { return combination(index, value: .zero) }
        let own = value()
        values.elements[index] = own
        return combination(index, value: own)
    }

    /// A wire as a combination, as whoever made it has it.
    ///
    /// - Parameters:
    ///   - wire: its number; it may be made by another part, which has not made it yet.
    ///   - value: its value in the witness.
    package func combination(_ wire: Int, value: Scalar) -> Linear {
        Linear(
            terms: Terms(wire: UInt32(truncatingIfNeeded: wire), isRecorded: recordsConstraints),
            constant: .zero, value: value)
    }

    /// Makes room for one more wire.
    private func needWire() {
        requireOpen()
        precondition(!isPart, "a part of a circuit makes more wires than it has")
        reserve(wires + 1)
    }

    /// Ends the program where the builder can make nothing, for what it made would be lost, or made by two
    /// threads.
    private func requireOpen() { if state != .open { refuse() } }

    @inline(never) private func refuse() -> Never {
        switch state {
        case .open: preconditionFailure()
        case .waiting: fatalError("something is made beside parts of a circuit that are being made")
        case .broken: fatalError("something is made after a part of a circuit that ended with an error")
        case .wiped: fatalError("something is made of values that are wiped")
        case .closed: fatalError("a part of a circuit goes on after its end")
        }
    }

    /// Makes room for the wires below `end`.
    private func reserve(_ end: Int) {
        precondition(end <= Self.wireLimit, "a circuit has at most 2^31 − 1 wires")
        if end <= limit { return }
        if hasValues { values.reserve(end, keeping: wires) }
        limit = hasValues ? min(values.elements.count, Self.wireLimit) : Self.wireLimit
    }

    private static let wireLimit = Int(Int32.max)

    /// Makes public input `index` equal to `value`: one constraint.
    ///
    /// - Precondition: each public input is bound once, and by no part of a circuit.
    public func bindPublic(_ index: Int, to value: Linear) {
        precondition(!makesParts, "a part of a circuit binds a public input")
        requireOpen()
        precondition((0..<publicCount).contains(index) && boundPublics.insert(index).inserted)
        if hasValues { values.elements[index + 1] = value.value }
        enforce(value, times: .one, equals: combination(index + 1, value: value.value))
    }

    /// Computes the inverses that are still to come.
    func settle() {
        if hasValues { inverses.settle(values.elements) }
    }

    /// The value of a wire, 0 where none are made.
    package func value(of wire: Int) -> Scalar {
        guard hasValues else { return .zero }
        precondition(wire < values.elements.count, "the values are wiped")
        return values.elements[wire]
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
        if recordsConstraints {
            precondition(constraints < Int(UInt32.max), "a circuit has at most 2^32 − 1 constraints")
            defining.append(UInt32(constraints))
        }
        enforce(a, times: b, equals: wire)
    }

    /// Demands a·b = c.
    public func enforce(_ a: Linear, times b: Linear, equals c: Linear) {
        requireOpen()
        if keepsNames { noteScope() }
        constraints += 1
        guard recordsConstraints else { return }
        store.record(a)
        store.record(b)
        store.record(c)
    }

    /// Demands a = b: one constraint.
    public func enforceEqual(_ a: Linear, _ b: Linear) { enforce(a, times: .one, equals: b) }

    // MARK: Parts

    /// Makes parts of a circuit, each of as many wires as it is said to have, on several threads; the result
    /// is the same as that of parts that are made one after another.
    ///
    /// - Parameters:
    ///   - sizes: the number of wires of each part.
    ///   - parallel: the threads.
    ///   - part: makes a part, which it is given the number of, by a builder of its own; called by several
    ///     threads. It takes wires from around it, but gives this builder no order, which ends the program;
    ///     it binds no public inputs and makes no commitments.
    /// - Returns: what the parts give.
    /// - Throws: the error of the first part, in their order, that ends with one; all are made before. The
    ///   builder can make nothing any more then, and has neither constraints nor a witness.
    /// - Precondition: each part makes as many wires as it has.
    public func inParallel<Result, Failure: Error>(
        wires sizes: [Int], _ parallel: Parallel = .allCores,
        _ part: (CircuitBuilder, Int) throws(Failure) -> Result
    ) throws(Failure) -> [Result] {
        requireOpen()
        // A part knows the values of what is around it.
        settle()
        let start = wires
        let end = sizes.reduce(start) { $0 + $1 }
        if isPart { precondition(end <= limit, "a part of a circuit makes more wires than it has") }
        reserve(end)
        var builders: [CircuitBuilder] = []
        for size in sizes {
            let first = builders.last?.limit ?? start
            builders.append(CircuitBuilder(partOf: self, wires: first..<first + size))
        }
        let (room, wasMaking) = (limit, makesParts)
        (wires, limit, makesParts, state) = (end, end, true, .waiting)
        let outcomes = parallel.map(sizes.count) { index in
            let outcome = Self.outcome(of: part, builders[index], index)
            builders[index].settle()
            return outcome
        }
        (limit, makesParts, state) = (room, wasMaking, .open)
        var results: [Result] = []
        results.reserveCapacity(outcomes.count)
        for outcome in outcomes { results.append(try result(of: outcome)) }
        for builder in builders { append(builder) }
        return results
    }

    /// What a part gives, or the error that it ends with.
    private static func outcome<Result, Failure: Error>(
        of part: (CircuitBuilder, Int) throws(Failure) -> Result, _ builder: CircuitBuilder, _ index: Int
    ) -> Swift.Result<Result, Failure> {
        do throws(Failure) {
            return .success(try part(builder, index))
        } catch {
            return .failure(error)
        }
    }

    /// What a part gave; after an error nothing can be made any more.
    private func result<Result, Failure: Error>(
        of outcome: Swift.Result<Result, Failure>
    ) throws(Failure) -> Result {
        switch outcome {
        case .success(let result): return result
        case .failure(let error):
            (state, limit) = (.broken, 0)
            throw error
        }
    }

    /// Makes `count` parts of a circuit that are of one shape, on several threads; the result is the same as
    /// that of parts that are made one after another.
    ///
    /// The first one is made alone, and tells how many wires each has.
    ///
    /// - Parameters:
    ///   - count: the number of parts.
    ///   - parallel: the threads.
    ///   - part: as for `inParallel(wires:_:_:)`.
    /// - Returns: what the parts give.
    /// - Throws: as `inParallel(wires:_:_:)`; where the first part ends with an error, no other one is made.
    /// - Precondition: each part makes as many wires as the first.
    public func inParallel<Result, Failure: Error>(
        _ count: Int, _ parallel: Parallel = .allCores,
        _ part: (CircuitBuilder, Int) throws(Failure) -> Result
    ) throws(Failure) -> [Result] {
        requireOpen()
        guard count > 0 else { return [] }
        let start = wires
        let outcome = asFirstPart { Self.outcome(of: part, self, 0) }
        let first = try result(of: outcome)
        let sizes = [Int](repeating: wires - start, count: count - 1)
        let others = try inParallel(wires: sizes, parallel) { (builder, index) throws(Failure) in
            try part(builder, index + 1)
        }
        return [first] + others
    }

    /// Makes the first of several parts by this builder itself, which may do no more then than others may.
    package func asFirstPart<Result>(_ make: () -> Result) -> Result {
        let wasMaking = makesParts
        makesParts = true
        defer { makesParts = wasMaking }
        return make()
    }

    /// Appends what a part has made, which can make nothing more.
    private func append(_ part: CircuitBuilder) {
        part.requireOpen()
        part.state = .closed
        precondition(part.wires == part.limit, "a part of a circuit makes fewer wires than it has")
        defining += part.defining.map { $0 + UInt32(constraints) }
        scopeStarts += part.scopeStarts.map { ($0.constraint + constraints, $0.name) }
        constraints += part.constraints
        scopeChanged = true
        if recordsConstraints { store.append(part.store) }
    }

    // MARK: Commitments

    /// Adds a commitment.
    func append(_ commitment: R1CS<Scalar>.Commitment) { commitments.append(commitment) }

    /// For each wire the constraint that defines it.
    func definitions() -> [UInt32?] {
        var result = [UInt32?](repeating: nil, count: wires)
        for constraint in defining { result[Int(store.wires(of: 3 * Int(constraint) + 2)[0])] = constraint }
        return result
    }

    /// The wires of the two factors of the constraint that defines a wire, the constant one among them.
    ///
    /// - Precondition: all are made before that wire, so that none is defined by itself.
    func sides(of constraint: UInt32, defining wire: UInt32) -> (a: [UInt32], b: [UInt32]) {
        let a = store.wires(of: 3 * Int(constraint))
        let b = store.wires(of: 3 * Int(constraint) + 1)
        precondition(
            a.allSatisfy { $0 < wire } && b.allSatisfy { $0 < wire },
            "a wire is defined by wires that are made after it")
        return (a, b)
    }

    // MARK: Names

    /// Runs `body` as a named part of the circuit; the names appear in `scope(of:)` when they are kept.
    public func scope<Result>(_ name: @autoclosure () -> String, _ body: () throws -> Result) rethrows
        -> Result
    {
        guard keepsNames else { return try body() }
        precondition(state != .waiting, "a part of a circuit names parts of what is around it")
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

    /// The constraint system: it has the memory of what was recorded, which is not copied.
    ///
    /// - Parameter parallel: the threads that put the terms in order.
    /// - Precondition: constraints were recorded, and every public input is bound.
    public func constraintSystem(_ parallel: Parallel = .allCores) -> R1CS<Scalar> {
        precondition(recordsConstraints && boundPublics.count == publicCount && !makesParts)
        precondition(state != .broken, "a part of a circuit ended with an error")
        store.finish { parallel.forEach($0, $1) }
        var system = R1CS(
            wireCount: wires, publicOutputCount: 0, publicInputCount: publicCount, privateInputCount: 0,
            store: store)
        for commitment in commitments { system.append(commitment) }
        return system
    }

    /// The values of all wires, canonical.
    ///
    /// - Parameter parallel: the threads that convert them.
    /// - Precondition: values were made and are not wiped, and every public input is bound.
    public func witness(_ parallel: Parallel = .allCores) -> SecretScalars<Scalar> {
        precondition(hasValues && boundPublics.count == publicCount && !makesParts)
        requireOpen()
        settle()
        let result = SecretScalars<Scalar>(count: wires)
        result.withUnsafeMutableElements { elements in
            parallel.forEachRange(wires, minimum: 1 << 14) { range in
                for wire in range { elements[wire] = values.elements[wire].canonical }
            }
        }
        return result
    }

    /// Overwrites the values: call it once the witness is taken, for they are the secrets of whoever proves.
    /// Then the builder makes none.
    public func wipe() {
        precondition(!makesParts, "a part of a circuit wipes values")
        values.wipe(min(wires, values.elements.count))
        inverses.wipe()
        if state != .broken { state = .wiped }
        limit = 0
    }
}
