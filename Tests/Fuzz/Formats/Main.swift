// SPDX-License-Identifier: Apache-2.0

import FuzzSupport

/// Fuzz targets that need neither cryptography nor a service: files of snarkjs and circom, the names of a
/// spool, documents in JSON.
@main enum FormatTargets {
    static func main() throws {
        try FuzzDriver.main(
            BinaryTargets.all + GnarkTargets.all + JSONTargets.all + DocumentTargets.all
                + QueueTargets.all)
    }
}
