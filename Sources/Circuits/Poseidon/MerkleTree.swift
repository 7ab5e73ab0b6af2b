// SPDX-License-Identifier: Apache-2.0

import Curves
public import FiniteFields

/// A binary tree of a fixed depth over field elements, hashed with Poseidon of two; leaves that are not given
/// are zero.
///
/// Only the given leaves and what is above them are kept: a tree of depth 20 with a hundred leaves is small.
public struct MerkleTree: Sendable {
    /// The number of levels above the leaves.
    public let depth: Int
    /// `levels[0]` are the leaves, `levels[depth]` is the root; each holds the nodes that have a given leaf
    /// below them.
    private let levels: [[Scalar]]
    /// The root of an empty subtree of each height.
    private let empty: [Scalar]

    /// The tree of 2^depth leaves, of which these are the first.
    ///
    /// - Precondition: 0 ≤ depth ≤ 32, and there are at most 2^depth leaves.
    public init(depth: Int, leaves: [Scalar]) {
        precondition((0...32).contains(depth) && leaves.count <= 1 << depth)
        var empty = [Scalar.zero]
        var levels = [leaves]
        for height in 0..<depth {
            let below = levels[height]
            levels.append(
                stride(from: 0, to: below.count, by: 2).map { index in
                    Poseidon.hash(below[index], index + 1 < below.count ? below[index + 1] : empty[height])
                })
            empty.append(Poseidon.hash(empty[height], empty[height]))
        }
        self.depth = depth
        self.levels = levels
        self.empty = empty
    }

    /// What the tree commits to.
    public var root: Scalar { levels[depth].first ?? empty[depth] }

    /// The siblings on the way from leaf `index` to the root, lowest first.
    ///
    /// - Precondition: 0 ≤ index < 2^depth.
    public func path(_ index: Int) -> [Scalar] {
        precondition(index >= 0 && index < 1 << depth)
        return (0..<depth).map { height in
            let sibling = (index >> height) ^ 1
            return sibling < levels[height].count ? levels[height][sibling] : empty[height]
        }
    }

    /// The root that a leaf with these siblings leads to.
    public static func root(leaf: Scalar, index: Int, path: [Scalar]) -> Scalar {
        path.enumerated().reduce(leaf) { node, step in
            index >> step.offset & 1 == 1
                ? Poseidon.hash(step.element, node) : Poseidon.hash(node, step.element)
        }
    }
}

extension CircuitBuilder {
    /// The root that a leaf leads to: 244 constraints a level.
    ///
    /// - Parameters:
    ///   - leaf: the leaf.
    ///   - index: the bits of the leaf's index, lowest first, constrained to be bits.
    ///   - path: the siblings, lowest first, as many as there are bits.
    public func merkleRoot(leaf: Linear, index: [Linear], path: [Linear]) -> Linear {
        precondition(index.count == path.count)
        return zip(index, path).reduce(leaf) { node, step in
            let (left, right) = exchange(step.0, node, step.1)
            return poseidon(left, right)
        }
    }
}
