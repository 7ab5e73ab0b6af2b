// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A line on standard error.
func complain(_ line: String) {
    FileHandle.standardError.write(Data("martlet-gpu-check: \(line)\n".utf8))
}
