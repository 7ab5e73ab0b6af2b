// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// The constraints of a system, in blocks, and their coefficients.
///
/// Combinations are kept as they are given, or, where they are recorded raw, put in order by `finish`.
@usableFromInline
package struct ConstraintStore<Scalar: PrimeField>: Sendable {
    /// The blocks that are full.
    @usableFromInline var full: [ConstraintBlock] = []
    /// The first constraint of each.
    @usableFromInline var starts: [Int] = []
    /// The number of constraints in them.
    @usableFromInline var fullConstraints = 0
    /// What is added to.
    @usableFromInline var open = ConstraintBlock()
    @usableFromInline var coefficients = CoefficientTable<Scalar>()

    /// The terms from which on a block is full; a combination may go beyond.
    @inlinable static var blockSize: Int { 1 << 20 }

    @inlinable
    package init() {}

    /// The number of constraints.
    @inlinable package var constraintCount: Int { fullConstraints + open.constraintCount }
    /// The number of terms of all constraints.
    package var termCount: Int { full.reduce(open.terms.count) { $0 + $1.terms.count } }

    // MARK: Reading

    /// The number of blocks.
    @inlinable package var blockCount: Int { full.count + 1 }
    /// A block.
    @inlinable
    package func block(_ index: Int) -> ConstraintBlock { index < full.count ? full[index] : open }
    /// The number of a block's first constraint.
    @inlinable
    package func start(_ index: Int) -> Int { index < full.count ? starts[index] : fullConstraints }

    /// The block of a combination, and where its terms are in it.
    @inlinable
    package func place(of combination: Int) -> (terms: [UInt64], bounds: Range<Int>) {
        let constraint = combination / 3
        if constraint >= fullConstraints {
            return (open.terms, open.bounds(of: combination - 3 * fullConstraints))
        }
        // The last block that starts at the constraint or before.
        var (low, high) = (0, full.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= constraint { low = middle } else { high = middle }
        }
        return (full[low].terms, full[low].bounds(of: combination - 3 * starts[low]))
    }

    // MARK: Adding

    /// Makes room in the open block.
    @inlinable
    package mutating func reserve(terms: Int, constraints: Int) {
        open.terms.reserveCapacity(min(terms, Self.blockSize))
        open.ends.reserveCapacity(min(3 * constraints, Self.blockSize))
    }

    /// Adds a term to the combination under way.
    @inlinable
    package mutating func append(wire: UInt32, coefficient: Scalar) {
        open.terms.append(ConstraintBlock.term(wire: wire, number: coefficients.number(of: coefficient)))
    }

    /// Adds a term with a coefficient of 1 or −1.
    @inlinable
    package mutating func append(wire: UInt32, isNegative: Bool) {
        open.terms.append(ConstraintBlock.term(wire: wire, number: isNegative ? 1 : 0))
    }

    /// Ends the combination under way.
    ///
    /// - Parameter raw: its terms are to be sorted and merged by `finish`.
    @inlinable
    package mutating func endCombination(raw: Bool) {
        precondition(open.terms.count <= Int(UInt32.max), "a combination has at most 2^32 − 1 terms")
        open.ends.append(UInt32(truncatingIfNeeded: open.terms.count))
        if raw { open.isRaw = true }
        if open.terms.count >= Self.blockSize && open.ends.count % 3 == 0 { close() }
    }

    /// Ends the open block.
    @inlinable @inline(never)
    mutating func close() {
        precondition(open.ends.count % 3 == 0, "a constraint is under way")
        if open.ends.isEmpty { return }
        add(open)
        open = ConstraintBlock()
    }

    @inlinable
    mutating func add(_ block: ConstraintBlock) {
        starts.append(fullConstraints)
        fullConstraints += block.constraintCount
        full.append(block)
    }

    /// Adds all constraints of another store, which nothing of is copied.
    @inlinable
    package mutating func append(_ other: ConstraintStore) {
        close()
        let numbers = other.coefficients.values.map { coefficients.number(of: $0) }
        let isSame = numbers.indices.allSatisfy { numbers[$0] == $0 }
        for var block in other.full + [other.open] where !block.ends.isEmpty {
            precondition(block.ends.count % 3 == 0, "a constraint is under way")
            if !isSame {
                block.renumbering = block.renumbering.map { $0.map { numbers[Int($0)] } } ?? numbers
            }
            add(block)
        }
    }

    /// Puts raw combinations in order of wires, with what has the same wire merged, and without zeros.
    ///
    /// - Parameter forEach: calls a body for each index below a count, on as many threads as it likes.
    @inlinable
    package mutating func finish(_ forEach: (_ count: Int, _ body: (Int) -> Void) -> Void) {
        close()
        let unfinished = full.indices.filter { full[$0].isRaw || full[$0].renumbering != nil }
        if unfinished.isEmpty { return }
        var merged = [MergedCoefficients<Scalar>?](repeating: nil, count: unfinished.count)
        let (table, count) = (coefficients, coefficients.count)
        full.withUnsafeMutableBufferPointer { full in
            merged.withUnsafeMutableBufferPointer { merged in
                // Each call has a block and an entry of its own, and the table is only read.
                forEach(unfinished.count) { merged[$0] = full[unfinished[$0]].finish(table) }
            }
        }
        for (index, merged) in zip(unfinished, merged) {
            if let merged { full[index].settle(merged, finishedWith: count, &coefficients) }
        }
    }
}
