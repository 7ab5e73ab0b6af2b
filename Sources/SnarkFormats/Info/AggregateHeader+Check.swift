// SPDX-License-Identifier: Apache-2.0

import Compute
import ProofAggregation

extension AggregateHeader {
    /// Reads the whole file, whose curve this is.
    ///
    /// - Throws: `.malformedAggregate`.
    func check<Suite: ComputeSuite>(_ file: MappedFile, of suite: Suite.Type) throws(FormatError) {
        let limit = AggregateProof<Suite>.sizeLimit
        guard file.count <= limit else {
            throw FormatError(.tooLarge(bytes: file.count, limit: limit), file: file.name)
        }
        let bytes = try file.read(at: 0, count: file.count)
        do throws(AggregationError) {
            _ = try AggregateProof<Suite>(encoded: bytes)
        } catch {
            guard case .malformed(let reason, let offset) = error else {
                throw FormatError(.malformedAggregate(error.message), file: file.name)
            }
            throw FormatError(
                .malformedAggregate(reason), file: file.name, place: FormatError.Place(offset: offset))
        }
    }
}
