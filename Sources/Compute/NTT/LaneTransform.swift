import CFieldKernels
import FiniteFields

/// The transforms of one domain in lanes, as passes over the array; see docs/ntt.md.
struct LaneTransform<F: PrimeField> {
    private let domain: EvaluationDomain<F>
    private let lanes: LaneKernels<F>
    /// The layers of each pass, the widest first.
    private let passes: [Pass]

    private struct Pass {
        var above: Int
        var layers: Int
    }

    private typealias Twiddles = UnsafePointer<martlet_limbs4>

    /// A pass works on 2^11 vectors at most: 320 KiB on AVX2, 640 KiB on AVX-512.
    private static var mostLayers: Int { 11 }

    /// Nil without kernels, or where the domain is too small for them.
    init?(domain: EvaluationDomain<F>, lanes: LaneKernels<F>?) {
        guard let lanes, domain.logSize >= 2 * lanes.laneLog else { return nil }
        self.domain = domain
        self.lanes = lanes
        // The first pass leaves at least laneLog layers below it, and the last has as many above.
        let count = max(2, (domain.logSize + Self.mostLayers - 1) / Self.mostLayers)
        passes = (0..<count).map {
            let (above, end) = (domain.logSize * $0 / count, domain.logSize * ($0 + 1) / count)
            return Pass(above: above, layers: end - above)
        }
    }

    /// As `EvaluationDomain.inverseUnscaled`.
    func inverse(_ values: UnsafeMutableBufferPointer<F>) {
        withTwiddles(domain.inverseTwiddles(lanes)) { inverse in
            for pass in passes { run(pass, inverse: inverse, forward: nil, on: values) }
        }
    }

    /// As `EvaluationDomain.forward`.
    func forward(_ values: UnsafeMutableBufferPointer<F>, at points: EvaluationDomain<F>.Points) {
        withTwiddles(domain.forwardTwiddles(points, lanes)) { forward in
            for pass in passes.reversed() { run(pass, inverse: nil, forward: forward, on: values) }
        }
    }

    /// From evaluations of three polynomials on the subgroup to a·b − c on the odd coset, canonical, in a.
    ///
    /// The narrowest inverse and forward layers share a pass, and the widest forward ones end in a·b − c. What is left
    /// in b and c has no use.
    func combineOnOddCoset(
        _ a: UnsafeMutableBufferPointer<F>, _ b: UnsafeMutableBufferPointer<F>,
        _ c: UnsafeMutableBufferPointer<F>
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
                combine(a, b, c, forward: forward)
            }
        }
    }

    /// The widest forward layers and a ← a·b − c of the true values, canonical, given n times each of them.
    private func combine(
        _ a: UnsafeMutableBufferPointer<F>, _ b: UnsafeMutableBufferPointer<F>,
        _ c: UnsafeMutableBufferPointer<F>, forward: Twiddles
    ) {
        let n = F(UInt64(domain.size))
        guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress, let first = passes.first,
            let inverse = n.inverse()
        else { return }
        // With x, y, z in memory as x·2^256…, ρ = 2^260 and s = n·2^256 there:
        // (x·y − z·s)/ρ = (na·nb − n·nc)·2^252, and that times 2^8/n², over ρ, is ab − c.
        let scale = n
        let unscale = F(montgomery: (F(256) * inverse.squared()).canonical)
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
    private func forTiles(of pass: Pass, scratch tilesHeld: Int, _ body: (Range<Int>, UnsafeMutableRawPointer) -> Void) {
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
