// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Groth16
import ProvingEngine

/// The option of commands that would build on a key under which anybody can forge proofs (see `OpenSecret`).
struct OpenKeyOption: ParsableArguments {
    @Flag(
        name: .customLong("allow-uncontributed"),
        help: "Accepts keys that nobody contributed to, for tests: anybody can forge proofs under them.")
    var allowsOpenKeys = false

    /// Refuses the key, or says loudly what it is.
    ///
    /// - Throws: `.badInput` unless the option allows it.
    func check(_ secret: OpenSecret?, of file: String) throws(JobFailure) {
        guard let secret else { return }
        guard allowsOpenKeys else {
            throw JobFailure(
                code: .badInput, message: "\(file): \(secret) (--allow-uncontributed accepts it anyway)")
        }
        OpenKey.shout(secret, of: file)
    }
}

/// What commands say on standard error of a key under which anybody can forge proofs.
enum OpenKey {
    /// Where the key is only used.
    static func warn(_ secret: OpenSecret?, of file: String) {
        guard let secret else { return }
        Console.endProgress()
        Console.error("martlet: warning: \(file): \(secret)")
    }

    /// Where something is built on it.
    static func shout(_ secret: OpenSecret, of file: String) {
        Console.endProgress()
        Console.error(
            """
            ***********************************************************************
            **  INSECURE: \(file)
            **  \(secret).
            ***********************************************************************
            """)
    }
}
