// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What a key is made of: a ceremony's powers of tau, or secrets of this process.
struct KeyOrigin: ParsableArguments {
    @Option(
        help: ArgumentHelp("Powers of tau, prepared for the second phase.", valueName: "file"),
        completion: .file())
    var ptau: String?

    @Flag(help: "A key for development only: its maker could forge proofs.")
    var insecureDev = false

    func validate() throws {
        guard (ptau == nil) == insecureDev else {
            throw ValidationError(
                insecureDev
                    ? "Give --ptau or --insecure-dev, not both."
                    : "One of --ptau and --insecure-dev is needed.")
        }
    }
}
