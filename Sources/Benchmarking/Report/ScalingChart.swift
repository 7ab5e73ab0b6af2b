// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Time against size, both on logarithmic scales: proportional growth is a straight line of slope one.
struct ScalingChart {
    var section: ReportSection

    private static let width = 560.0
    private static let height = 320.0
    private static let left = 70.0
    private static let right = 24.0
    private static let top = 14.0
    private static let bottom = 44.0

    /// The powers of ten that bound the times.
    private var decades: ClosedRange<Int> {
        let times = section.series.flatMap { $0.points.map(\.seconds) }.filter { $0 > 0 }
        guard let least = times.min(), let most = times.max() else { return 0...1 }
        let low = Int(log10(least).rounded(.down))
        return low...max(low + 1, Int(log10(most).rounded(.up)))
    }

    private func x(_ logSize: Int) -> Double {
        let sizes = section.logSizes
        guard let first = sizes.first, let last = sizes.last, last > first else {
            return (Self.left + Self.width - Self.right) / 2
        }
        let share = Double(logSize - first) / Double(last - first)
        // A little room on both sides, so that no mark lies on the frame.
        return Self.left + 20 + share * (Self.width - Self.right - Self.left - 40)
    }

    private func y(_ seconds: Double) -> Double {
        let decades = decades
        let share = (log10(max(seconds, 1e-12)) - Double(decades.lowerBound)) / Double(decades.count - 1)
        return Self.height - Self.bottom - share * (Self.height - Self.bottom - Self.top)
    }

    var svg: String {
        """
        <svg role="img" viewBox="0 0 \(at(Self.width)) \(at(Self.height))" xmlns="http://www.w3.org/2000/svg">
        <title>\(escaped("\(section.title): CPU time against size"))</title>
        \(grid)
        \(section.series.map(line).joined(separator: "\n"))
        </svg>

        """
    }

    private var grid: String {
        var text = ""
        let (left, right) = (Self.left, Self.width - Self.right)
        let base = Self.height - Self.bottom
        for decade in decades {
            let height = y(pow(10, Double(decade)))
            text += "<line class=\"grid\" x1=\"\(at(left))\" y1=\"\(at(height))\" "
            text += "x2=\"\(at(right))\" y2=\"\(at(height))\"/>"
            text += "<text class=\"name\" x=\"\(at(left - 8))\" y=\"\(at(height + 4))\">"
            text += "\(escaped(Self.tick(decade)))</text>"
        }
        for size in section.logSizes {
            text += "<line class=\"grid\" x1=\"\(at(x(size)))\" y1=\"\(at(Self.top))\" "
            text += "x2=\"\(at(x(size)))\" y2=\"\(at(base))\"/>"
            text += "<text class=\"tick\" x=\"\(at(x(size)))\" y=\"\(at(base + 18))\">2^\(size)</text>"
        }
        text +=
            "<line class=\"axis\" x1=\"\(at(left))\" y1=\"\(at(base))\" x2=\"\(at(right))\" y2=\"\(at(base))\"/>"
        text +=
            "<text class=\"tick\" x=\"\(at((left + right) / 2))\" y=\"\(at(Self.height - 6))\">size</text>"
        return text
    }

    /// A power of ten seconds, such as "100 µs".
    private static func tick(_ decade: Int) -> String {
        let units = [(0, "s"), (-3, "ms"), (-6, "µs"), (-9, "ns")]
        guard let (exponent, unit) = units.first(where: { decade >= $0.0 }) else { return "10^\(decade) s" }
        return "1" + String(repeating: "0", count: decade - exponent) + " " + unit
    }

    private func line(_ series: ReportSection.Series) -> String {
        let points = series.points.sorted { $0.logSize < $1.logSize }
        let path = points.map { "\(at(x($0.logSize))),\(at(y($0.seconds)))" }.joined(separator: " ")
        let kind = series.isPeer ? " peer" : ""
        let marks = points.map {
            mark(
                series.style, x: x($0.logSize), y: y($0.seconds),
                label: "\(series.name), 2^\($0.logSize): \(Figures.time($0.seconds))")
        }
        return "<polyline class=\"l\(series.style)\(kind)\" points=\"\(path)\"/>\(marks.joined())"
    }
}
