// SPDX-License-Identifier: Apache-2.0

extension StepRun {
    /// Runs the step to its end.
    func run() throws {
        switch step {
        case .environment: try environment()
        case .programs: try programs()
        case .answers: try answers()
        case .conformance: try conformance()
        case .rates: try rates()
        case .fixtures: try fixtures()
        case .sizes: try sizes()
        case .bench: try bench()
        case .endurance: try endurance()
        case .tune: try tune()
        }
        finish()
    }
}
