// SPDX-License-Identifier: Apache-2.0

import DataExchange
import Testing

/// Drawings: what is in them.
@Suite struct LinePlotTests {
    @Test func linesGapsAndNames() {
        let svg = LinePlot(
            panels: [
                .init(
                    title: "a < b & c",
                    lines: [
                        .init(name: "up", values: [0, 0.5, 1]), .init(name: "gap", values: [0.2, nil, .nan]),
                        .init(name: "none", values: [nil, nil, nil]),
                    ], range: 0...1), .init(title: "loss", lines: [.init(name: "l", values: [3.9, 1.2])]),
            ], axis: "round"
        ).svg
        #expect(svg.contains("a &lt; b &amp; c"))
        // From the lower left to the upper right corner of the first panel.
        #expect(svg.contains("d=\"M56 290L210 165L364 40\""), "\(svg)")
        // A value between gaps is a point.
        #expect(svg.split(separator: "<circle").count == 2)
        // The second axis ends at the next mark above 3.9.
        #expect(svg.contains(">4</text>") && !svg.contains(">5</text>"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    }

    /// Extremes are drawn somewhere, and nothing traps.
    @Test(
        arguments: [
            [], [nil], [0], [0, 0, 0], [1e300, -1e300], [.leastNonzeroMagnitude, 0],
            [.infinity, -.infinity, .nan], [-1, -2],
            [1e-12, 3e-12],
        ] as [[Double?]])
    func extremes(values: [Double?]) {
        let svg = LinePlot(
            panels: [
                .init(title: "", lines: [.init(name: "", values: values)]),
                .init(title: "", lines: [.init(name: "", values: values)], range: 0...1),
            ], axis: ""
        ).svg
        #expect(svg.count < 20_000 && !svg.contains("nan") && !svg.contains("inf"))
    }
}
