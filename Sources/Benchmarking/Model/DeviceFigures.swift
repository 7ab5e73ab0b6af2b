import OpenCLCompute

/// Where a device's time went in one run of a case, by the device's own clock.
public struct DeviceFigures: Codable, Equatable, Sendable {
    public var uploadSeconds: Double
    public var uploadBytes: Int
    public var kernelSeconds: Double
    /// Seconds of each kernel, by its name.
    public var kernels: [String: Double]
    public var launches: Int
    public var downloadSeconds: Double
    public var downloadBytes: Int
    /// Products in the field of the work a second of kernel time: those that the algorithm needs, not those executed.
    public var productsPerSecond: Double
    /// What the device reaches in chains of products and nothing else, in BN254's base field.
    public var peakProductsPerSecond: Double

    init(_ metrics: DeviceMetrics, peak: Double) {
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
