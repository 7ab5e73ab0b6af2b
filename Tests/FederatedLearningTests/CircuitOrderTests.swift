// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import FederatedLearning
import FiniteFields
import TestSupport
import Testing

/// The circuits of a task are the same for ever: keys that were made for them stay valid.
///
/// The clients' fingerprints are of the first circuits whose batches follow from the secret and the round.
/// The rounds', in the attested form, are of the first circuits with registries in their states.
@Suite struct CircuitOrderTests {
    private func fingerprint(_ builder: CircuitBuilder) -> UInt64 {
        let system = builder.constraintSystem()
        var sum = Fingerprint()
        sum.add(system.wireCount)
        for index in 0..<3 * system.constraintCount {
            let terms = system.combination(index % 3, of: index / 3)
            sum.add(terms.count)
            for term in terms {
                sum.add(UInt64(term.wire))
                let limbs = term.coefficient.canonical
                for limb in 0..<4 { sum.add(limbs[limb]) }
            }
        }
        return sum.value
    }

    @Test func clientsAndRounds() throws {
        typealias Case = (
            layers: [Int], aggregator: TaskDescription.Aggregator, client: UInt64, round: UInt64
        )
        let cases: [Case] = [
            ([6, 3], .fedAvg, 0xdb44_0cd8_17de_0895, 0xf76c_62db_7d05_7c05),
            ([4, 3, 2], .median, 0xb644_7614_f2dc_528f, 0xe270_8816_ac4d_56e0),
            ([5, 1], .trimmedMean(trim: 1), 0x2586_2eda_2985_9431, 0xc46b_61be_8b37_28fc),
        ]
        for (layers, aggregator, client, round) in cases {
            let plan = try Plan(.small(layers: layers, clients: 3, aggregator: aggregator))
            let built = RoundCircuit(plan, nil).build(.constraints, nil, [], nil, .allCores)
            #expect(fingerprint(ClientCircuit(plan).constraints()) == client, "\(layers)")
            #expect(fingerprint(built) == round, "\(layers)")
        }
    }
}
