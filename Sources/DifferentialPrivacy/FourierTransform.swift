// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The discrete Fourier transform of 2^k complex numbers: decimation in time, radix two.
struct FourierTransform {
    private let size: Int
    /// e^(−2πi·j/size) for j below half of the size.
    private let roots: [Complex]

    struct Complex {
        var real, imaginary: Double

        static func * (a: Self, b: Self) -> Self {
            Self(
                real: a.real * b.real - a.imaginary * b.imaginary,
                imaginary: a.real * b.imaginary + a.imaginary * b.real)
        }

        /// The power for an exponent that is not negative, by squarings.
        func power(_ exponent: Int) -> Self {
            var (result, base, rest) = (Self(real: 1, imaginary: 0), self, exponent)
            while rest > 0 {
                if rest & 1 == 1 { result = result * base }
                base = base * base
                rest >>= 1
            }
            return result
        }
    }

    /// - Precondition: the size is a power of two.
    init(size: Int) {
        precondition(size > 0 && size & (size - 1) == 0)
        self.size = size
        roots = (0..<size / 2).map { index in
            let angle = -2 * Double.pi * Double(index) / Double(size)
            return Complex(real: cos(angle), imaginary: sin(angle))
        }
    }

    /// Σⱼ xⱼ·e^(−2πi·jk/size) for all k.
    func forward(_ values: [Double]) -> [Complex] {
        precondition(values.count == size)
        return transformed(values.map { Complex(real: $0, imaginary: 0) })
    }

    /// The real parts of what `forward` has made.
    func inverse(_ values: [Complex]) -> [Double] {
        precondition(values.count == size)
        // The inverse of x is the transform of its conjugate, conjugated, over the size.
        let conjugates = values.map { Complex(real: $0.real, imaginary: -$0.imaginary) }
        return transformed(conjugates).map { $0.real / Double(size) }
    }

    private func transformed(_ input: [Complex]) -> [Complex] {
        var values = input
        let bits = size.trailingZeroBitCount
        for index in 0..<size where bits > 0 {
            let mirror = Int(UInt64(index).bitReversed >> UInt64(64 - bits))
            if index < mirror { values.swapAt(index, mirror) }
        }
        var half = 1
        while half < size {
            let stride = size / (2 * half)
            for start in Swift.stride(from: 0, to: size, by: 2 * half) {
                for index in 0..<half {
                    let (low, high) = (start + index, start + index + half)
                    let odd = roots[index * stride] * values[high]
                    let even = values[low]
                    values[low] = Complex(
                        real: even.real + odd.real, imaginary: even.imaginary + odd.imaginary)
                    values[high] = Complex(
                        real: even.real - odd.real, imaginary: even.imaginary - odd.imaginary)
                }
            }
            half *= 2
        }
        return values
    }
}

extension UInt64 {
    /// The bits in the other order.
    fileprivate var bitReversed: UInt64 {
        var (result, rest) = (UInt64(0), self)
        for _ in 0..<64 {
            result = result << 1 | rest & 1
            rest >>= 1
        }
        return result
    }
}
