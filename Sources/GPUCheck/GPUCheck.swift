// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenCLCompute
import ProvingEngine

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
}
