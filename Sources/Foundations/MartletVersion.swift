// SPDX-License-Identifier: Apache-2.0

/// The version of this build, as the command and results give it.
package enum MartletVersion {
    package static let current = "0.1.0"
}
