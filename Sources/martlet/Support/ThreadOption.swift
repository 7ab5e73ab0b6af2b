// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute

/// How many threads a command computes with.
struct ThreadOption: ParsableArguments {
    @Option(
        name: .customLong("threads"), help: ArgumentHelp("Threads; 0 uses all processors.", valueName: "n"))
    var count = 0

    func validate() throws {
        guard (0...4096).contains(count) else { throw ValidationError("--threads must be from 0 to 4096.") }
    }

    /// The threads.
    var parallel: Parallel { count == 0 ? .allCores : Parallel(threads: count) }
}
