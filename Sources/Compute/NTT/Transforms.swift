// SPDX-License-Identifier: Apache-2.0

import FiniteFields

// Number-theoretic transforms without bit reversal: the inverse goes from natural to bit-reversed order, the
// forward transform back. Both run radix-4 passes (two layers a pass) depth first, so that below `cachedSize`
// elements everything happens in the cache; the widest passes are shared by all threads first. Where the CPU
// path has kernels in lanes, and the domain is large enough for them, `LaneTransform` does the work instead.
//
// Reference: Pollard 1971, "The fast Fourier transform in a finite field"; Bailey 1990, "FFTs in external or
// hierarchical memory" for the blocking.
extension EvaluationDomain {
    /// Blocks of this many elements are transformed layer by layer: 2^12 elements of 32 bytes are a quarter
    /// of a usual 512 KiB level-2 cache.
    private static var cachedLog: Int { 12 }

    /// Turns evaluations at ω^i, in natural order, into coefficients in bit-reversed order, times n.
    ///
    /// Dividing by n is left to the caller, who can mostly fold it into another product.
    ///
    /// - Precondition: `values` has `size` elements, Montgomery form.
    public func inverseUnscaled(_ values: UnsafeMutableBufferPointer<F>) {
        inverseUnscaled(values, lanes: .current)
    }

    package func inverseUnscaled(_ values: UnsafeMutableBufferPointer<F>, lanes: LaneKernels<F>?) {
        precondition(values.count == size)
        guard let base = values.baseAddress, logSize > 0 else { return }
        if let transform = LaneTransform(domain: self, lanes: lanes) { return transform.inverse(values) }
        inverseTwiddles(nil).withUnsafeBufferPointer { twiddles in
            guard let twiddles = twiddles.baseAddress else { return }
            let pass = UncheckedSendable(InversePass(values: base, twiddles: twiddles))
            var log = logSize
            while log >= 4 && (1 << (logSize - log)) < wideBlocks {
                let quarter = 1 << (log - 2)
                let blocks = 1 << (logSize - log)
                shareRanges(blocks: blocks, positions: quarter) { block, positions in
                    pass.value.radix4(block: block, quarter: quarter, positions: positions)
                }
                log -= 2
            }
            parallel.forEach(1 << (logSize - log)) {
                pass.value.depthFirst(block: $0, log: log, cached: Self.cachedLog)
            }
        }
    }

    /// Turns coefficients in bit-reversed order into evaluations in natural order.
    ///
    /// - Precondition: `values` has `size` elements, Montgomery form.
    public func forward(_ values: UnsafeMutableBufferPointer<F>, at points: Points) {
        forward(values, at: points, lanes: .current)
    }

    package func forward(_ values: UnsafeMutableBufferPointer<F>, at points: Points, lanes: LaneKernels<F>?) {
        precondition(values.count == size)
        guard let base = values.baseAddress, logSize > 0 else { return }
        if let transform = LaneTransform(domain: self, lanes: lanes) {
            return transform.forward(values, at: points)
        }
        forwardTwiddles(points, nil).withUnsafeBufferPointer { twiddles in
            guard let twiddles = twiddles.baseAddress else { return }
            let pass = UncheckedSendable(ForwardPass(values: base, twiddles: twiddles))
            var log = logSize
            while log >= 4 && (1 << (logSize - log)) < wideBlocks { log -= 2 }
            parallel.forEach(1 << (logSize - log)) {
                pass.value.depthFirst(block: $0, log: log, cached: Self.cachedLog)
            }
            while log < logSize {
                log += 2
                let quarter = 1 << (log - 2)
                shareRanges(blocks: 1 << (logSize - log), positions: quarter) { block, positions in
                    pass.value.radix4(block: block, quarter: quarter, positions: positions)
                }
            }
        }
    }

    /// Wide passes split the array until there are this many independent blocks; one thread needs none.
    private var wideBlocks: Int { parallel.threads == 1 ? 1 : 4 * parallel.threads }

    private func shareRanges(blocks: Int, positions: Int, _ body: (Int, Range<Int>) -> Void) {
        let pieces = max(1, min(positions / 256, (4 * parallel.threads + blocks - 1) / blocks))
        parallel.forEach(blocks * pieces) { task in
            let piece = task % pieces
            body(task / pieces, positions * piece / pieces..<positions * (piece + 1) / pieces)
        }
    }
}

/// Natural to bit-reversed order; every block has one factor a layer.
private struct InversePass<F: PrimeField> {
    let values: UnsafeMutablePointer<F>
    let twiddles: UnsafePointer<F>

    func depthFirst(block: Int, log: Int, cached: Int) {
        if log > cached {
            let quarter = 1 << (log - 2)
            radix4(block: block, quarter: quarter, positions: 0..<quarter)
            for sub in 0..<4 { depthFirst(block: 4 * block + sub, log: log - 2, cached: cached) }
            return
        }
        var log = log
        var blocks = block..<block + 1
        while log >= 2 {
            let quarter = 1 << (log - 2)
            for block in blocks { radix4(block: block, quarter: quarter, positions: 0..<quarter) }
            blocks = 4 * blocks.lowerBound..<4 * blocks.upperBound
            log -= 2
        }
        if log == 1 {
            for block in blocks {
                let low = values[2 * block]
                let high = values[2 * block + 1] * twiddles[block]
                values[2 * block] = low + high
                values[2 * block + 1] = low - high
            }
        }
    }

    /// Two layers: halves with the factor of `block`, quarters with those of its two children.
    @inline(__always)
    func radix4(block: Int, quarter: Int, positions: Range<Int>) {
        let x0 = values + 4 * quarter * block
        let x1 = x0 + quarter
        let x2 = x1 + quarter
        let x3 = x2 + quarter
        if block == 0 {
            // The factors of block 0 and of its first child are one.
            let w3 = twiddles[1]
            for j in positions {
                let (a, b, c, d) = (x0[j], x1[j], x2[j], x3[j])
                let (ac, bd) = (a + c, b + d)
                let (a2, b2) = (a - c, (b - d) * w3)
                x0[j] = ac + bd
                x1[j] = ac - bd
                x2[j] = a2 + b2
                x3[j] = a2 - b2
            }
            return
        }
        let w1 = twiddles[block]
        let w2 = twiddles[2 * block]
        let w3 = twiddles[2 * block + 1]
        for j in positions {
            let (a, b) = (x0[j], x1[j])
            let c = x2[j] * w1
            let d = x3[j] * w1
            let bd = (b + d) * w2
            let b2 = (b - d) * w3
            let (ac, a2) = (a + c, a - c)
            x0[j] = ac + bd
            x1[j] = ac - bd
            x2[j] = a2 + b2
            x3[j] = a2 - b2
        }
    }
}

/// Bit-reversed to natural order; every position of a block has its factor, the same in all blocks of a
/// layer.
private struct ForwardPass<F: PrimeField> {
    let values: UnsafeMutablePointer<F>
    let twiddles: UnsafePointer<F>

    func depthFirst(block: Int, log: Int, cached: Int) {
        if log > cached {
            for sub in 0..<4 { depthFirst(block: 4 * block + sub, log: log - 2, cached: cached) }
            let quarter = 1 << (log - 2)
            radix4(block: block, quarter: quarter, positions: 0..<quarter)
            return
        }
        var done = log % 2
        if done == 1 {
            let factor = twiddles[1]
            for pair in block << (log - 1)..<(block + 1) << (log - 1) {
                let low = values[2 * pair]
                let high = values[2 * pair + 1] * factor
                values[2 * pair] = low + high
                values[2 * pair + 1] = low - high
            }
        }
        while done < log {
            let quarter = 1 << done
            done += 2
            for sub in block << (log - done)..<(block + 1) << (log - done) {
                radix4(block: sub, quarter: quarter, positions: 0..<quarter)
            }
        }
    }

    /// Two layers: pairs `quarter` apart, then pairs 2·quarter apart.
    @inline(__always)
    func radix4(block: Int, quarter: Int, positions: Range<Int>) {
        let x0 = values + 4 * quarter * block
        let x1 = x0 + quarter
        let x2 = x1 + quarter
        let x3 = x2 + quarter
        let inner = twiddles + quarter
        let outer = twiddles + 2 * quarter
        for j in positions {
            let w = inner[j]
            let (a, c) = (x0[j], x2[j])
            let b = x1[j] * w
            let d = x3[j] * w
            let (a1, b1) = (a + b, a - b)
            let c1 = (c + d) * outer[j]
            let d1 = (c - d) * outer[j + quarter]
            x0[j] = a1 + c1
            x1[j] = b1 + d1
            x2[j] = a1 - c1
            x3[j] = b1 - d1
        }
    }
}
