// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Programs of this package that the tests run.
package enum BuiltProgram {
    /// The `martlet` to test in place of the one built beside the tests: `MARTLET_TEST_PROGRAM`, which has a
    /// sanitizer in it, say (Tests/Sanitizers).
    package static var substitute: URL? {
        ProcessInfo.processInfo.environment["MARTLET_TEST_PROGRAM"].map { URL(filePath: $0) }
    }

    /// A program that was built beside the test bundle or the test runner; the test target must depend on it.
    ///
    /// - Throws: `CocoaError.fileNoSuchFile` when it is not there.
    package static func url(_ name: String) throws -> URL {
        if name == "martlet", let substitute { return substitute }
        var folders = [Bundle.main.bundleURL, Bundle.main.executableURL?.deletingLastPathComponent()]
        folders += CommandLine.arguments
            .filter { $0.hasSuffix(".xctest") || $0 == CommandLine.arguments.first }
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        for folder in folders.compactMap({ $0 }) {
            let url = folder.appendingPathComponent(name)
            if FileManager.default.isExecutableFile(atPath: url.path) { return url }
        }
        throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
    }
}

/// A new folder in the system's temporary one; the caller removes it.
package func makeTemporaryDirectory() throws -> String {
    let path = NSTemporaryDirectory() + "/martlet-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}

/// A new folder that is removed with its contents when the last reference goes.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init() throws { url = URL(fileURLWithPath: try makeTemporaryDirectory()) }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a file in the folder.
    package func path(_ name: String) -> String { url.appending(path: name).path }
}
