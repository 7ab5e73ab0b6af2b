// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import OpenCLCompute

/// What one step found.
struct Section: Codable {
    enum Outcome: String, Codable {
        case passed
        /// Something was wrong.
        case failed
        /// Nothing was wrong, but there was no time for some of it.
        case incomplete
        /// The process of the step ended by itself before the step did.
        case crashed
        /// It did not come back and was ended.
        case timedOut
        /// There was no time for it, or it was not asked for.
        case skipped
    }

    /// Something that is right or wrong.
    struct Check: Codable {
        var name: String
        /// What was wrong; nothing for a pass.
        var failures: [String]
        var seconds: Double
    }

    /// Something that was measured.
    struct Figure: Codable {
        var name: String
        var value: Double
        var unit: String
    }

    /// The kernels of one program.
    struct Program: Codable {
        var name: String
        var kernels: [KernelResources]
    }

    var step: Step
    var outcome = Outcome.incomplete
    var seconds = 0.0
    var facts: [String: String] = [:]
    var checks: [Check] = []
    var figures: [Figure] = []
    /// What there was no time for.
    var omitted: [String] = []
    /// What else there is to say.
    var notes: [String] = []
    var programs: [Program] = []
    var benchmarks: [BenchmarkResult] = []

    init(_ step: Step) { self.step = step }

    var failures: [String] {
        checks.flatMap { check in check.failures.map { "\(check.name): \($0)" } }
    }
}

/// All that a run found so far.
struct Report: Codable {
    var version: String
    var platform: String
    var started: String
    var machine: MachineFacts
    var options: Options
    var seconds = 0.0
    var sections: [Section] = []

    /// Whether nothing was wrong and nothing that had to be shown was left out.
    var passes: Bool {
        sections.allSatisfy { section in
            switch section.outcome {
            case .passed: true
            case .incomplete, .skipped: !section.step.isRequired
            case .failed, .crashed, .timedOut: false
            }
        }
    }
}
