// SPDX-License-Identifier: Apache-2.0

import Curves
import Foundation
import Foundations
import OpenCLCompute
import ProofFixtures

/// One step, in its own process: what it finds is written after each part.
final class StepRun {
    let step: Step
    let options: Options
    let device: Device
    let isQuick: Bool
    /// A quick run is on BN254 only.
    var curves: [CurveID] { isQuick ? [.bn254] : CurveID.allCases }
    /// What random inputs come from.
    var generator: SeededStream
    var section: Section
    private let start = ContinuousClock.now
    private let file: URL

    init(_ step: Step, _ options: Options) throws {
        guard let path = options.sectionFile else {
            throw Options.Misuse(message: "--only needs --section")
        }
        self.step = step
        self.options = options
        isQuick = options.isQuick
        device = try Device.chosen(options.device)
        file = URL(filePath: path)
        section = Section(step)
        let seed = UInt64.random(in: .min ... .max)
        generator = SeededStream(seed: seed)
        section.facts["seed"] = "\(seed)"
        save()
    }

    /// A queue with a cache of programs that all steps share.
    func openQueue(cache: ProgramCache? = .standard) throws -> DeviceQueue {
        try DeviceQueue(device, options: DeviceOptions(cache: cache))
    }

    // MARK: time

    var elapsed: Double { start.secondsAgo }

    /// Whether there is time for something that takes so many seconds; what there is none for is noted.
    func hasTime(for name: String, seconds: Double = 0) -> Bool {
        if elapsed + seconds < options.budget { return true }
        section.omitted.append(name)
        save()
        return false
    }

    /// Seconds that `body` takes.
    func timed<R>(_ body: () throws -> R) rethrows -> (R, Double) {
        let start = ContinuousClock.now
        let result = try body()
        return (result, start.secondsAgo)
    }

    // MARK: findings

    /// Runs a check that tells its failures; an error is one too.
    func check(_ name: String, _ body: () throws -> [String]) {
        let (failures, seconds) = timed { () -> [String] in
            do { return try body() } catch { return ["\(error)"] }
        }
        section.checks.append(.init(name: name, failures: failures, seconds: seconds))
        save()
    }

    func figure(_ name: String, _ value: Double, _ unit: String) {
        section.figures.append(.init(name: name, value: value, unit: unit))
        save()
    }

    func note(_ text: String) {
        section.notes.append(text)
        save()
    }

    /// Says how the step ended.
    func finish() {
        section.outcome =
            !section.failures.isEmpty ? .failed : section.omitted.isEmpty ? .passed : .incomplete
        save()
    }

    private func save() {
        section.seconds = elapsed
        do { try JSON.write(section, to: file) } catch { complain("\(file.path): \(error)") }
    }
}
