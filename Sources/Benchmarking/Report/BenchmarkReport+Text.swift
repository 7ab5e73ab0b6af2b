// SPDX-License-Identifier: Apache-2.0

import Curves
package import Foundation

extension BenchmarkReport {
    /// The rows of the table on the terminal, the first with the names of the columns.
    package var tableRows: [[String]] {
        let withPeers = results.contains { !$0.peers.isEmpty }
        let head =
            ["WORK", "CURVE", "SIZE", "BACKEND", "CPU", "MIN", "MAX", "WALL", "PEAK", "COST"]
            + (hasDevices ? Self.deviceHead : [])
        return [withPeers ? head + ["PEERS (OURS/THEIRS)"] : head]
            + results.map { result in
                let cells =
                    [
                        result.work, result.curve.rawValue, result.sizeText, result.backend,
                        Figures.time(result.cpuSeconds.median), Figures.time(result.cpuSeconds.min),
                        Figures.time(result.cpuSeconds.max), Figures.time(result.wallSeconds.median),
                        result.memoryText, result.unitText,
                    ] + (hasDevices ? result.deviceCells : [])
                return withPeers ? cells + [result.peers.map(\.text).joined(separator: ", ")] : cells
            }
    }

    /// What was measured on, for a line above the table.
    package var heading: String {
        let load = machine.loadAverage.map { ", load average \(Figures.digits($0))" } ?? ""
        return "\(machine.processor), \(machine.cores) cores\(load); martlet \(version), seed \(seed)"
    }

    /// The report as JSON, keys sorted, dates in ISO 8601.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// One line a case, comma-separated, seconds; what a line lacks is empty.
    package var csv: String {
        let head = [
            "suite", "work", "curve", "log2_size", "backend", "threads", "runs", "cpu_seconds_median",
            "cpu_seconds_min", "cpu_seconds_max", "wall_seconds_median", "wall_seconds_min",
            "wall_seconds_max", "unit_nanoseconds", "product_nanoseconds", "products_per_point",
            "input_bytes", "peak_memory_bytes", "working_memory_bytes", "upload_seconds", "upload_bytes",
            "kernel_seconds", "download_seconds", "download_bytes", "device_products_per_second",
            "device_peak_products_per_second",
        ]
        let lines = results.map { result in
            let numbers: [Double?] = [
                result.cpuSeconds.median, result.cpuSeconds.min, result.cpuSeconds.max,
                result.wallSeconds.median, result.wallSeconds.min, result.wallSeconds.max,
                result.unitNanoseconds, result.productNanoseconds, result.productsPerPoint,
            ]
            let integers: [Int?] = [result.inputBytes, result.peakMemoryBytes, result.workingMemoryBytes]
            let names = [
                result.kind.rawValue, Self.quoted(result.work), result.curve.rawValue,
                result.logSize.map(String.init) ?? "", result.backend, String(result.threads),
                String(result.runs),
            ]
            let device: [Double?] = [
                result.device?.uploadSeconds, result.device.map { Double($0.uploadBytes) },
                result.device?.kernelSeconds, result.device?.downloadSeconds,
                result.device.map { Double($0.downloadBytes) }, result.device?.productsPerSecond,
                result.device?.peakProductsPerSecond,
            ]
            func texts(_ values: [Double?]) -> [String] {
                values.map { $0.map { String(format: "%.6g", $0) } ?? "" }
            }
            let figures = texts(numbers) + integers.map { $0.map(String.init) ?? "" } + texts(device)
            return (names + figures).joined(separator: ",")
        }
        return ([head.joined(separator: ",")] + lines).map { $0 + "\n" }.joined()
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
        return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
