// SPDX-License-Identifier: Apache-2.0

extension MartletVersion {
    /// The compiler that built the program and what it was built for: `swift-6.3 linux-x86_64`.
    package static let platform = "\(compiler) \(system)-\(architecture)"

    #if compiler(>=6.4)
        private static let compiler = "swift-6.4+"
    #elseif compiler(>=6.3)
        private static let compiler = "swift-6.3"
    #else
        private static let compiler = "swift-6.2"
    #endif

    #if os(Linux)
        private static let system = "linux"
    #elseif os(macOS)
        private static let system = "macos"
    #else
        private static let system = "unknown"
    #endif

    #if arch(x86_64)
        private static let architecture = "x86_64"
    #elseif arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "unknown"
    #endif
}
