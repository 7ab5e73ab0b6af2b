// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
import Logging
public import Outcomes
public import SpoolWorker

extension LogFormat: ExpressibleByArgument {}

/// `--log-level`; the levels of swift-log.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

/// A number of bytes: `1073741824`, `512M`, `1.5GiB`. The units are powers of 1024.
struct ByteSize: ExpressibleByArgument, CustomStringConvertible {
    var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let number = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
        var unit = argument.dropFirst(number.count).uppercased()
        if unit.hasSuffix("IB") { unit.removeLast(2) } else if unit.hasSuffix("B") { unit.removeLast() }
        guard let power = ["", "K", "M", "G", "T"].firstIndex(of: unit) else { return nil }
        let bytes = value * Double(sign: .plus, exponent: 10 * power, significand: 1)
        guard bytes < 9e18 else { return nil }
        self.bytes = Int(bytes)
    }

    var description: String {
        var value = Double(bytes)
        for unit in ["B", "K", "M", "G"] {
            if value < 1024 {
                return "\(String(format: value < 10 && unit != "B" ? "%.1f" : "%.0f", value))\(unit)"
            }
            value /= 1024
        }
        return String(format: "%.1fT", value)
    }
}

/// A duration: `90`, `90s`, `15m`, `12h`, `7d`.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
    var seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    var description: String { TimeSpan.text(seconds) }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var text = argument
        var factor = 1.0
        if let last = text.last, let unit = units[last] {
            factor = unit
            text.removeLast()
        }
        guard let value = Double(text), value.isFinite, value >= 0, value * factor < 1e9 else { return nil }
        seconds = value * factor
    }

    /// `12s`, `3m`, `5h`, `9d`.
    static func text(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds.rounded()))s"
        case ..<7200: "\(Int(seconds / 60))m"
        case ..<172_800: "\(Int(seconds / 3600))h"
        default: "\(Int(seconds / 86_400))d"
        }
    }
}

/// Until when a job may be claimed: seconds from now, or a moment in ISO 8601.
struct Deadline: ExpressibleByArgument {
    /// Unix seconds.
    var moment: UInt64

    init?(argument: String) {
        let now = Date().timeIntervalSince1970
        if let span = TimeSpan(argument: argument) {
            // Whole seconds, and no fewer than were asked for.
            moment = UInt64((now + max(1, span.seconds)).rounded(.up))
        } else if let date = Deadline.date(argument), date.timeIntervalSince1970 >= 1,
            date.timeIntervalSince1970 < 9_999_999_998
        {
            moment = UInt64(date.timeIntervalSince1970)
        } else {
            return nil
        }
    }

    /// Whether it is too late.
    var hasPassed: Bool { Double(moment) < Date().timeIntervalSince1970 }

    static let passed = ValidationError("--deadline: the time has passed.")

    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}

/// A job's identifier.
extension JobID: ExpressibleByArgument {
    public init?(argument: String) {
        guard let id = try? JobID(argument) else { return nil }
        self = id
    }
}
