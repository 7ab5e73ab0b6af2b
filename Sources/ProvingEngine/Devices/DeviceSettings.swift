// SPDX-License-Identifier: Apache-2.0

import Failures
package import OpenCLCompute

/// Which OpenCL devices an engine uses, and how.
package struct DeviceSettings: Sendable {
    /// The devices' numbers as `martlet devices` lists them; `nil` for all that are no CPU, which serves
    /// better without OpenCL, or for all when there are only CPUs and OpenCL was asked for.
    package var indices: [Int]?
    /// Into how many parts each device is cut, for tests of several devices on one; 1 leaves it whole.
    package var parts: Int
    /// Whether all devices share each proof's sums, by ranges of points, instead of making one proof each.
    package var isSplit: Bool
    /// Memory, cache and time limits of each.
    package var options: DeviceOptions
    /// Where measured speeds are kept; `nil` keeps none.
    package var profiles: DeviceProfileStore?

    package init(
        indices: [Int]? = nil, parts: Int = 1, isSplit: Bool = false,
        options: DeviceOptions = DeviceOptions(),
        profiles: DeviceProfileStore? = .standard
    ) {
        self.indices = indices
        self.parts = parts
        self.isSplit = isSplit
        self.options = options
        self.profiles = profiles
    }

    /// The devices that these settings choose.
    ///
    /// - Parameter isAsked: whether OpenCL was asked for, and not only allowed.
    /// - Throws: `.badInput` for a number that no device has.
    func choose(isAsked: Bool) throws(JobFailure) -> [Device] {
        var chosen: [Device]
        do {
            let all = try Device.all()
            if let indices {
                for index in indices where !all.indices.contains(index) {
                    throw JobFailure(
                        code: .badInput,
                        message: "there is no OpenCL device \(index); there are \(all.count)")
                }
                chosen = indices.map { all[$0] }
            } else {
                let usable = all.filter { $0.obstacle == nil }
                chosen = usable.filter { !$0.isCPU }
                if chosen.isEmpty && isAsked { chosen = usable }
            }
            if parts > 1 {
                chosen = try chosen.flatMap { device throws(OpenCLError) in try device.subDevices(parts) }
            }
        } catch let failure as JobFailure {
            throw failure
        } catch {
            guard isAsked || indices != nil else { return [] }
            throw JobFailure(code: .infrastructure, message: "\(error)")
        }
        return chosen
    }
}
