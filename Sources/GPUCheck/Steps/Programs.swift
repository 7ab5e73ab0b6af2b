import Curves
import FiniteFields
import Foundation
import OpenCLCompute

extension StepRun {
    /// Builds every program in every way to compute products: cold, again, and from Martlet's cache.
    func programs() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "martlet-check-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = ProgramCache(directory: folder)
        let variants = ProductVariant.candidates(for: device)
        section.facts["ways to compute products"] = variants.map(\.rawValue).joined(separator: ", ")
        var built: [ProductVariant: Int] = [:]
        for variant in variants {
            let all =
                CurvePrograms.all(of: BN254.self, variant: variant, on: device)
                + (isQuick ? [] : CurvePrograms.all(of: BLS12381.self, variant: variant, on: device))
            var failure: String?
            for description in all where hasTime(for: "building \(description.name), \(variant.rawValue)") {
                do {
                    try build(description, cache)
                    built[variant, default: 0] += 1
                } catch {
                    failure = "\(error)"
                    note("\(variant.rawValue): \(error)")
                }
            }
            section.facts["\(variant.rawValue)"] = failure == nil ? "accepted" : "refused"
            // A way that is refused is passed over by the backend: one that works is enough.
            if failure == nil { break }
        }
        check("all programs build in one of the ways") {
            variants.contains { section.facts[$0.rawValue] == "accepted" } ? [] : ["none is accepted"]
        }
    }

    private func build(_ description: ProgramDescription, _ cache: ProgramCache) throws {
        // The log of a build tells registers and spills where NVIDIA's compiler is asked.
        let tells = device.extensions.contains("cl_nv_compiler_options")
        let queue = try openQueue(cache: nil)
        let cold = try queue.run { queue in
            try queue.buildReport(of: description, options: tells ? "-cl-nv-verbose" : "")
        }
        figure("\(description.name): cold", cold.seconds, "s")
        figure("\(description.name): compiled", Double(cold.binaryBytes), "bytes")
        let kernels = KernelResources.parse(cold.log)
        if !kernels.isEmpty { section.programs.append(.init(name: description.name, kernels: kernels)) }
        if isQuick { return }
        let again = try queue.run { queue in
            try queue.buildReport(of: description, options: tells ? "-cl-nv-verbose" : "")
        }
        figure("\(description.name): again, by the driver", again.seconds, "s")
        // The first fills Martlet's cache, the second reads from it.
        for name in ["stored", "from Martlet's cache"] {
            let queue = try openQueue(cache: cache)
            let (_, seconds) = try timed { _ = try queue.run { try $0.program(description) } }
            if name != "stored" { figure("\(description.name): \(name)", seconds, "s") }
        }
    }
}
