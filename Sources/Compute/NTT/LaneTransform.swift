// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
package import FiniteFields

/// The transforms of one domain in lanes, as passes over the array; see docs/ntt.md.
package struct LaneTransform<F: PrimeField> {
    private let domain: EvaluationDomain<F>
    private let lanes: LaneKernels<F>
    /// The layers of each pass, the widest first.
    private let passes: [Pass]

    private struct Pass {
        var above: Int
        var layers: Int
    }

    private typealias Twiddles = UnsafePointer<martlet_limbs4>

    /// Nil without kernels, or where the domain is too small for them.
    ///
    /// - Parameter mostLayers: of a pass, which works on 2^layers vectors: 2^11 take 320 KiB on AVX2, 640 KiB
    ///   on AVX-512.
    package init?(domain: EvaluationDomain<F>, lanes: LaneKernels<F>?, mostLayers: Int = 11) {
        guard let lanes, domain.logSize >= 2 * lanes.laneLog else { return nil }
        self.domain = domain
        self.lanes = lanes
        // The first pass leaves at least laneLog layers below it, and the last has as many above.
        let count = max(2, (domain.logSize + mostLayers - 1) / mostLayers)
        passes = (0..<count).map {
            let (above, end) = (domain.logSize * $0 / count, domain.logSize * ($0 + 1) / count)
            return Pass(above: above, layers: end - above)
        }
    }

    /// As `EvaluationDomain.inverseUnscaled`.
    package func inverse(_ values: UnsafeMutableBufferPointer<F>) {
        withTwiddles(domain.inverseTwiddles(lanes)) { inverse in
            for pass in passes { run(pass, inverse: inverse, forward: nil, on: values) }
        }
    }

    /// As `EvaluationDomain.forward`.
    package func forward(_ values: UnsafeMutableBufferPointer<F>, at points: EvaluationDomain<F>.Points) {
        withTwiddles(domain.forwardTwiddles(points, lanes)) { forward in
            for pass in passes.reversed() { run(pass, inverse: nil, forward: forward, on: values) }
        }
    }

    /// From evaluations on the subgroup, of a and b and a sixteenth of those of c, to (a·b − c)·factor on the
    /// odd coset, in a.
    ///
    /// The narrowest inverse and forward layers share a pass, and the widest forward ones end in the
    /// combination. What is left in b and c has no use.
    package func combineOnOddCoset(
        _ a: UnsafeMutableBufferPointer<F>, _ b: UnsafeMutableBufferPointer<F>,
        _ c: UnsafeMutableBufferPointer<F>, factor: F
    ) {
        guard let last = passes.last else { return }
        withTwiddles(domain.inverseTwiddles(lanes)) { inverse in
            withTwiddles(domain.forwardTwiddles(.oddCoset, lanes)) { forward in
                for values in [a, b, c] {
                    for pass in passes.dropLast() { run(pass, inverse: inverse, forward: nil, on: values) }
                    run(last, inverse: inverse, forward: forward, on: values)
                    for pass in passes.dropFirst().dropLast().reversed() {
                        run(pass, inverse: nil, forward: forward, on: values)
                    }
                }
                combine(a, b, c, forward: forward, factor: factor)
            }
        }
    }

    /// The widest forward layers, and the combination of what is then n times the true values.
    private func combine(
        _ a: UnsafeMutableBufferPointer<F>, _ b: UnsafeMutableBufferPointer<F>,
        _ c: UnsafeMutableBufferPointer<F>, forward: Twiddles, factor: F
    ) {
        let n = F(UInt64(domain.size))
        guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress, let first = passes.first,
            let inverse = n.inverse()
        else { return }
        // Montgomery's products with 2^260 of elements in the form with 2^256 are 16 times too small. So a·b
        // is, as c was from the start, and what is left to multiply by is n^−2·16·factor in lane form.
        let scale = lanes.form(n)
        let unscale = lanes.form(lanes.form(inverse.squared() * factor))
        let shared = UncheckedSendable((a, b, c, forward))
        forTiles(of: first, scratch: 3) { tiles, scratch in
            let (a, b, c, forward) = shared.value
            var pass = description(first, inverse: nil, forward: forward)
            withUnsafePointer(to: scale) { scale in
                withUnsafePointer(to: unscale) { unscale in
                    lanes.kernels.pointee.combine(
                        lanes.limbs(a), lanes.limbs(b), lanes.limbs(c), &pass, lanes.limbs(scale),
                        lanes.limbs(unscale), tiles.lowerBound, tiles.upperBound, scratch)
                }
            }
        }
    }

    private func run(
        _ pass: Pass, inverse: Twiddles?, forward: Twiddles?, on values: UnsafeMutableBufferPointer<F>
    ) {
        guard let base = values.baseAddress else { return }
        let shared = UncheckedSendable((base, inverse, forward))
        forTiles(of: pass, scratch: 1) { tiles, scratch in
            let (base, inverse, forward) = shared.value
            var pass = description(pass, inverse: inverse, forward: forward)
            lanes.kernels.pointee.run(lanes.limbs(base), &pass, tiles.lowerBound, tiles.upperBound, scratch)
        }
    }

    /// Shares a pass's tiles among the threads, in ranges with scratch memory for so many tiles at a time.
    private func forTiles(
        of pass: Pass, scratch tilesHeld: Int, _ body: (Range<Int>, UnsafeMutableRawPointer) -> Void
    ) {
        let tileLog = pass.layers + lanes.laneLog
        let tiles = 1 << (domain.logSize - tileLog)
        let threads = domain.parallel.threads
        // Ranges of 2^12 elements or more; one thread needs but one.
        let pieces = threads == 1 ? 1 : min(4 * threads, max(1, domain.size >> 12), tiles)
        domain.parallel.forEach(pieces) { piece in
            // Zeroed when done: it has held values of the elements.
            let bytes = tilesHeld * lanes.kernels.pointee.scratch(UInt32(pass.layers))
            let memory = SecretScalars<F>(count: bytes / MemoryLayout<F.Limbs>.stride + 1)
            memory.withUnsafeMutableElements { memory in
                guard let memory = UnsafeMutableRawPointer(memory.baseAddress) else { return }
                body(tiles * piece / pieces..<tiles * (piece + 1) / pieces, memory)
            }
        }
    }

    private func description(_ pass: Pass, inverse: Twiddles?, forward: Twiddles?) -> martlet_ntt4_pass {
        martlet_ntt4_pass(
            field: lanes.field, inverse: inverse, forward: forward, log: UInt32(domain.logSize),
            above: UInt32(pass.above), layers: UInt32(pass.layers))
    }

    private func withTwiddles(_ table: [F], _ body: (Twiddles) -> Void) {
        table.withUnsafeBufferPointer { table in
            if let base = table.baseAddress { body(lanes.limbs(base)) }
        }
    }
}
