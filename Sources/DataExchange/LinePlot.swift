// SPDX-License-Identifier: Apache-2.0

/// A drawing in SVG: panels beside each other, in each some lines over the same whole numbers.
package struct LinePlot: Sendable {
    package struct Line: Sendable {
        package let name: String
        /// From the first place on; `nil` where there is no value.
        package let values: [Double?]

        package init(name: String, values: [Double?]) {
            self.name = name
            self.values = values
        }
    }

    package struct Panel: Sendable {
        package let title: String
        package let lines: [Line]
        /// The vertical axis ends there; `nil` to go from 0 to what the values need.
        package let range: ClosedRange<Double>?

        package init(title: String, lines: [Line], range: ClosedRange<Double>? = nil) {
            self.title = title
            self.lines = lines
            self.range = range
        }
    }

    package let panels: [Panel]
    /// What the places are.
    package let axis: String

    package init(panels: [Panel], axis: String) {
        self.panels = panels
        self.axis = axis
    }

    private static let (width, height, margin, top) = (380.0, 250.0, 56.0, 40.0)
    /// Told apart without colours too: Okabe and Ito's colours, and dashes.
    private static let styles = [
        ("#0072b2", ""), ("#d55e00", "6 3"), ("#009e73", "2 2"), ("#cc79a7", "8 3 2 3"), ("#000000", "1 3"),
    ]

    /// The drawing as a document.
    package var svg: String {
        let full = (width: Self.width * Double(panels.count) + 16, height: Self.height + Self.top + 84)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(full.width))" height="\(Self.number(full.height))" \
            viewBox="0 0 \(Self.number(full.width)) \(Self.number(full.height))" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
        for (index, panel) in panels.enumerated() {
            text += draw(panel, left: Double(index) * Self.width + Self.margin)
        }
        return text + "</svg>\n"
    }

    private func draw(_ panel: Panel, left: Double) -> String {
        let (right, bottom) = (left + Self.width - Self.margin - 16, Self.top + Self.height)
        let values = panel.lines.flatMap(\.values).compactMap(\.self).filter(\.isFinite)
        let range = panel.range ?? 0...max(values.max() ?? 1, 1e-300)
        let step = Self.step(range.upperBound - range.lowerBound)
        let highest = panel.range?.upperBound ?? (range.upperBound / step).rounded(.up) * step
        let last = max((panel.lines.map(\.values.count).max() ?? 1) - 1, 1)
        func x(_ place: Double) -> Double { left + (right - left) * place / Double(last) }
        func y(_ value: Double) -> Double {
            bottom - (bottom - Self.top) * (value - range.lowerBound) / (highest - range.lowerBound)
        }
        var text = Self.label(panel.title, (left + right) / 2, Self.top - 14, "middle", size: 14)
        for tick in 0...Int(((highest - range.lowerBound) / step).rounded()) {
            let value = range.lowerBound + Double(tick) * step
            text +=
                "<path d=\"M\(Self.number(left)) \(Self.number(y(value)))H\(Self.number(right))\" stroke=\"#dddddd\"/>\n"
            text += Self.label(Self.short(value, step), left - 6, y(value) + 4, "end")
        }
        let stride = max(Int(Self.step(Double(last)).rounded(.up)), 1)
        for place in Swift.stride(from: 0, through: last, by: stride) {
            text += Self.label("\(place)", x(Double(place)), bottom + 16, "middle")
        }
        text +=
            "<path d=\"M\(Self.number(left)) \(Self.number(Self.top))V\(Self.number(bottom))H\(Self.number(right))\" fill=\"none\" stroke=\"#333333\"/>\n"
        text += Self.label(axis, (left + right) / 2, bottom + 32, "middle")
        for (index, line) in panel.lines.enumerated() {
            let (colour, dashes) = Self.styles[index % Self.styles.count]
            let style =
                "fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\""
                + (dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\"")
            var (path, isDrawing) = ("", false)
            for (place, value) in line.values.enumerated() {
                guard let value, value.isFinite else {
                    isDrawing = false
                    continue
                }
                let held = min(max(value, range.lowerBound), highest)
                path += "\(isDrawing ? "L" : "M")\(Self.number(x(Double(place)))) \(Self.number(y(held)))"
                isDrawing = true
                // A point by itself would be no line.
                let isAlone =
                    (place == 0 || line.values[place - 1] == nil)
                    && (place + 1 == line.values.count || line.values[place + 1] == nil)
                if isAlone {
                    text +=
                        "<circle cx=\"\(Self.number(x(Double(place))))\" cy=\"\(Self.number(y(held)))\" r=\"3\" fill=\"\(colour)\"/>\n"
                }
            }
            if !path.isEmpty { text += "<path d=\"\(path)\" \(style)/>\n" }
            let place = (
                left + Double(index % 2) * (right - left) / 2, bottom + 52 + Double(index / 2) * 18
            )
            text += "<path d=\"M\(Self.number(place.0)) \(Self.number(place.1 - 4))h26\" \(style)/>\n"
            text += Self.label(line.name, place.0 + 32, place.1, "start")
        }
        return text
    }

    /// A distance between marks, 1, 2 or 5 times a power of ten, that a length has some five of.
    private static func step(_ length: Double) -> Double {
        var step = 1.0
        while step * 5 > length { step /= 10 }
        while step * 50 <= length { step *= 10 }
        return [1, 2, 5].map { $0 * step }.first { length / $0 <= 6 } ?? 10 * step
    }

    private static func label(
        _ text: String, _ x: Double, _ y: Double, _ anchor: String, size: Int? = nil
    ) -> String {
        let size = size.map { " font-size=\"\($0)\"" } ?? ""
        return
            "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(size)>\(escaped(text))</text>\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// With one digit behind the point.
    private static func number(_ value: Double) -> String {
        DecimalNumber.text((value * 10).rounded() / 10)
    }

    /// A mark's value, with the digits that its distance to the next one has.
    private static func short(_ value: Double, _ step: Double) -> String {
        var (digits, unit) = (1.0, step)
        while unit < 1, digits < 1e12 {
            unit *= 10
            digits *= 10
        }
        return DecimalNumber.text((value * digits).rounded() / digits)
    }
}
