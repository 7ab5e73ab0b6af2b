// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EmulatedArithmetic
import Recursion
import TestSupport
import Testing

/// The sizes that docs/recursion.md gives for pairings: chunks of 17 bits, groups of 512 checks.
@Suite struct PairingCountTests {
    private func count(_ variable: Int, _ fixed: Int) -> Int {
        var generator = SeededGenerator(seed: 1)
        return PairingInstance(variable: variable, fixed: fixed, &generator)
            .run(mode: .constraints, chunkBits: 17, groupSize: 512).builder.constraintCount
    }

    @Test func pairs() {
        // They differ by when a group of checks is full.
        let counts = (0...3).map { count($0, 3) }
        #expect(counts == [265_563, 294_688, 325_184, 353_701])
    }
}
