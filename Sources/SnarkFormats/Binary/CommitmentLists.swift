// SPDX-License-Identifier: Apache-2.0

import ConstraintSystems
import FiniteFields

/// The lists of wires of a circuit's commitments, as zkeys and r1cs files have them: for each commitment `u32
/// challenge, u32 count, u32 hashed wires…, u32 count, u32 committed wires…`, each list ascending.
enum CommitmentLists {
    /// Reads so many commitments of a circuit.
    ///
    /// - Throws: `.truncated`; `.inconsistentHeader` for a commitment that no system of so many wires admits
    ///   after those before it, with its number and its place.
    static func read(
        _ cursor: inout Cursor, count: Int, wireCount: Int, publicCount: Int
    ) throws(FormatError) -> [WireCommitment] {
        var lists = WireLists(wireCount: wireCount, publicCount: publicCount)
        for index in 0..<count {
            let start = cursor.position
            let challenge = try cursor.uint32()
            let hashed = try list(&cursor)
            let committed = try list(&cursor)
            if let fault = lists.append(
                WireCommitment(committed: committed, hashed: hashed, challenge: challenge))
            {
                throw cursor.error(.inconsistentHeader("commitment \(index) \(fault)"), at: start)
            }
        }
        return lists.commitments
    }

    private static func list(_ cursor: inout Cursor) throws(FormatError) -> [UInt32] {
        let at = cursor.position
        let count = Int(try cursor.uint32())
        guard count <= cursor.remaining / 4 else {
            throw cursor.error(
                .truncated(needed: 4 * UInt64(count), available: UInt64(cursor.remaining)), at: at)
        }
        var wires: [UInt32] = []
        wires.reserveCapacity(count)
        for _ in 0..<count { wires.append(try cursor.uint32()) }
        return wires
    }

    /// Writes the lists of commitments, without their number.
    static func write(_ commitments: [WireCommitment], to writer: BinaryWriter) throws(FormatError) {
        for commitment in commitments {
            try writer.write(commitment.challenge)
            for list in [commitment.hashed, commitment.committed] {
                try writer.write(UInt32(list.count))
                for wire in list { try writer.write(wire) }
            }
        }
    }
}

/// Commitments that are read one after another, with what may come next.
private struct WireLists {
    let wireCount, publicCount: Int
    var commitments: [WireCommitment] = []
    /// Committed wires and challenges so far.
    private var taken: Set<UInt32> = []
    private var challenges: Set<UInt32> = []

    init(wireCount: Int, publicCount: Int) {
        self.wireCount = wireCount
        self.publicCount = publicCount
    }

    /// Adds a commitment; says what is wrong with it, as `R1CS.admits` finds it.
    mutating func append(_ commitment: WireCommitment) -> String? {
        func isAscending(_ wires: [UInt32]) -> Bool { zip(wires, wires.dropFirst()).allSatisfy(<) }
        guard isAscending(commitment.committed) else { return "is to wires that are not in ascending order" }
        guard isAscending(commitment.hashed) else { return "hashes wires that are not in ascending order" }
        if let wire = commitment.hashed.first(where: {
            $0 == 0 || Int($0) > publicCount && !challenges.contains($0)
        }) {
            return "hashes wire \(wire), which is neither public nor an earlier challenge"
        }
        for wire in commitment.committed + [commitment.challenge] {
            guard Int(wire) > publicCount && Int(wire) < wireCount else {
                return "has wire \(wire), which is no private wire of \(wireCount) with \(publicCount) public"
            }
            guard taken.insert(wire).inserted else { return "has wire \(wire), which is in use already" }
        }
        challenges.insert(commitment.challenge)
        commitments.append(commitment)
        return nil
    }
}
