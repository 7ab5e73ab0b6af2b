// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

/// Constraints one after another, eight bytes a term: systems are made of blocks, so that nothing is copied
/// when they grow, and several threads make and finish blocks at the same time.
@usableFromInline
package struct ConstraintBlock: Sendable {
    /// Terms: a wire in the upper half, the number of a coefficient in the lower.
    @usableFromInline package var terms: [UInt64] = []
    /// Where each combination ends in `terms`; three a constraint.
    @usableFromInline package var ends: [UInt32] = []
    /// True while combinations may have wires in any order, or several times.
    @usableFromInline var isRaw = false
    /// What the numbers of coefficients are to become; `nil` where they are right.
    @usableFromInline var renumbering: [UInt32]?

    @inlinable
    package init() {}

    /// The number of constraints.
    @inlinable package var constraintCount: Int { ends.count / 3 }

    /// The wire of a term.
    @inlinable @inline(__always)
    package static func wire(_ term: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: term >> 32) }
    /// The number of a term's coefficient.
    @inlinable @inline(__always)
    package static func number(_ term: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: term) }
    /// The term of a wire and the number of a coefficient.
    @inlinable @inline(__always)
    package static func term(wire: UInt32, number: UInt32) -> UInt64 { UInt64(wire) << 32 | UInt64(number) }

    /// Where the terms of a combination are.
    @inlinable
    package func bounds(of combination: Int) -> Range<Int> {
        (combination == 0 ? 0 : Int(ends[combination - 1]))..<Int(ends[combination])
    }
}

/// Coefficients that came of merging terms in one block, and that the system's table does not have yet.
@usableFromInline
package struct MergedCoefficients<Scalar: PrimeField>: Sendable {
    /// They, numbered on from the system's table.
    @usableFromInline var table = CoefficientTable<Scalar>()
    /// The terms that have them.
    @usableFromInline var places: [Int] = []

    @inlinable
    init() {}
}

extension ConstraintBlock {
    /// Puts each combination in order of wires, merges what has the same wire, and drops zeros.
    ///
    /// - Returns: the coefficients that are new; the numbers of their terms are the table's count plus those
    ///   in what is returned, until `settle`.
    @inlinable
    package mutating func finish<Scalar: PrimeField>(
        _ table: CoefficientTable<Scalar>
    ) -> MergedCoefficients<Scalar> {
        var merged = MergedCoefficients<Scalar>()
        var (from, to) = (0, 0)
        let renumbering = renumbering
        // Both are this block's own where it is not finished yet: nothing is copied.
        terms.withUnsafeMutableBufferPointer { terms in
            ends.withUnsafeMutableBufferPointer { ends in
                for combination in ends.indices {
                    let end = Int(ends[combination])
                    if let renumbering {
                        for place in from..<end {
                            terms[place] = Self.term(
                                wire: Self.wire(terms[place]),
                                number: renumbering[Int(Self.number(terms[place]))])
                        }
                    }
                    let part = UnsafeMutableBufferPointer(rebasing: terms[from..<end])
                    let kept = isRaw ? Self.merge(part, at: to, table, &merged) : part.count
                    if to != from { for place in 0..<kept { terms[to + place] = part[place] } }
                    to += kept
                    from = end
                    ends[combination] = UInt32(to)
                }
            }
        }
        terms.removeLast(terms.count - to)
        isRaw = false
        self.renumbering = nil
        return merged
    }

    /// Gives the new coefficients of `finish` their numbers in the system's table.
    @inlinable
    package mutating func settle<Scalar: PrimeField>(
        _ merged: MergedCoefficients<Scalar>, finishedWith count: Int, _ table: inout CoefficientTable<Scalar>
    ) {
        for place in merged.places {
            let coefficient = merged.table[Self.number(terms[place]) - UInt32(count)]
            terms[place] = Self.term(
                wire: Self.wire(terms[place]), number: table.number(of: coefficient))
        }
    }

    /// Sorts and merges one combination, which will begin at `start`; returns the number of its terms.
    @inlinable
    static func merge<Scalar: PrimeField>(
        _ terms: UnsafeMutableBufferPointer<UInt64>, at start: Int,
        _ table: CoefficientTable<Scalar>, _ merged: inout MergedCoefficients<Scalar>
    ) -> Int {
        var isAscending = true
        for place in terms.indices.dropFirst() where wire(terms[place - 1]) >= wire(terms[place]) {
            isAscending = false
        }
        if isAscending { return terms.count }
        sort(terms)
        var (from, to) = (0, 0)
        while from < terms.count {
            let own = wire(terms[from])
            var end = from + 1
            while end < terms.count && wire(terms[end]) == own { end += 1 }
            if end == from + 1 {
                terms[to] = terms[from]
                to += 1
            } else {
                var sum = table[number(terms[from])]
                for place in (from + 1)..<end { sum += table[number(terms[place])] }
                if !sum.isZero {
                    if let known = table.find(sum) {
                        terms[to] = term(wire: own, number: known)
                    } else {
                        let new = UInt32(table.count) + merged.table.number(of: sum)
                        terms[to] = term(wire: own, number: new)
                        merged.places.append(start + to)
                    }
                    to += 1
                }
            }
            from = end
        }
        return to
    }

    @usableFromInline
    static func sort(_ terms: UnsafeMutableBufferPointer<UInt64>) {
        guard terms.count <= 32 else {
            var terms = terms
            terms.sort()
            return
        }
        for place in terms.indices.dropFirst() {
            let term = terms[place]
            var to = place
            while to > 0 && terms[to - 1] > term {
                terms[to] = terms[to - 1]
                to -= 1
            }
            terms[to] = term
        }
    }
}
