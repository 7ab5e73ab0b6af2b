// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EmulatedArithmetic
import Recursion
import TestSupport
import Testing

/// The sizes that docs/recursion.md gives for pairings: chunks of 17 bits, groups of 512 checks.
@Suite struct PairingCountTests {
    private func count(_ variable: Int, _ fixed: Int, chunkBits: Int = 17, groupSize: Int = 512) -> Int {
        var generator = SeededGenerator(seed: 1)
        return PairingInstance(variable: variable, fixed: fixed, &generator)
            .run(mode: .constraints, chunkBits: chunkBits, groupSize: groupSize).builder.constraintCount
    }

    @Test func pairs() {
        // They differ by when a group of checks is full.
        #expect((0...3).map { count($0, 3) } == [265_563, 294_688, 325_184, 353_701])
        #expect(count(10, 3) == 561_074)
    }

    @Test func smallerTables() {
        let counts = [1, 10].map { count($0, 3, chunkBits: 15, groupSize: 384) }
        #expect(counts == [183_102, 483_020])
    }
}
