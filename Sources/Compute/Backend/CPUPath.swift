// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
public import Failures

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

    /// The path that the environment variable `MARTLET_CPU` asks for; nil where it asks for none. `ifma` is
    /// its emulation where the machine
    /// lacks it.
    ///
    /// - Throws: where it is no path, or one that this machine cannot run.
    public static func wished() throws(CPUWishError) -> CPUPath? {
        let number = martlet_cpu_wish()
        if number == Int32(MARTLET_CPU_NO_WISH) { return nil }
        if let path = allCases.first(where: { $0.number == number }) { return path }
        let wish = String(cString: getenv("MARTLET_CPU"))
        throw number == Int32(MARTLET_CPU_UNSUPPORTED) ? .unsupported(wish) : .unknown(wish)
    }

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

/// Why the path that `MARTLET_CPU` asks for cannot be taken.
public enum CPUWishError: CodedError, Equatable {
    /// There is none of that name.
    case unknown(String)
    /// This machine has not what it takes.
    case unsupported(String)

    public var code: FailureCode { .badInput }

    public var message: String {
        switch self {
        case .unknown(let wish):
            "MARTLET_CPU: '\(wish)' is not one of \(CPUPath.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unsupported(let wish): "MARTLET_CPU: this processor cannot run '\(wish)'"
        }
    }
}
