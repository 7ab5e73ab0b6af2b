// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import EllipticCurves
import FiniteFields

/// The different linear combinations of a constraint system, and in which rows of which matrices each stands.
///
/// Many stand in several places: an S-box x⁵ = (x·x)²·x has a dense x once in A and twice in B, so three
/// times in β·A + α·B + C. The points of all its rows are added up before they are multiplied by its
/// coefficients.
struct LinearForms<Scalar: PrimeField> {
    private let system: R1CS<Scalar>
    /// For each form a combination of the system that is it: three times its constraint, plus 0 for A, 1 for
    /// B, 2 for C. Forms of public wires come after these.
    private var representatives: [Int] = []
    /// For each combination of the system its form.
    private var forms: [UInt32] = []

    /// Whether public wires have rows of their own, as in snarkjs' keys.
    private let hasPublicRows: Bool

    init(_ system: R1CS<Scalar>, publicRows: Bool = true) {
        self.system = system
        hasPublicRows = publicRows
        var known: [ArraySlice<UInt64>: UInt32] = [:]
        forms.reserveCapacity(3 * system.constraintCount)
        for combination in 0..<3 * system.constraintCount {
            let terms = system.combination(combination % 3, of: combination / 3).packed
            let form = known[terms] ?? UInt32(representatives.count)
            if form == representatives.count {
                known[terms] = form
                representatives.append(combination)
            }
            forms.append(form)
        }
    }

    var count: Int { representatives.count + (hasPublicRows ? system.publicCount + 1 : 0) }

    /// Calls `body` for each place of each form: a matrix, A (0), B (1) or C (2), and a row. The rows of
    /// public wires in A come last.
    func forEachPlace(_ body: (_ form: Int, _ matrix: Int, _ row: Int) -> Void) {
        for (combination, form) in forms.enumerated() {
            body(Int(form), combination % 3, combination / 3)
        }
        for wire in 0..<count - representatives.count {
            body(representatives.count + wire, 0, system.constraintCount + wire)
        }
    }

    /// Calls `body` for each term of a form.
    func forEachTerm(of form: Int, _ body: (R1CS<Scalar>.Term) -> Void) {
        guard form < representatives.count else {
            body(R1CS.Term(wire: UInt32(form - representatives.count), coefficient: .one))
            return
        }
        let combination = representatives[form]
        for term in system.combination(combination % 3, of: combination / 3) { body(term) }
    }

    /// For each wire the sum of coefficient times point over its entries in the given matrices, each of which
    /// has a table with a point for every row.
    func columnSums<Group: ComputeGroup>(
        _ matrices: [(matrix: Int, rows: PointTable<Group>)], _ parallel: Parallel
    ) -> [Affine<Group>] where Group.Scalar == Scalar {
        let places = SparseTerms<Scalar>(groups: count) { add in
            forEachPlace { form, matrix, row in
                if let table = matrices.firstIndex(where: { $0.matrix == matrix }) {
                    add(form, table, row, .one)
                }
            }
        }
        let points = Group.cpuSparseSums(matrices.map(\.rows), places, parallel)
        let terms = SparseTerms<Scalar>(groups: system.wireCount) { add in
            for form in points.indices where !points[form].isIdentity {
                forEachTerm(of: form) { add(Int($0.wire), 0, form, $0.coefficient) }
            }
        }
        return Group.cpuSparseSums([PointTable(points)], terms, parallel)
    }
}
