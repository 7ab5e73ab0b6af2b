// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Compute
import Curves
import Foundation
public import ProofFixtures
import ProvingEngine

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures fields, groups, sums of points, transforms, pairings and proofs on this machine.",
        usage: "martlet bench [<options>]",
        discussion: """
            Prints the median, least and greatest CPU time of every case, beside wall-clock time and peak memory. Each \
            result is checked against a known answer. Inputs come from the seed, which is printed.
            """)

    @Option(
        help: ArgumentHelp(
            "What to measure: field, group, msm, ntt, pairing, groth16, prove (default: all but the last two).",
            valueName: "list"), completion: .list(BenchmarkKind.allCases.map(\.rawValue)))
    var suite: String?

    @Option(
        help: ArgumentHelp(
            "What computes: cpu (what prove takes), a path such as cpu-adx, opencl (all devices) or one such as opencl:0 (default: all that this machine can run).",
            valueName: "list"),
        completion: .list(["cpu"] + CPUPath.allCases.map { "cpu-\($0.rawValue)" } + ["opencl"]))
    var backend: String?

    @Option(
        help: ArgumentHelp(
            "Curves: \(BenchmarkCurve.allCases.map(\.rawValue).joined(separator: ", ")) (default: all).",
            valueName: "list"),
        completion: .list(BenchmarkCurve.allCases.map(\.rawValue)))
    var curve: String?

    @Option(
        help: ArgumentHelp("Groups of sums of points: g1, g2 (default: both).", valueName: "list"),
        completion: .list(GroupChoice.allCases.map(\.rawValue)))
    var group: String?

    @Option(
        help: ArgumentHelp(
            "Sizes of sums, transforms and circuits (groth16) as logarithms, such as 10,12 or 10-16.",
            valueName: "list"))
    var size: String?

    @Option(
        help:
            "How scalars and witnesses (groth16) are distributed; witness means 70 % bits (default: uniform)."
    )
    var scalars: ScalarShape?

    @OptionGroup var threads: ThreadOption

    @Option(help: ArgumentHelp("Measured runs of each case, after one to warm up.", valueName: "n"))
    var runs = 5

    @Option(help: ArgumentHelp("The seed of random inputs (default: a new one each time).", valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("The proving key for the suite prove.", valueName: "file"), completion: .file())
    var zkey: String?

    @Option(
        help: ArgumentHelp("The witness (.wtns) for the suite prove.", valueName: "file"), completion: .file()
    )
    var witness: String?

    @Option(
        help: ArgumentHelp(
            "What the circuit is called in reports (default: the zkey's folder).", valueName: "name"))
    var circuit: String?

    @Option(
        help: ArgumentHelp(
            "How much memory precomputed multiples of a loaded key's points may take, such as 1G (default: none).",
            valueName: "size"))
    var keyMultiples: ByteSize?

    @Option(
        help: ArgumentHelp("Figures of other programs to show beside ours.", valueName: "peers.csv"),
        completion: .file())
    var compare: String?

    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file"), completion: .file())
    var outputJson: String?

    @Option(
        help: ArgumentHelp("Write all figures as comma-separated values.", valueName: "file"),
        completion: .file())
    var outputCsv: String?

    @Option(
        help: ArgumentHelp("Write a report with pictures, for a browser.", valueName: "file.html"),
        completion: .file())
    var report: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard BenchmarkPlan.possibleRuns.contains(runs) else {
            throw ValidationError("--runs must be from 1 to \(BenchmarkPlan.possibleRuns.upperBound).")
        }
        guard (zkey == nil) == (witness == nil) else {
            throw ValidationError("--zkey and --witness go together.")
        }
        for (option, isGiven) in [("--circuit", circuit != nil), ("--key-multiples", keyMultiples != nil)]
        where isGiven && zkey == nil {
            throw ValidationError("\(option) goes with --zkey and --witness only.")
        }
    }

    func run() throws {
        let outputs = [outputJson, outputCsv, report].compactMap(\.self)
        let files = try OutputFiles(
            outputs, inputs: [compare, zkey, witness], report: json ? "--json" : nil)
        let plan = try usage { try makePlan() }
        let peers = try compare.map { try PeerFigure.read(path: $0) } ?? []
        let machine = MachineFacts.current
        let backends = try usage { try chosenBackends() }
        let session = try usage {
            try BenchmarkSession(plan: plan, backends: backends, peers: peers) {
                Console.progress("measuring \($0)")
            }
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
        if let size {
            plan.logSizes = try named("--size") { () throws(BenchmarkError) in
                try BenchmarkPlan.logSizes(parsing: size)
            }
        }
        plan.scalars = scalars ?? .uniform
        plan.threads = threads.count
        plan.runs = runs
        plan.seed = seed ?? .random(in: .min ... .max)
        if let zkey, let witness {
            let folder = URL(filePath: zkey).standardizedFileURL.deletingLastPathComponent().lastPathComponent
            let name = circuit ?? folder
            plan.keyMultiples = keyMultiples?.bytes ?? 0
            plan.files = .init(
                zkey: zkey, witness: witness,
                circuit: name.hasPrefix("groth16-") ? String(name.dropFirst(8)) : name)
            if suite == nil { plan.kinds.append(.prove) }
        }
        try requireUse(in: plan.kinds)
        return plan
    }

    /// Refuses options that none of the suites looks at.
    private func requireUse(in kinds: [BenchmarkKind]) throws {
        let uses: [(option: String, isGiven: Bool, kinds: [BenchmarkKind])] = [
            ("--curve", curve != nil, BenchmarkKind.allCases.filter { $0 != .prove }),
            ("--group", group != nil, [.msm]), ("--size", size != nil, [.msm, .ntt, .groth16]),
            ("--scalars", scalars != nil, [.msm, .groth16]), ("--zkey", zkey != nil, [.prove]),
        ]
        for use in uses where use.isGiven && !kinds.contains(where: use.kinds.contains) {
            let suites = use.kinds.map(\.rawValue).joined(separator: ", ")
            throw BenchmarkError.option(
                "\(use.option) is for \(use.kinds.count == 1 ? "the suite" : "the suites") \(suites) only")
        }
        guard zkey != nil || !kinds.contains(.prove) else {
            throw BenchmarkError.option("--suite prove needs --zkey and --witness")
        }
    }

    /// Runs `body`; where it finds fault with an option's value, the option's name goes in front.
    private func named<R>(
        _ option: String, _ body: () throws(BenchmarkError) -> R
    ) throws(BenchmarkError) -> R {
        do throws(BenchmarkError) { return try body() } catch .option(let reason) {
            throw .option("\(option): \(reason)")
        } catch { throw error }
    }

    /// Runs `body`; a value of an option that cannot be used is wrong usage.
    private func usage<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch BenchmarkError.option(let reason) { throw ValidationError(reason) }
    }

    /// Those asked for; else the path that `MARTLET_CPU` names; else all there are.
    private func chosenBackends() throws -> [any BenchmarkBackend] {
        if let backend {
            return try named("--backend") { () throws(BenchmarkError) in
                try BenchmarkBackends.named(Self.items(backend))
            }
        }
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
