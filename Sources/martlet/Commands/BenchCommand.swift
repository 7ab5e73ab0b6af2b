// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
public import Benchmarking
import Compute
import Curves
import Foundation
import ProvingEngine

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures fields, groups, sums of points, transforms, pairings and proofs on this machine.",
        discussion: """
            Prints the median, least and greatest CPU time of every case, beside wall-clock time and peak memory. Each \
            result is checked against a known answer. Inputs come from the seed, which is printed.
            """)

    @Option(
        help: ArgumentHelp(
            "What to measure: field, group, msm, ntt, pairing, groth16, prove (default: all but the last two).",
            valueName: "list"))
    var suite: String?

    @Option(
        help: ArgumentHelp(
            "What computes, such as cpu-adx,cpu-portable (all this machine can run).", valueName: "list"))
    var backend: String?

    @Option(
        help: ArgumentHelp(
            "Curves: bn254, bls12381, bls12377, grumpkin, babyjubjub (all).", valueName: "list"))
    var curve: String?

    @Option(help: ArgumentHelp("Groups of sums of points: g1, g2 (both).", valueName: "list"))
    var group: String?

    @Option(
        help: ArgumentHelp(
            "Sizes of sums, transforms and circuits (groth16) as logarithms, such as 10,12 or 10-16.",
            valueName: "list"))
    var size: String?

    @Option(help: "How scalars and witnesses (groth16) are distributed; witness means 70 % bits.")
    var scalars = ScalarShape.uniform

    @OptionGroup var threads: ThreadOption

    @Option(help: ArgumentHelp("Measured runs of each case, after one to warm up.", valueName: "n"))
    var runs = 5

    @Option(help: ArgumentHelp("The seed of random inputs (default: a new one each time).", valueName: "n"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("The proving key for the suite prove.", valueName: "file"))
    var zkey: String?

    @Option(help: ArgumentHelp("The witness (.wtns) for the suite prove.", valueName: "file"))
    var witness: String?

    @Option(
        help: ArgumentHelp("What the circuit is called in reports (the zkey's folder).", valueName: "name"))
    var circuit: String?

    @Option(
        help: ArgumentHelp(
            "How much memory precomputed multiples of a loaded key's points may take, such as 1G (none).",
            valueName: "size"))
    var keyMultiples: ByteSize?

    @Option(help: ArgumentHelp("Figures of other programs to show beside ours.", valueName: "peers.csv"))
    var compare: String?

    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file"))
    var outputJson: String?

    @Option(help: ArgumentHelp("Write all figures as comma-separated values.", valueName: "file"))
    var outputCsv: String?

    @Option(help: ArgumentHelp("Write a report with pictures, for a browser.", valueName: "file.html"))
    var report: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let outputs = [outputJson, outputCsv, report].compactMap(\.self)
        let files = try OutputFiles(
            outputs, inputs: [compare, zkey, witness], report: json ? "--json" : nil)
        let plan = try makePlan()
        let peers = try compare.map { try PeerFigure.read(path: $0) } ?? []
        let machine = MachineFacts.current
        let session = try BenchmarkSession(plan: plan, backends: try chosenBackends(), peers: peers) {
            Console.progress("measuring \($0)")
        }
        defer { Console.endProgress() }
        let results = try session.run()
        Console.endProgress()
        let report = BenchmarkSession.report(
            results, plan: plan, machine: machine,
            commandLine: ["martlet"] + CommandLine.arguments.dropFirst())
        try files.write(try contents(report))
        if json {
            print(String(decoding: try report.json(), as: UTF8.self), terminator: "")
        } else if !files.takesStandardOutput {
            print(report.heading)
            Console.printTable(report.tableRows)
        }
    }

    private func contents(_ report: BenchmarkReport) throws -> [Data] {
        var contents: [Data] = []
        if outputJson != nil { contents.append(try report.json()) }
        if outputCsv != nil { contents.append(Data(report.csv.utf8)) }
        if self.report != nil { contents.append(Data(report.html.utf8)) }
        return contents
    }

    private func makePlan() throws -> BenchmarkPlan {
        var plan = BenchmarkPlan()
        if let suite { plan.kinds = try Self.list(suite, "--suite") }
        if let curve { plan.curves = try Self.list(curve, "--curve") }
        if let group { plan.groups = try Self.list(group, "--group") }
        if let size { plan.logSizes = try BenchmarkPlan.logSizes(parsing: size) }
        plan.scalars = scalars
        plan.threads = threads.count
        plan.runs = runs
        plan.seed = seed ?? .random(in: .min ... .max)
        guard (zkey == nil) == (witness == nil) else {
            throw BenchmarkError.option("--zkey and --witness go together")
        }
        if let zkey, let witness {
            let folder = URL(filePath: zkey).standardizedFileURL.deletingLastPathComponent().lastPathComponent
            let name = circuit ?? folder
            plan.keyMultiples = keyMultiples?.bytes ?? 0
            plan.files = .init(
                zkey: zkey, witness: witness,
                circuit: name.hasPrefix("groth16-") ? String(name.dropFirst(8)) : name)
            if suite == nil { plan.kinds.append(.prove) }
        }
        return plan
    }

    /// Those asked for; else the path that `MARTLET_CPU` names; else all there are.
    private func chosenBackends() throws -> [any BenchmarkBackend] {
        if let backend { return try BenchmarkBackends.named(Self.items(backend)) }
        if let path = try CPUPath.wished() { return [CPUBenchmarkBackend(path)] }
        return BenchmarkBackends.supported
    }

    private static func items(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func list<Value: RawRepresentable & CaseIterable & Equatable>(
        _ text: String, _ option: String, _ read: (String) -> Value? = Value.init(rawValue:)
    ) throws -> [Value] where Value.RawValue == String {
        var values: [Value] = []
        for item in items(text) {
            guard let value = read(item) else {
                let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw BenchmarkError.option("\(option): '\(item)' is not one of \(known)")
            }
            if !values.contains(value) { values.append(value) }
        }
        return values
    }
}

extension ScalarShape: ExpressibleByArgument {}
