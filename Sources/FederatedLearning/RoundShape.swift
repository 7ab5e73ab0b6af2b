// SPDX-License-Identifier: Apache-2.0

/// The circuits of a round, by the number of clients that it has room for.
///
/// One circuit takes the updates of all, where they have a place in it. Otherwise leaves take the updates,
/// nodes take leaves where there are many, and the round's circuit takes what is left. Circuits of one level
/// are all alike, and so are their keys.
package struct RoundShape: Hashable, Sendable {
    /// The most places of a circuit that verifies proofs.
    package static let fanOut = 16
    /// The most clients of a round: three levels.
    package static let mostClients = fanOut * fanOut * fanOut

    /// The places of a circuit of each level, from those that take updates to the round's.
    package let places: [Int]

    /// The shape with the fewest levels, and of these with the fewest places.
    ///
    /// - Parameter fanOut: the most places of a circuit.
    package init(clients: Int, fanOut: Int) {
        precondition(clients >= 1 && fanOut >= 2)
        var below = [1]
        while below[0] * fanOut < clients { below.insert(below[0] * fanOut, at: 0) }
        var (rest, places): (Int, [Int]) = (clients, [])
        for capacity in below {
            let count = (rest + capacity - 1) / capacity
            places.insert(count, at: 0)
            rest = (rest + count - 1) / count
        }
        self.places = places
    }

    /// How many levels there are below the round's circuit: 0 where that takes updates itself.
    package var groupLevels: Int { places.count - 1 }
}
