// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations

/// Gives a folder another name, and waits until that is on the disk.
///
/// - Parameter what: what cannot be done where it fails, such as "published".
/// - Throws: `.infrastructure`.
func move(_ folder: String, to target: String, what: String) throws(FederationError) {
    guard rename(folder, target) == 0 else {
        throw FederationError(
            .infrastructure, file: target, "cannot be \(what): \(SystemReason.text(errno))")
    }
    let parents = Set([folder, target].map { ($0 as NSString).deletingLastPathComponent })
    for parent in parents.sorted() {
        let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        // File systems that cannot do it say EINVAL.
        guard descriptor >= 0, fsync(descriptor) == 0 || errno == EINVAL else {
            throw FederationError(
                .infrastructure, file: parent, "cannot be brought to the disk: \(SystemReason.text(errno))")
        }
    }
}
