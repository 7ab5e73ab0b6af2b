// SPDX-License-Identifier: Apache-2.0

/// Something about a device that an operator should know.
package enum DeviceIncident: Sendable, Equatable, CustomStringConvertible {
    /// The device cannot be used at all.
    case unusable(device: String, reason: String)
    /// A computation failed; the proof was made on the CPU.
    case failed(device: String, reason: String)
    /// A proof was invalid; it was made anew on the CPU.
    case invalidProof(device: String)
    /// The device passed its known-answer tests after an incident and goes on.
    case retested(device: String)
    /// The device gets no more work in this process.
    case quarantined(device: String, reason: String)

    package var description: String {
        switch self {
        case .unusable(let device, let reason): "\(device) cannot be used: \(reason)"
        case .failed(let device, let reason): "\(device) failed, the proof was made on the CPU: \(reason)"
        case .invalidProof(let device): "\(device) made an invalid proof, which was made again on the CPU"
        case .retested(let device): "\(device) passed its tests again and goes on"
        case .quarantined(let device, let reason): "\(device) gets no more work: \(reason)"
        }
    }

    /// Whether an operator has to do something.
    package var isSevere: Bool {
        switch self {
        case .unusable, .quarantined: true
        case .failed, .invalidProof, .retested: false
        }
    }
}
