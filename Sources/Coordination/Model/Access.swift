// SPDX-License-Identifier: Apache-2.0

/// What the holder of a token may do.
package enum Role: String, Sendable, Codable, CaseIterable {
    /// Submits jobs of one tenant and sees those.
    case submitter
    /// Leases jobs of all tenants, one at a time, and sees those while it has them.
    case worker
    /// Reads the metrics, and nothing else.
    case metrics
    /// Sees and does everything.
    case `operator`
}

/// A token as the store keeps it: the secret is not in it.
package struct AccessToken: Sendable, Equatable, Codable {
    /// Public part of the token, by which it is found and named in logs.
    package var id: String
    /// SHA-256 of the secret part, 64 lower-case hexadecimal digits.
    package var hash: String
    package var role: Role
    /// Whose jobs a submitter's are, see `isTenant`.
    package var tenant: String
    /// How many jobs of the tenant may be open at the same time; `nil` for no limit.
    package var maxOpenJobs: Int?
    /// Unix milliseconds.
    package var createdAt: Int64
    /// Unix milliseconds; `nil` for no end.
    package var expiresAt: Int64?

    package init(
        id: String, hash: String, role: Role, tenant: String, maxOpenJobs: Int? = nil, createdAt: Int64,
        expiresAt: Int64? = nil
    ) {
        self.id = id
        self.hash = hash
        self.role = role
        self.tenant = tenant
        self.maxOpenJobs = maxOpenJobs
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// Whether `name` may be a tenant's: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    package static func isTenant(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
