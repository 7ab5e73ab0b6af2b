// SPDX-License-Identifier: Apache-2.0

/// One layer: weights of inputs + 1 rows (the last one the biases) and `outputs` columns.
package struct LayerPlan: Sendable {
    package let inputs: Int
    package let outputs: Int
    /// The fraction of the layer's inputs.
    package let inputFraction: Int
    /// The fraction of the sums before the activation.
    package let sumFraction: Int
    /// The signed bits of what is decomposed of the sums: of a hidden layer's with half a unit of the
    /// activation added, of the
    /// last layer's as the sigmoid takes them.
    package let sumBits: Int
    /// The signed bits of the errors that come back to this layer's inputs before they are rescaled, with
    /// half a unit added; 0 for
    /// the first layer, whose inputs get none.
    package let backwardBits: Int
    /// The largest magnitude of an input, and of the constant that biases are multiplied by.
    package let largestInput: Int
    /// The largest magnitude of an error.
    package let largestError: Int
    /// The signed bits of the update's entries.
    package let updateBits: Int

    package var weightCount: Int { (inputs + 1) * outputs }
}
