// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import Coordinator
import ProvingEngine

extension TokenCommand {
    struct CallbackSecretCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "callback-secret",
            abstract: "Prints the secret with which a tenant's callbacks are signed.",
            discussion: """
                It is made from the coordinator's secret (serve --callback-secret-file) and the tenant's name. The tenant gets the same with \
                GET /v1/callbacks/secret with a token of its own.
                """)

        @Option(
            help: ArgumentHelp("The file that the coordinator has.", valueName: "file"), completion: .file())
        var callbackSecretFile: String

        @Option(help: ArgumentHelp("The tenant: 1 to 64 of A-Z a-z 0-9 . _ -.", valueName: "name"))
        var tenant = "default"

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard AccessToken.isTenant(tenant) else {
                throw ValidationError("--tenant must be 1 to 64 of A-Z a-z 0-9 . _ -.")
            }
        }

        func run() throws {
            let secret = CallbackSecret.of(
                tenant: tenant, operator: try SecretFile.callbackSecret(callbackSecretFile))
            if json {
                try Console.printJSON(["tenant": tenant, "secret": secret])
            } else {
                print(secret)
            }
        }
    }
}
