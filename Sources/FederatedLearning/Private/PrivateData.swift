// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// A batch some of whose rows may be no records: what a client has too few of is filled up with these, never
/// with a record that is there already.
package struct PrivateBatch: Equatable, Sendable {
    package var rows: Batch
    /// For each row whether it is none of the data; such rows have no part in an update.
    package var isNull: [Bool]

    /// - Precondition: there is a flag for each row.
    package init(_ rows: Batch, isNull: [Bool]) {
        precondition(rows.labels.count == isNull.count)
        self.rows = rows
        self.isNull = isNull
    }

    /// The batch of some records, filled up with null rows of zeros.
    ///
    /// - Precondition: there are no more records than the task's batches have room for.
    package init(filling records: Batch, _ plan: PrivatePlan) {
        let (count, size) = (records.labels.count, plan.base.task.batchSize)
        precondition(count <= size && records.features.rows == count)
        self.init(
            Batch(
                features: Matrix(rows: size, columns: plan.base.features) { row, column in
                    row < count ? records.features[row, column] : 0
                }, labels: records.labels + [Int](repeating: 0, count: size - count)),
            isNull: (0..<size).map { $0 >= count })
    }

    /// Zeros, all null.
    static func placeholder(_ plan: PrivatePlan) -> PrivateBatch {
        PrivateBatch(
            filling: Batch(features: Matrix(rows: 0, columns: plan.base.features, elements: []), labels: []),
            plan)
    }

    /// Poseidon over packed features, packed labels, packed flags and the salt.
    package func leaf(_ plan: PrivatePlan, salt: Scalar) -> Scalar {
        Poseidon.hash(
            plan.base.featurePacking.pack(rows.features.elements) + plan.base.labelPacking.pack(rows.labels)
                + Self.flagPacking.pack(isNull.map { $0 ? 1 : 0 }) + [salt],
            domain: HashDomain.privateBatch.rawValue)
    }

    /// A flag, and no sign.
    static let flagPacking = Packing(bits: 2)
}

/// A client's data: 2^depth batches under one root.
package struct PrivateDataset: Sendable {
    package let batches: [PrivateBatch]
    /// One random element a batch, which hides it.
    package let salts: [Scalar]
    package let tree: MerkleTree

    /// - Precondition: there are 2^datasetDepth batches without a fault, and as many salts.
    package init(_ plan: PrivatePlan, batches: [PrivateBatch], salts: [Scalar]) {
        let depth = plan.base.task.datasetDepth
        precondition(batches.count == 1 << depth && salts.count == batches.count)
        self.batches = batches
        self.salts = salts
        tree = MerkleTree(depth: depth, leaves: zip(batches, salts).map { $0.leaf(plan, salt: $1) })
    }

    /// Which batch a round asks a client for: (k + round) mod 2^depth, where k = H(secret, task). So a batch
    /// is used in every 2^depth-th round, whatever anybody knows.
    package static func batchIndex(_ plan: PrivatePlan, identity: Identity, round: Int) -> Int {
        let key = Poseidon.hash(identity.secret, plan.taskID).canonical
        return (Int(key[0] & 0xffff_ffff) + round) & (1 << plan.base.task.datasetDepth - 1)
    }
}

extension PrivatePlan {
    /// What clipping leaves of a batch's gradient.
    ///
    /// - Precondition: model and batch are in the plan's ranges.
    package func trace(model: Model, batch: PrivateBatch) -> ClippedTrace {
        ClippedTrace(
            base, clip, TrainingTrace(base, model: model, batch: batch.rows), isNull: batch.isNull)
    }
}
