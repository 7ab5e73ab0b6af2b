// SPDX-License-Identifier: Apache-2.0

import SystemTestSupport

extension MartletCommand {
    /// Makes a client of a federation and registers it, with `fl identity` and `fl register`.
    ///
    /// - Parameters:
    ///   - client: the client's directory.
    ///   - options: of `fl identity`.
    /// - Returns: the first of the two that did not succeed, or the second.
    static func enroll(
        _ client: String, in federation: String, name: String, data: String, options: [String] = []
    ) throws -> Outcome {
        let made = try run(
            ["fl", "identity", client, "--federation", federation, "--data", data, "--name", name] + options)
        guard made.status == 0 else { return made }
        return try run(["fl", "register", federation, client + "/registration.json"])
    }
}
