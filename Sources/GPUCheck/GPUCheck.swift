// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenCLCompute
import ProvingService

/// Shows on a machine with a GPU whether Martlet computes rightly there, and how fast.
///
/// Each step runs in a process of its own, so that a driver that crashes or hangs costs that step and no
/// more.
@main
enum GPUCheck {
    static func main() {
        if CommandLine.arguments.contains("--help") { return print(Options.usage) }
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            if let step = options.only {
                try StepRun(step, options).run()
            } else {
                exit(try Conductor(options).run() ? 0 : 1)
            }
        } catch let error as Options.Misuse {
            complain("\(error.message)\n\(Options.usage)")
            exit(2)
        } catch let error as OpenCLError where error.kind == .unavailable {
            complain("\(error)")
            exit(3)
        } catch {
            complain("\(error)")
            exit(1)
        }
    }

    /// A line on standard error.
    static func complain(_ line: String) {
        FileHandle.standardError.write(Data("martlet-gpu-check: \(line)\n".utf8))
    }

    /// The device that is wanted.
    ///
    /// - Throws: `.unavailable` where there is none.
    static func device(_ index: Int?) throws(OpenCLError) -> Device {
        let all = try Device.all()
        let usable = all.filter { $0.obstacle == nil }
        let chosen =
            index.map { wanted in all.first { $0.index == wanted } } ?? usable.first { !$0.isCPU }
            ?? usable.first
        guard let chosen else {
            throw OpenCLError(
                kind: .unavailable, operation: "choosing a device", device: "this machine",
                detail: index.map { "there is no device \($0); there are \(all.count)" }
                    ?? "OpenCL lists no device that can be used")
        }
        return chosen
    }
}
