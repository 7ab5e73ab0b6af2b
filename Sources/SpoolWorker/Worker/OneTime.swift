// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says yes once.
final class OneTime: Sendable {
    private let isUsed = Atomic<Bool>(false)

    /// True for the first caller only.
    func isFirst() -> Bool { !isUsed.exchange(true, ordering: .relaxed) }
}
