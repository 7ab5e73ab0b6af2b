// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves

/// The CPU as a backend of every curve.
struct CPUBackends: Sendable {
    private let backends: [CurveID: any ComputeBackend]
    /// What results call it.
    var name: String { backends[.bn254]?.name ?? "cpu" }

    init(parallel: Parallel) {
        func backend<Suite: ComputeSuite>(_: Suite.Type) -> any ComputeBackend {
            CPUBackend<Suite>(parallel: parallel)
        }
        backends = Dictionary(
            uniqueKeysWithValues: CurveID.allCases.map { ($0, withSuite($0) { backend($0) }) })
    }

    func backend<Suite: ComputeSuite>(for suite: Suite.Type) -> CPUBackend<Suite> {
        guard let backend = backends[Suite.id] as? CPUBackend<Suite> else {
            preconditionFailure("there is one for each curve")
        }
        return backend
    }
}
