// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import OpenCLCompute
import OpenCLGroth16

extension StepRun {
    /// The tests that a device must pass before it serves, and products in each way that it may be asked for.
    func answers() throws {
        let queue = try openQueue()
        for variant in ProductVariant.candidates(for: device) {
            var failure: String?
            do {
                try queue.run { queue in
                    for curve in CurveID.allCases {
                        try withSuite(curve) { try Self.fields($0, variant, queue) }
                    }
                }
            } catch {
                failure = "\(error)"
            }
            section.facts["products by \(variant.rawValue)"] = failure ?? "right"
        }
        for curve in curves { try withSuite(curve) { try answers($0, queue) } }
    }

    private static func fields<Suite: ComputeSuite>(
        _: Suite.Type, _ variant: ProductVariant, _ queue: isolated DeviceQueue
    ) throws {
        try FieldCheck<Suite.Fp>(variant: variant).run(on: queue)
        try FieldCheck<Suite.Fr>(variant: variant).run(on: queue)
    }

    private func answers<Suite: ComputeSuite>(_ suite: Suite.Type, _ queue: DeviceQueue) throws {
        guard hasTime(for: "the tests of \(Suite.id.rawValue)") else { return }
        let backend = OpenCLGroth16Backend<Suite>(queue)
        check("known answers on \(Suite.id.rawValue)") {
            try backend.test()
            return []
        }
        section.facts["\(Suite.id.rawValue) computes by"] = (try? backend.variant())?.rawValue ?? "nothing"
    }
}
