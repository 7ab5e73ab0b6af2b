// SPDX-License-Identifier: Apache-2.0

/// The steps of a check, in the order in which they run: what matters most comes first.
enum Step: String, CaseIterable, Codable {
    case environment, programs, answers, conformance, rates, fixtures, sizes, bench, endurance, tune

    /// Those of a check that is not told which.
    static let usual = allCases.filter { $0 != .tune }

    /// What it does, for people.
    var title: String {
        switch self {
        case .environment: "the device, its driver and its limits"
        case .programs: "programs built, cold and warm"
        case .answers: "known-answer tests"
        case .conformance: "conformance of the backend"
        case .rates: "copies, multiply-adds and field products"
        case .fixtures: "circuits proved and verified"
        case .sizes: "sums and transforms at size, against the CPU"
        case .bench: "benchmark beside the CPU"
        case .endurance: "proofs in a row"
        case .tune: "what could be tuned, each changed alone"
        }
    }

    /// The part of the whole time that it may take at most.
    var share: Double {
        switch self {
        case .environment: 0.05
        case .programs: 0.3
        case .answers, .rates: 0.1
        case .conformance, .fixtures: 0.15
        case .sizes: 0.2
        case .bench: 0.3
        case .endurance: 0.5
        case .tune: 1
        }
    }

    /// The part of the whole time that is kept back for later steps.
    var reserve: Double { self == .bench ? 0.25 : 0 }

    /// Whether a device is only right when this has run to its end.
    var isRequired: Bool {
        switch self {
        case .answers, .conformance, .fixtures, .endurance: true
        case .environment, .programs, .rates, .sizes, .bench, .tune: false
        }
    }
}
