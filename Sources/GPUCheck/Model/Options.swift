// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation

/// What the program is told to do.
struct Options: Codable {
    /// Where the report and the summary go.
    var output = "gpu-check-results"
    /// Seconds for everything.
    var budget = 3600.0
    /// The device's number; `nil` for the first that is no CPU, else the first.
    var device: Int?
    /// Proofs in a row.
    var proofs = 1000
    /// Small sizes everywhere: whether everything works, not how fast.
    var isQuick = false
    /// The folder with the circuits; the step is left out without.
    var fixtures: String?
    var steps = Step.usual
    /// For a step's own process: the step, and the file for what it finds.
    var only: Step?
    var sectionFile: String?

    static let usage = """
        usage: martlet-gpu-check [options]
          --out FOLDER       where report.json and summary.txt go (gpu-check-results)
          --budget SECONDS   time for everything; what matters most comes first (3600)
          --device N         the OpenCL device by its number (the first that is no CPU)
          --proofs N         proofs in a row (1000)
          --fixtures FOLDER  circuits to prove, one folder each
          --steps A,B        only these of \(Step.allCases.map(\.rawValue).joined(separator: ", "))
          --quick            small sizes everywhere, one curve: whether it runs
        Exit codes: 0 all is right; 1 something is wrong, or there was no time to show that it is right;
        2 the command line; 3 no OpenCL library or no device.
        """

    struct Misuse: CodedError {
        var code: FailureCode { .usage }
        var message: String
    }

    init(_ arguments: some Sequence<String>) throws(Misuse) {
        var rest = Array(arguments)[...]
        func value(_ name: String) throws(Misuse) -> String {
            guard let value = rest.popFirst() else { throw Misuse(message: "\(name) needs a value") }
            return value
        }
        func number<N: LosslessStringConvertible & Comparable>(
            _ name: String, _ range: ClosedRange<N>
        ) throws(Misuse) -> N {
            let text = try value(name)
            guard let number = N(text), range.contains(number) else {
                throw Misuse(
                    message: "\(name): '\(text)' is not in \(range.lowerBound)…\(range.upperBound)")
            }
            return number
        }
        func step(_ text: String) throws(Misuse) -> Step {
            guard let step = Step(rawValue: text) else { throw Misuse(message: "there is no step '\(text)'") }
            return step
        }
        while let name = rest.popFirst() {
            switch name {
            case "--out": output = try value(name)
            case "--budget": budget = try number(name, 1.0...1e6)
            case "--device": device = try number(name, 0...1000)
            case "--proofs": proofs = try number(name, 0...100_000_000)
            case "--fixtures": fixtures = try value(name)
            case "--quick": isQuick = true
            case "--only": only = try step(value(name))
            case "--section": sectionFile = try value(name)
            case "--steps":
                var wanted: [Step] = []
                for item in try value(name).split(separator: ",") { wanted.append(try step(String(item))) }
                steps = Step.allCases.filter { wanted.contains($0) }
            default: throw Misuse(message: "unknown option '\(name)'")
            }
        }
    }

    /// The command line of one step's process, with seconds for it.
    func arguments(for step: Step, seconds: Double, device: Int, section: String) -> [String] {
        var arguments = [
            "--only", step.rawValue, "--section", section, "--budget", "\(max(1, seconds))", "--device",
            "\(device)", "--proofs", "\(proofs)", "--out", output,
        ]
        if let fixtures { arguments += ["--fixtures", fixtures] }
        if isQuick { arguments.append("--quick") }
        return arguments
    }
}
