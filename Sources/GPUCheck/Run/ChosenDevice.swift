// SPDX-License-Identifier: Apache-2.0

import OpenCLCompute

extension Device {
    /// The device that is wanted.
    ///
    /// - Throws: `.unavailable` where there is none.
    static func chosen(_ index: Int?) throws(OpenCLError) -> Device {
        let devices = try all()
        let usable = devices.filter { $0.obstacle == nil }
        let chosen =
            index.map { wanted in devices.first { $0.index == wanted } } ?? usable.first { !$0.isCPU }
            ?? usable.first
        guard let chosen else {
            throw OpenCLError(
                kind: .unavailable, operation: "choosing a device", device: "this machine",
                detail: index.map { "there is no device \($0); there are \(devices.count)" }
                    ?? "OpenCL lists no device that can be used")
        }
        return chosen
    }
}
