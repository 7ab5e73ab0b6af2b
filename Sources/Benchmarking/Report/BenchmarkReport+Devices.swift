// SPDX-License-Identifier: Apache-2.0

extension BenchmarkReport {
    /// Whether any case ran on a device whose time was taken apart.
    var hasDevices: Bool { results.contains { $0.device != nil } }

    /// The columns that tell where a device's time went.
    static let deviceHead = ["UPLOAD", "KERNELS", "DOWNLOAD", "MPRODUCTS/S (OF PEAK)"]

    /// A table of the kernels of every case on a device, for a browser; empty without one.
    var deviceTable: String {
        guard hasDevices else { return "" }
        let head =
            ["work", "curve", "size", "device"] + Self.deviceHead.map { $0.lowercased() } + ["kernels"]
        let rows = results.compactMap { result -> String? in
            guard let device = result.device else { return nil }
            let kernels = device.kernels.sorted { $0.value > $1.value }
                .map { "\($0.key) \(Figures.time($0.value))" }.joined(separator: ", ")
            let cells =
                [result.work, result.curve.displayName, result.sizeText, result.backend]
                + result.deviceCells + [kernels]
            return "<tr>" + cells.map { "<td class=\"left\">\(escaped($0))</td>" }.joined() + "</tr>"
        }
        return """
            <h2>Where the devices' time went</h2>
            <div class="scroll"><table>
            <thead><tr>\(head.map { "<th scope=\"col\" class=\"left\">\($0)</th>" }.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            <p class="note">One run more, by the device's clock. Products are those that the algorithm needs; the peak is \
            what the device reached in chains of products and nothing else. CPUs have none: there a chain waits for its own \
            results, and kernels with independent products pass it.</p>

            """
    }
}

extension BenchmarkResult {
    /// The cells below `BenchmarkReport.deviceHead`.
    var deviceCells: [String] {
        guard let device else { return [String](repeating: "-", count: BenchmarkReport.deviceHead.count) }
        func transfer(_ seconds: Double, _ bytes: Int) -> String {
            guard seconds > 0 else { return "-" }
            return "\(Figures.time(seconds)), \(Figures.digits(Double(bytes) / seconds / 1e9)) GB/s"
        }
        let rate = Figures.digits(device.productsPerSecond / 1e6)
        let part = device.peakProductsPerSecond.map {
            " (\(Figures.digits(100 * device.productsPerSecond / max($0, 1))) %)"
        }
        return [
            transfer(device.uploadSeconds, device.uploadBytes), Figures.time(device.kernelSeconds),
            transfer(device.downloadSeconds, device.downloadBytes), rate + (part ?? ""),
        ]
    }
}
