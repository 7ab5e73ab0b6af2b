// SPDX-License-Identifier: Apache-2.0

package import CFieldKernels
package import FiniteFields

/// The transforms of one domain in lanes, as passes over the array; see docs/ntt.md.
package struct LaneTransform<F: PrimeField> {
    package let domain: EvaluationDomain<F>
    package let lanes: LaneKernels<F>
    /// The layers of each pass, the widest first.
    package let passes: [Pass]

    package struct Pass {
        /// Layers of the transform above it.
        let above: Int
        let layers: Int
    }

    package typealias Twiddles = UnsafePointer<martlet_limbs4>

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

    /// One pass over the values: its inverse layers where `inverse` has their factors, then its forward ones
    /// where `forward` has theirs.
    package func run(
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
    package func forTiles(
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

    /// What the kernels take for a pass.
    package func description(_ pass: Pass, inverse: Twiddles?, forward: Twiddles?) -> martlet_ntt4_pass {
        martlet_ntt4_pass(
            field: lanes.field, inverse: inverse, forward: forward, log: UInt32(domain.logSize),
            above: UInt32(pass.above), layers: UInt32(pass.layers))
    }

    package func withTwiddles(_ table: [F], _ body: (Twiddles) -> Void) {
        table.withUnsafeBufferPointer { table in
            if let base = table.baseAddress { body(lanes.limbs(base)) }
        }
    }
}
