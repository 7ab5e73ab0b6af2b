// SPDX-License-Identifier: Apache-2.0

/// The measurements of one work on one curve, ready to be drawn: ours and the peers'.
struct ReportSection {
    /// One backend's or peer's line through the sizes.
    struct Series {
        var name: String
        var isPeer: Bool
        /// Which of the report's colours and marks it has, the same in every chart.
        var style: Int
        /// CPU seconds by the logarithm of the size.
        var points: [(logSize: Int, seconds: Double)]
    }

    var work: String
    var title: String
    var series: [Series]

    /// All sizes, ascending.
    var logSizes: [Int] { Array(Set(series.flatMap { $0.points.map(\.logSize) })).sorted() }

    /// Terms, butterflies or constraints of a size, and what one is called.
    func units(logSize: Int) -> (count: Double, name: String)? {
        let n = Double(1 << logSize)
        if work.hasPrefix("msm") { return (n, "point") }
        if work.hasPrefix("groth16-synthetic") { return (n, "constraint") }
        if work.hasSuffix("ntt") { return (n / 2 * Double(logSize), "butterfly") }
        return nil
    }
}

/// How the names of backends and peers are drawn.
struct ReportStyles {
    /// As many as there are colours in the style sheet; more names share them.
    static let count = 8
    private let names: [String]

    init(_ results: [BenchmarkResult]) {
        var names: [String] = []
        for name in results.map(\.backend) + results.flatMap({ $0.peers.map(\.peer) })
        where !names.contains(name) { names.append(name) }
        self.names = names
    }

    func style(of name: String) -> Int { (names.firstIndex(of: name) ?? 0) % Self.count }
}

extension BenchmarkReport {
    /// One section for each work with sizes, in the order of the results.
    var sections: [ReportSection] {
        let styles = ReportStyles(results)
        var sections: [ReportSection] = []
        for result in results {
            guard let logSize = result.logSize else { continue }
            let title = "\(result.work), \(result.curve.displayName)"
            let index: Int
            if let found = sections.firstIndex(where: { $0.title == title }) {
                index = found
            } else {
                sections.append(ReportSection(work: result.work, title: title, series: []))
                index = sections.count - 1
            }
            let ours = [(result.backend, false, result.cpuSeconds.median)]
            for (name, isPeer, seconds) in ours + result.peers.map({ ($0.peer, true, $0.cpuSeconds) }) {
                sections[index].add(
                    name, isPeer: isPeer, style: styles.style(of: name), logSize: logSize, seconds: seconds)
            }
        }
        return sections
    }

    /// The results without a size, by curve and suite.
    var unsized: [(title: String, results: [BenchmarkResult])] {
        var groups: [(title: String, results: [BenchmarkResult])] = []
        for result in results where result.logSize == nil {
            let title = "\(result.kind.rawValue), \(result.curve.displayName)"
            if let index = groups.firstIndex(where: { $0.title == title }) {
                groups[index].results.append(result)
            } else {
                groups.append((title, [result]))
            }
        }
        return groups
    }
}

extension ReportSection {
    /// Adds a point; a peer's comes once with each of our backends and is drawn once.
    fileprivate mutating func add(_ name: String, isPeer: Bool, style: Int, logSize: Int, seconds: Double) {
        guard let index = series.firstIndex(where: { $0.name == name && $0.isPeer == isPeer }) else {
            series.append(Series(name: name, isPeer: isPeer, style: style, points: [(logSize, seconds)]))
            return
        }
        if !series[index].points.contains(where: { $0.logSize == logSize }) {
            series[index].points.append((logSize, seconds))
        }
    }
}
