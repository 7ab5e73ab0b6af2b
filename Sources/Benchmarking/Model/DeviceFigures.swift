// SPDX-License-Identifier: Apache-2.0

import OpenCLCompute

/// Where a device's time went in one run of a case, by the device's own clock.
package struct DeviceFigures: Codable, Equatable, Sendable {
    package var uploadSeconds: Double
    package var uploadBytes: Int
    package var kernelSeconds: Double
    /// Seconds of each kernel, by its name.
    package var kernels: [String: Double]
    package var launches: Int
    package var downloadSeconds: Double
    package var downloadBytes: Int
    /// Products in the field of the work a second of kernel time: those that the algorithm needs, not those
    /// executed.
    package var productsPerSecond: Double
    /// What the device reaches in chains of products and nothing else, in BN254's base field; nil for a CPU,
    /// where such chains wait for their own results and kernels with independent products are faster.
    package var peakProductsPerSecond: Double?

    init(_ metrics: DeviceMetrics, peak: Double?) {
        uploadSeconds = metrics.uploadSeconds
        uploadBytes = metrics.uploadBytes
        kernelSeconds = metrics.totalKernelSeconds
        kernels = metrics.kernelSeconds
        launches = metrics.launches
        downloadSeconds = metrics.downloadSeconds
        downloadBytes = metrics.downloadBytes
        productsPerSecond = kernelSeconds > 0 ? metrics.products / kernelSeconds : 0
        peakProductsPerSecond = peak
    }
}
