// SPDX-License-Identifier: Apache-2.0

import ProofFixtures

extension BenchmarkReport {
    /// The report as one HTML file with its pictures and style sheet inside: it needs no network and no
    /// scripts.
    ///
    /// It is well-formed XML as well.
    package var html: String {
        """
        <!DOCTYPE html>
        <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>martlet bench, \(escaped(Figures.date(date)))</title>
        <style>
        \(StyleSheet.text)
        </style>
        </head>
        <body>
        <h1>martlet bench</h1>
        <p class="note">CPU time is user and system time of all threads of the process, the median of the runs. Every case was
        checked against a known answer before and after it was measured.</p>
        \(facts)
        \(legend)
        \(sections.map(Self.charts).joined())
        \(unsized.map { Self.bars($0.title, $0.results, ReportStyles(results)) }.joined())
        <h2>All figures</h2>
        \(table)
        \(notes)
        \(deviceTable)
        </body>
        </html>

        """
    }

    private var facts: String {
        var rows = [
            ("Processor", machine.processor), ("Cores", "\(machine.cores)"),
            ("Memory", "\(machine.memoryBytes / 1_000_000) MB"), ("System", machine.system),
        ]
        if let load = machine.loadAverage { rows.append(("Load average", Figures.digits(load))) }
        rows += [
            ("Date", Figures.date(date)), ("Version", "martlet \(version), \(platform)"),
            ("Seed", "\(seed)"), ("Scalars", scalars == .uniform ? "uniform" : "70 % bits, the rest uniform"),
        ]
        let items = rows.map { "<dt>\(escaped($0))</dt><dd>\(escaped($1))</dd>" }.joined(separator: "\n")
        let command = escaped(commandLine.joined(separator: " "))
        return "<dl>\n\(items)\n<dt>Command</dt><dd><code>\(command)</code></dd>\n</dl>"
    }

    private var legend: String {
        let styles = ReportStyles(results)
        var seen: Set<String> = []
        let names = results.map { ($0.backend, false) } + results.flatMap { $0.peers.map { ($0.peer, true) } }
        let items = names.filter { seen.insert($0.0).inserted }.map { name, isPeer in
            "<li><i class=\"d\(styles.style(of: name))\"></i>\(escaped(name))\(isPeer ? " (peer)" : "")</li>"
        }
        return "<ul class=\"legend\">\(items.joined())</ul>"
    }

    /// Bars and curves of one work.
    private static func charts(_ section: ReportSection) -> String {
        let unit = section.logSizes.first.flatMap { section.units(logSize: $0)?.name }
        let groups = section.logSizes.map { size in
            let bars = section.series.compactMap { series -> BarChart.Bar? in
                guard let point = series.points.first(where: { $0.logSize == size }) else { return nil }
                let value = point.seconds / (section.units(logSize: size)?.count ?? 1)
                return BarChart.Bar(
                    name: series.name, style: series.style, isPeer: series.isPeer, value: value,
                    label: Figures.time(value))
            }
            return BarChart.Group(name: "2^\(size)", bars: bars)
        }
        let caption = unit.map { "CPU time a \($0)" } ?? "CPU time"
        let bars = BarChart(title: "\(section.title): \(caption)", groups: groups, scalesGroups: unit == nil)
        let curves =
            section.logSizes.count < 2
            ? ""
            : """
            <div class="panel">
            <h3>CPU time against size, both scales logarithmic</h3>
            \(ScalingChart(section: section).svg)</div>
            """
        return """
            <h2>\(escaped(section.title))</h2>
            <div class="charts">
            <div class="panel">
            <h3>\(escaped(caption)), shorter is better</h3>
            \(bars.svg)</div>
            \(curves)
            </div>

            """
    }

    /// Bars of work without sizes: one group for each work, on a scale of its own.
    private static func bars(_ title: String, _ results: [BenchmarkResult], _ styles: ReportStyles) -> String
    {
        var groups: [BarChart.Group] = []
        for result in results {
            let bar = BarChart.Bar(
                name: result.backend, style: styles.style(of: result.backend), isPeer: false,
                value: result.cpuSeconds.median, label: Figures.time(result.cpuSeconds.median),
                spread: result.cpuSeconds.min...result.cpuSeconds.max)
            if let index = groups.firstIndex(where: { $0.name == result.work }) {
                groups[index].bars.append(bar)
            } else {
                groups.append(BarChart.Group(name: result.work, bars: [bar]))
            }
        }
        for index in groups.indices {
            let peers = results.first { $0.work == groups[index].name }?.peers ?? []
            groups[index].bars += peers.map {
                BarChart.Bar(
                    name: $0.peer, style: styles.style(of: $0.peer), isPeer: true, value: $0.cpuSeconds,
                    label: Figures.time($0.cpuSeconds))
            }
        }
        let chart = BarChart(title: "\(title): CPU time of one operation", groups: groups, scalesGroups: true)
        return """
            <h2>\(escaped(title))</h2>
            <div class="charts"><div class="panel">
            <h3>CPU time of one operation, each on a scale of its own; the line spans all runs</h3>
            \(chart.svg)</div></div>

            """
    }

    private var table: String {
        let head = [
            "work", "curve", "size", "backend", "threads", "runs", "CPU median", "CPU min", "CPU max",
            "wall median", "wall min", "wall max", "cost", "peak memory", "above inputs",
            "peers (ours/theirs)",
        ]
        let rows = results.map { result in
            let cells = [
                result.work, result.curve.displayName, result.sizeText, result.backend, "\(result.threads)",
                "\(result.runs)", Figures.time(result.cpuSeconds.median), Figures.time(result.cpuSeconds.min),
                Figures.time(result.cpuSeconds.max), Figures.time(result.wallSeconds.median),
                Figures.time(result.wallSeconds.min), Figures.time(result.wallSeconds.max), result.unitText,
                result.memoryText, result.workingMemoryBytes.map(Figures.megabytes) ?? "-",
                result.peers.map { "\($0.text) (\($0.threads) threads, \($0.machine))" }.joined(
                    separator: "; "),
            ]
            return "<tr>" + cells.enumerated().map { "<td\(Self.align($0))>\(escaped($1))</td>" }.joined()
                + "</tr>"
        }
        let heads = head.enumerated().map { "<th scope=\"col\"\(Self.align($0))>\($1)</th>" }.joined()
        return """
            <div class="scroll"><table>
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }

    private static func align(_ column: Int) -> String {
        column == 15 ? " class=\"left peers\"" : column < 4 ? " class=\"left\"" : ""
    }

    private var notes: String {
        var notes = [
            "Products are counted in the time of one product in a chain of dependent scalar Montgomery products of the curve's base field, measured before and after each case; those of G2 too are products in the prime field.",
            "Peak memory is the largest resident set of the first run, program and inputs included; “above inputs” is its rise over what was resident before.",
        ]
        if results.contains(where: { !$0.peers.isEmpty }) {
            notes.append(
                "Peers' figures are those of the file given, not of this run; a ratio below 1 means less CPU time than theirs."
            )
        }
        if results.contains(where: { !$0.peakIsOwn }) {
            notes.append("* The peak could not be reset here: it is that of the whole process so far.")
        }
        return notes.map { "<p class=\"note\">\(escaped($0))</p>" }.joined(separator: "\n")
    }
}
