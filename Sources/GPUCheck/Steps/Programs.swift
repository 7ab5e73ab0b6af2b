// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import OpenCLCompute
import OpenCLGroth16

extension StepRun {
    /// Builds every program in every way to compute products: cold, again, and from Martlet's cache.
    func programs() throws {
        let variants = ProductVariant.candidates(for: device)
        section.facts["ways to compute products"] = variants.map(\.rawValue).joined(separator: ", ")
        for variant in isQuick ? variants.prefix(1) : variants[...] {
            section.facts[variant.rawValue] = try build(variant)
        }
        // A way that is refused is passed over by the backend: one that is not is enough.
        check("not all ways to compute products are refused") {
            variants.allSatisfy { section.facts[$0.rawValue] == "refused" } ? ["all are"] : []
        }
    }

    /// - Returns: what became of it.
    private func build(_ variant: ProductVariant) throws -> String {
        let queue = try openQueue()
        let all = curves.flatMap { curve in
            withSuite(curve) { Groth16Programs.all(of: $0, variant: variant, on: queue) }
        }
        var outcome = "accepted"
        for description in all {
            let name = description.name.hasSuffix(variant.rawValue) ? "" : " (\(variant.rawValue))"
            guard hasTime(for: "building \(description.name)\(name)") else { return "not all built" }
            do { try build(description, description.name + name) } catch {
                outcome = "refused"
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
        figure("\(name): compiled", Double(cold.binaryBytes), "bytes")
        let kernels = KernelResources.parse(cold.log)
        if !kernels.isEmpty { section.programs.append(.init(name: name, kernels: kernels)) }
        if isQuick { return }
        let again = try queue.run { try $0.buildReport(of: description, options: options) }
        figure("\(name): again, by the driver", again.seconds, "s")
        // The first sees to it that Martlet's cache has it, for the later steps too; the second reads from
        // there.
        _ = try openQueue().run { try $0.program(description) }
        let (_, seconds) = try timed { _ = try openQueue().run { try $0.program(description) } }
        figure("\(name): from Martlet's cache, device opened", seconds, "s")
    }
}
