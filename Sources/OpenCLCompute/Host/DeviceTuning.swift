// SPDX-License-Identifier: Apache-2.0

/// How kernels are compiled and work is cut up for a device: what changes how fast it is, and nothing else.
package struct DeviceTuning: Sendable, Equatable {
    /// Whether products in Fp are compiled into every place of their use, where they are carry chains in PTX:
    /// whole kernels of them take NVIDIA's assembler seconds, while other compilers take minutes for other
    /// products.
    package var inlinesProducts: Bool
    /// The same of products in Fp2, which are three in Fp.
    package var inlinesExtensionProducts: Bool
    /// The same of the addition of an affine point, of which sums are mostly made.
    package var inlinesAdditions: Bool
    /// Work-items of a group of kernels for points.
    package var pointGroup: Int
    /// Work-items of a group of kernels for the digits of scalars.
    package var digitGroup: Int
    /// Work-items of a group of kernels for transforms, each with four elements of a tile at a time.
    package var transformGroup: Int
    /// The logarithm of the most elements of a tile.
    package var logTile: Int
    /// Segments of sorted digits a compute unit and launch.
    package var segmentsPerUnit: Int
    /// Work-items that reduce buckets, a compute unit.
    package var reducersPerUnit: Int
    /// Bits of a window, where the plan is not to choose them.
    package var windowBits: Int?
    /// Bytes of sorted digits that are written at a time, all over their memory: what a cache takes.
    package var placedBytes: Int
    /// Bytes that one command fills at most, a multiple of 4096.
    package var fillBytes: Int
    /// Threads that copy large uploads into pinned memory; 0 where the driver is to upload them as it likes.
    package var uploadThreads: Int

    /// What suits a device.
    ///
    /// For CPUs small work-groups keep the private memory of all their items in the cache.
    package init(for device: Device) {
        let isCPU = device.isCPU
        inlinesProducts = true
        inlinesExtensionProducts = false
        inlinesAdditions = true
        pointGroup = isCPU ? 64 : 128
        digitGroup = isCPU ? 64 : 256
        transformGroup = isCPU ? 64 : 128
        logTile = 10
        segmentsPerUnit = isCPU ? 256 : 2048
        reducersPerUnit = 256
        windowBits = nil
        fillBytes = 1 << 30
        placedBytes = isCPU ? .max : 24 << 20
        uploadThreads = isCPU ? 0 : 8
    }

    /// How functions are compiled in programs with such products.
    package func definitions(_ variant: ProductVariant) -> [(name: String, value: String)] {
        guard variant == .ptx else { return [] }
        let all = [
            ("FIELD_PRODUCT", inlinesProducts), ("COORDINATE_PRODUCT", inlinesExtensionProducts),
            ("GROUP_OPERATION", inlinesAdditions),
        ]
        return all.compactMap { $1 ? ($0, "static inline __attribute__((always_inline))") : nil }
    }
}
