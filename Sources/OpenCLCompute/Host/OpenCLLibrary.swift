// SPDX-License-Identifier: Apache-2.0

import COpenCL
import Foundation

/// The OpenCL library of this machine, loaded at run time; its functions may be called from any thread.
///
/// Unchecked: a table of functions that never changes.
final class OpenCLLibrary: @unchecked Sendable {
    let table: martlet_opencl

    private init(_ table: martlet_opencl) { self.table = table }

    /// The library, loaded on first use; the reason where there is none.
    static let shared: Result<OpenCLLibrary, OpenCLError> = load()

    /// Where the library is looked for: `MARTLET_OPENCL` names one, else the loader's search path decides.
    private static var candidates: [String] {
        if let named = ProcessInfo.processInfo.environment["MARTLET_OPENCL"], !named.isEmpty {
            return [named]
        }
        #if canImport(Darwin)
            return ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        #else
            return ["libOpenCL.so.1", "libOpenCL.so"]
        #endif
    }

    private static func load() -> Result<OpenCLLibrary, OpenCLError> {
        for path in candidates {
            var table = martlet_opencl()
            if martlet_opencl_load(path, &table) == 0 {
                return .success(OpenCLLibrary(table))
            }
        }
        return .failure(
            OpenCLError(
                kind: .unavailable, operation: "loading OpenCL", device: "this machine",
                detail:
                    "no \(candidates.joined(separator: " and no ")); docs/gpu.md says how to install a driver"
            ))
    }
}
