// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
package import Compute
import FiniteFields

// What the quotient takes of the transforms in lanes beside their passes.
extension LaneTransform {
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
}
