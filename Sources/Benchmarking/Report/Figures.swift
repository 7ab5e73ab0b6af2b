// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Figures as people read them.
enum Figures {
    /// Seconds with three significant digits and the unit that suits them, such as "4.21 ms".
    static func time(_ seconds: Double) -> String {
        for (unit, factor) in [("s", 1.0), ("ms", 1e3), ("µs", 1e6)] where seconds * factor >= 0.9995 {
            return "\(digits(seconds * factor)) \(unit)"
        }
        return "\(digits(seconds * 1e9)) ns"
    }

    /// Three significant digits, more where the integer part has them.
    static func digits(_ value: Double) -> String {
        let places = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
        return String(format: "%.\(places)f", value)
    }

    /// Bytes in MB of 10⁶.
    static func megabytes(_ bytes: Int) -> String { "\(digits(Double(bytes) / 1e6)) MB" }

    static func ratio(_ value: Double) -> String { "×" + String(format: "%.2f", value) }

    static func date(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(timeZone: .gmt))
    }
}

extension BenchmarkResult {
    /// The size as "2^16"; a dash for work without one.
    var sizeText: String { logSize.map { "2^\($0)" } ?? "-" }

    /// The cost of a point, with products, of a butterfly or of a constraint.
    var unitText: String {
        guard let unitNanoseconds else { return "-" }
        let time = Figures.time(unitNanoseconds * 1e-9)
        guard let productsPerPoint else { return "\(time)/\(kind == .groth16 ? "constraint" : "butterfly")" }
        return "\(time)/point, \(Figures.digits(productsPerPoint)) products"
    }

    /// The peak of memory; a star where it is that of the whole process.
    var memoryText: String { Figures.megabytes(peakMemoryBytes) + (peakIsOwn ? "" : "*") }
}

extension PeerComparison {
    /// The peer with its figure and our ratio to it.
    var text: String { "\(peer) \(Figures.time(cpuSeconds)) \(Figures.ratio(ratio))" }
}
