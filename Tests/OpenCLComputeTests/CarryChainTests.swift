// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The carry chains for NVIDIA, executed by their generator's interpreter: there may be no such device here.
@Suite struct CarryChainTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: python != nil, "no python3 here")) func chainsComputeWhatTheyShould() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Kernels/opencl/generate_ptx.py")
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [script.path, "--check"]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let message = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: message, as: UTF8.self))")
    }
}
