// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import OpenCLCompute

extension StepRun {
    /// What the device can do at most, and what products of field elements make of it.
    func rates() throws {
        let queue = try openQueue()
        check("copies come back as they went") {
            let bytes = isQuick ? 4 << 20 : device.isCPU ? 64 << 20 : 512 << 20
            let copies = try queue.run { try PeakRates.copies(byteCount: bytes, on: $0) }
            figure("copies of", Double(bytes), "bytes")
            figure("to the device, pinned", copies.upload, "bytes/s")
            figure("from the device, pinned", copies.download, "bytes/s")
            figure("to the device, not pinned, by the driver", copies.uploadUnpinned, "bytes/s")
            figure("to the device, not pinned, by Martlet", copies.uploadCopied, "bytes/s")
            figure("from the device, not pinned", copies.downloadUnpinned, "bytes/s")
            figure("within the device, read and written", copies.within, "bytes/s")
            return []
        }
        var peaks: [PeakRates.Chain: Double] = [:]
        for chain in PeakRates.Chain.allCases where hasTime(for: chain.rawValue) {
            check("chains of \(chain)") {
                let rate = try queue.run { try PeakRates.multiplyAdds(chain, on: $0) }
                peaks[chain] = rate
                figure("\(chain)", rate, "multiply-adds/s")
                return []
            }
        }
        for variant in ProductVariant.candidates(for: device) {
            products(BN254.Fp.self, variant, peaks[.mad32wide], queue)
            products(BLS12381.Fp.self, variant, peaks[.mad32wide], queue)
        }
    }

    private func products<F: PrimeField>(
        _ field: F.Type, _ variant: ProductVariant, _ peak: Double?, _ queue: DeviceQueue
    ) {
        let name = "products in \(F.name) by \(variant.rawValue)"
        guard hasTime(for: name) else { return }
        do {
            let rate = try queue.run { queue in
                try FieldCheck<F>(variant: variant).productsPerSecond(on: queue)
            }
            figure(name, rate, "products/s")
            // Word products of a Montgomery product: the operands', the reductions', and one a word for the
            // quotient.
            let words = Double(2 * F.Limbs.count)
            if let peak {
                figure("\(name), part of the multiply-add peak", rate * (2 * words + 1) * words / peak, "")
            }
        } catch {
            note("\(name): \(error)")
        }
    }
}
