// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenCLCompute
import Testing

/// The OpenCL devices that tests run on.
enum TestDevice {
    /// All that are there; empty where there is no OpenCL.
    static let all = ((try? Device.all()) ?? []).filter { $0.obstacle == nil }

    /// The first, whose queue the tests share: programs are built once.
    static let shared = Result { try DeviceQueue(try #require(all.first)) }

    /// A queue of its own, for tests that break things.
    static func queue(_ options: DeviceOptions = DeviceOptions()) throws -> DeviceQueue {
        try DeviceQueue(try #require(all.first), options: options)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where there is no OpenCL device. `make test` installs PoCL, so that there is one.
    static var needsDevice: Self { .enabled(if: !TestDevice.all.isEmpty, "no OpenCL device here") }
}
