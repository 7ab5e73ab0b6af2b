// SPDX-License-Identifier: Apache-2.0

import Coordination
import Hummingbird

extension Routes {
    private struct Secret: Encodable {
        var tenant: String
        /// The key of the signatures, in ASCII as it stands.
        var secret: String
    }

    func addCallbacks(to router: Router<Context>) {
        router.get("/v1/callbacks/secret") { request, _ in
            let principal = try await principal(request)
            try principal.demand(.submitter)
            guard let secret = coordinator.options.callbackSecret else {
                throw RequestError(.notFound, "unknown", "callbacks are not enabled here")
            }
            return json(
                Secret(
                    tenant: principal.tenant,
                    secret: CallbackSecret.of(tenant: principal.tenant, operator: secret)))
        }
    }
}
