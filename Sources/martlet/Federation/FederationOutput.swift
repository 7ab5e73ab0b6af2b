// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation

/// Where commands of a federation write what is not the federation's.
enum FederationOutput {
    /// Demands that nothing is written into a federation's directory, which is published, and has states and
    /// keys that nobody else has.
    ///
    /// - Parameter outputs: files, or directories that files are written into.
    static func require(_ outputs: [String?], outside directory: String) throws {
        let home = resolved(directory)
        for output in outputs.compactMap(\.self) where output != "-" {
            let (whole, parent) = (resolved(output), resolved((output as NSString).deletingLastPathComponent))
            guard whole != home, !(parent + "/").hasPrefix(home + "/") else {
                throw JobFailure(
                    code: .badInput,
                    message:
                        "\(output): it would be in \(directory), where only what belongs to the federation is kept"
                )
            }
        }
    }

    private static func resolved(_ path: String) -> String {
        URL(filePath: path.isEmpty ? "." : path).standardizedFileURL.resolvingSymlinksInPath()
            .path(percentEncoded: false).trimmingSuffix("/")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
