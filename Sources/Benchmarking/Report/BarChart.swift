// SPDX-License-Identifier: Apache-2.0

/// Horizontal bars in groups, each bar with its name on the left and its figure at the end.
struct BarChart {
    struct Bar {
        var name: String
        var style: Int
        var isPeer: Bool
        var value: Double
        var label: String
        /// The least and greatest measurement, drawn as a line over the bar's end.
        var spread: ClosedRange<Double>?
    }

    struct Group {
        var name: String
        var bars: [Bar]
    }

    /// What the picture shows, for those who cannot see it.
    var title: String
    var groups: [Group]
    /// Whether each group has a scale of its own, for groups of different work.
    var scalesGroups = false

    private static let width = 560.0
    private static let right = 90.0
    private static let row = 20.0
    private static let gap = 12.0

    /// Where the bars begin: right of the longest names, whose letters are some 8 wide.
    private var left: Double {
        let group = groups.map(\.name.count).max() ?? 0
        let bar = groups.flatMap(\.bars).map(\.name.count).max() ?? 0
        return min(Double(group + bar) * 8 + 12, Self.width / 2)
    }

    var svg: String {
        var y = 4.0
        var body = ""
        let overall = groups.flatMap(\.bars).map(\.value).max() ?? 1
        for group in groups {
            let most = scalesGroups ? group.bars.map(\.value).max() ?? 1 : overall
            let scale = (Self.width - left - Self.right) / max(most, .leastNormalMagnitude)
            body += "<text class=\"group\" x=\"0\" y=\"\(at(y + 14))\">\(escaped(group.name))</text>"
            for bar in group.bars {
                body += draw(bar, y: y, scale: scale)
                y += Self.row
            }
            y += Self.gap
        }
        let height = max(y - Self.gap + 4, 8)
        return """
            <svg role="img" viewBox="0 0 \(at(Self.width)) \(at(height))" xmlns="http://www.w3.org/2000/svg">
            <title>\(escaped(title))</title>
            <line class="axis" x1="\(at(left))" y1="0" x2="\(at(left))" y2="\(at(height))"/>
            \(body)
            </svg>

            """
    }

    private func draw(_ bar: Bar, y: Double, scale: Double) -> String {
        let end = left + max(1, bar.value * scale)
        var labelAt = end
        var text =
            "<text class=\"name\" x=\"\(at(left - 8))\" y=\"\(at(y + 14))\">\(escaped(bar.name))</text>"
        let kind = bar.isPeer ? " peer" : ""
        text += "<rect class=\"s\(bar.style)\(kind)\" x=\"\(at(left))\" y=\"\(at(y + 3))\" "
        text += "width=\"\(at(end - left))\" height=\"14\" rx=\"2\">"
        text += "<title>\(escaped("\(bar.name): \(bar.label)"))</title></rect>"
        if let spread = bar.spread {
            // A disturbed run may be many times the median: the line ends where the picture does.
            let limit = Self.width - Self.right
            let low = min(left + spread.lowerBound * scale, limit)
            let high = min(left + spread.upperBound * scale, limit)
            text += "<line class=\"spread\" x1=\"\(at(low))\" y1=\"\(at(y + 10))\" "
            text += "x2=\"\(at(high))\" y2=\"\(at(y + 10))\"/>"
            labelAt = max(end, high)
        }
        return text
            + "<text class=\"value\" x=\"\(at(labelAt + 6))\" y=\"\(at(y + 14))\">\(escaped(bar.label))</text>\n"
    }
}
