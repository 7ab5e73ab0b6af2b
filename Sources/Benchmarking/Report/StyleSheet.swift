// SPDX-License-Identifier: Apache-2.0

/// The look of the report, light or dark as the reader's system wishes.
enum StyleSheet {
    /// Colours told apart by most readers who see fewer of them, after Okabe and Ito 2008; lighter ones on
    /// dark ground.
    private static let light = [
        "#0063a5", "#b35900", "#007a5a", "#9c3d78", "#4d6a00", "#8a5a00", "#3d7ea6", "#666666",
    ]
    private static let dark = [
        "#5eb3f0", "#f0a04a", "#3fc79d", "#e08fc0", "#b5cc55", "#e6c34d", "#9fd0ea", "#a8a8a8",
    ]

    private static func variables(_ colours: [String]) -> String {
        colours.enumerated().map { "--c\($0): \($1);" }.joined(separator: " ")
    }

    static var text: String {
        let series = (0..<ReportStyles.count).map {
            ".s\($0) { fill: var(--c\($0)); } .l\($0) { stroke: var(--c\($0)); } .d\($0) { background: var(--c\($0)); }"
        }
        return """
            :root { color-scheme: light dark; --ground: #fcfcfb; --ink: #1c1c1a; --soft: #5c5c58; --line: #d9d9d4;
              --panel: #f3f3f0; \(variables(light)) }
            @media (prefers-color-scheme: dark) {
              :root { --ground: #171716; --ink: #ecece8; --soft: #a9a9a3; --line: #3a3a37; --panel: #21211f;
                \(variables(dark)) }
            }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 24px 20px 60px; max-width: 1180px; background: var(--ground); color: var(--ink);
              font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
            h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 36px 0 8px; }
            h3 { font-size: 14px; font-weight: 600; color: var(--soft); margin: 14px 0 6px; }
            p { margin: 6px 0; } .note { color: var(--soft); max-width: 75ch; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 12px 0; }
            dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
            code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 16px; }
            .panel { background: var(--panel); border-radius: 8px; padding: 8px 14px 14px; }
            svg { display: block; width: 100%; max-width: 600px; height: auto; font-size: 13px; }
            svg text { fill: var(--ink); } svg .name { text-anchor: end; fill: var(--soft); }
            svg .group { font-weight: 600; } svg .tick { text-anchor: middle; fill: var(--soft); }
            .axis { stroke: var(--soft); } .grid { stroke: var(--line); } .spread { stroke: var(--ink); stroke-width: 1.5; }
            polyline { fill: none; stroke-width: 2; } polyline.peer { stroke-dasharray: 5 4; stroke-width: 1.5; }
            rect.peer { opacity: 0.6; }
            .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 8px 0; list-style: none; }
            .legend i { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border-radius: 2px; }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; width: 100%; }
            th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap;
              font-variant-numeric: tabular-nums; }
            th { color: var(--soft); font-weight: 600; } .left { text-align: left; } td.peers { white-space: normal; min-width: 190px; }
            \(series.joined(separator: "\n"))
            """
    }
}
