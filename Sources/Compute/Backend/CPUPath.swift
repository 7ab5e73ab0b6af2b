// SPDX-License-Identifier: Apache-2.0

import CFieldKernels

/// The sets of kernels for the CPU. All give the same bits.
public enum CPUPath: String, Sendable, CaseIterable {
    /// C without assumptions about the processor.
    case portable
    /// Field products by mulx and the two carry chains of adcx and adox (x86-64).
    case adx
    /// As `adx`, with batches of additions and transforms in lanes on AVX2 and FMA.
    case avx2
    /// As `adx`, with batches of additions and transforms in lanes on AVX-512 IFMA.
    case ifma
    /// The algorithms of `ifma` in portable C: for tests on machines without it.
    case ifmaEmulated = "ifma-emulated"

    var number: Int32 {
        switch self {
        case .portable: Int32(MARTLET_CPU_PORTABLE)
        case .adx: Int32(MARTLET_CPU_ADX)
        case .avx2: Int32(MARTLET_CPU_AVX2)
        case .ifma: Int32(MARTLET_CPU_IFMA)
        case .ifmaEmulated: Int32(MARTLET_CPU_IFMA_EMULATED)
        }
    }

    /// True when this machine can run the path.
    public var isSupported: Bool { martlet_cpu_supports(number) == 1 }

    /// The path in use.
    public static var current: CPUPath { allCases.first { $0.number == martlet_cpu_current() } ?? .portable }

    /// Makes the whole process use the path; returns false, and changes nothing, where it is not supported.
    /// To be called before computations start.
    @discardableResult
    public func select() -> Bool { martlet_cpu_select(number) == 0 }
}
