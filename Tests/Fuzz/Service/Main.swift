// SPDX-License-Identifier: Apache-2.0

import FuzzSupport

/// Fuzz targets of readers that stand on more than formats: jobs of a spool, aggregates, the files of a
/// federation.
@main enum ServiceTargets {
    static func main() throws {
        try FuzzDriver.main(JobTargets.all + AggregateTargets.all + FederationTargets.all)
    }
}
