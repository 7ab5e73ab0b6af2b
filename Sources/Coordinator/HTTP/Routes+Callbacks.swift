// SPDX-License-Identifier: Apache-2.0

import Coordination
import Hummingbird

extension Routes {
    private struct Secret: Encodable {
        var tenant: String
        /// The key of the signatures, in ASCII as it stands.
        var secret: String
    }

    func addCallbacks(to doors: Doors) {
        doors.submitters.get("/v1/callbacks/secret") { _, context in
            let principal = context.principal
            guard let secret = coordinator.options.callbackSecret else {
                throw RequestError(.notFound, .unknown, "callbacks are not enabled here")
            }
            return json(
                Secret(
                    tenant: principal.tenant,
                    secret: CallbackSecret.of(tenant: principal.tenant, operator: secret)))
        }
    }
}
