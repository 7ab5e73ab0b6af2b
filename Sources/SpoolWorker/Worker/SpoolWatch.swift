// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Wakes a thread when something comes into a directory, by inotify; without inotify, ten times a second.
final class SpoolWatch: Sendable {
    private let inotify: Int32

    /// Watches the directory at `path`.
    init(directory path: String) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        if descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_MOVED_TO | IN_CREATE)) < 0 {
            close(descriptor)
            inotify = -1
        } else {
            inotify = descriptor
        }
    }

    deinit {
        if inotify >= 0 { close(inotify) }
    }

    /// Whether the kernel tells of changes.
    var isNotified: Bool { inotify >= 0 }

    /// Waits for something to come, up to `seconds`; true when something may have come.
    func wait(_ seconds: Double) -> Bool {
        guard inotify >= 0 else {
            usleep(100_000)
            return true
        }
        var descriptor = pollfd(fd: inotify, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, Int32(seconds * 1000)) > 0 else { return false }
        // What came does not matter: the claim lists the directory.
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while read(inotify, &buffer, buffer.count) > 0 {}
        return true
    }
}
