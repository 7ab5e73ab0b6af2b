// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import OpenCLCompute
import OpenCLGroth16

extension StepRun {
    /// Builds every program in every way to compute products: cold, again, and from the cache that keeps it.
    func programs() throws {
        let variants = ProductVariant.candidates(for: device)
        section.facts["ways to compute products"] = variants.map(\.rawValue).joined(separator: ", ")
        let outcomes = try (isQuick ? variants.prefix(1) : variants[...]).map { variant in
            let outcome = try build(variant)
            section.facts[variant.rawValue] = outcome.rawValue
            return outcome
        }
        // A way that is refused is passed over by the backend: one that is not is enough.
        check("not all ways to compute products are refused") {
            outcomes.count == variants.count && outcomes.allSatisfy { $0 == .refused } ? ["all are"] : []
        }
    }

    /// What became of a way to compute products.
    private enum BuildOutcome: String {
        case accepted
        case refused
        /// There was no time.
        case unfinished = "not all built"
    }

    private func build(_ variant: ProductVariant) throws -> BuildOutcome {
        let queue = try openQueue()
        let all = curves.flatMap { curve in
            withSuite(curve) { Groth16Programs.all(of: $0, variant: variant, on: queue) }
        }
        var outcome = BuildOutcome.accepted
        for description in all {
            let name = description.name.hasSuffix(variant.rawValue) ? "" : " (\(variant.rawValue))"
            guard hasTime(for: "building \(description.name)\(name)") else { return .unfinished }
            do { try build(description, description.name + name) } catch {
                outcome = .refused
                note("\(variant.rawValue): \(error)")
            }
        }
        return outcome
    }

    private func build(_ description: ProgramDescription, _ name: String) throws {
        // The log of a build tells registers and spills where NVIDIA's compiler is asked.
        let options = device.extensions.contains("cl_nv_compiler_options") ? "-cl-nv-verbose" : ""
        let queue = try openQueue(cache: nil)
        let cold = try queue.run { try $0.buildReport(of: description, options: options) }
        figure("\(name): cold", cold.seconds, "s")
        if let bytes = cold.binaryBytes { figure("\(name): compiled", Double(bytes), "bytes") }
        let kernels = KernelResources.parse(cold.log)
        if !kernels.isEmpty { section.programs.append(.init(name: name, kernels: kernels)) }
        if isQuick { return }
        let again = try queue.run { try $0.buildReport(of: description, options: options) }
        figure("\(name): again, by the driver", again.seconds, "s")
        // The first sees to it that a cache has it, for the later steps too; the second reads from there.
        _ = try openQueue().run { try $0.program(description) }
        let (_, seconds) = try timed { _ = try openQueue().run { try $0.program(description) } }
        let owner = ProgramCache.standard?.serves(device) == true ? "Martlet's" : "the platform's"
        figure("\(name): from \(owner) cache, device opened", seconds, "s")
    }
}
