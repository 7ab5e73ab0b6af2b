// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Where Martlet keeps what it can make again.
package enum CacheFolder {
    /// `MARTLET_CACHE`, or `martlet` in the user's cache folder; `nil` where there is neither.
    package static var standard: URL? {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["MARTLET_CACHE"], !named.isEmpty {
            return URL(filePath: named, directoryHint: .isDirectory)
        }
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            return URL(filePath: cache, directoryHint: .isDirectory).appending(path: "martlet")
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return URL(filePath: home, directoryHint: .isDirectory).appending(path: ".cache/martlet")
    }
}
