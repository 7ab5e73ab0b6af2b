// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

extension CircuitBuilder {
    /// Wires for the inverses of combinations, 0 for those that are 0; nothing is said of them yet.
    ///
    /// All are computed with one inversion.
    public func inverses(of combinations: [Linear]) -> [Linear] {
        guard hasValues else { return combinations.map { _ in wire(.zero) } }
        var values = combinations.map(\.value)
        Scalar.batchInvert(&values)
        return values.map { wire($0) }
    }

    /// A wire for the inverse of a combination, 0 where that is 0; nothing is said of it yet.
    ///
    /// Its value is computed later, together with others: `enforce` takes it as it is, and `settled` gives
    /// what may be summed.
    public func deferredInverse(of x: Linear) -> PendingInverse {
        let index = wireCount
        let pending = PendingInverse(wire: wire(.zero))
        if hasValues {
            inverses.add(index, inverseOf: x.value)
            if inverses.isFull { settle() }
        }
        return pending
    }

    /// Demands a·b = c for an inverse that is still to come.
    public func enforce(_ a: Linear, times b: PendingInverse, equals c: Linear) {
        enforce(a, times: b.wire, equals: c)
    }

    /// Demands a·b = c for an inverse that is still to come.
    public func enforce(_ a: PendingInverse, times b: Linear, equals c: Linear) {
        enforce(a.wire, times: b, equals: c)
    }

    /// The wire of an inverse, with its value: all that are still to come are computed.
    public func settled(_ pending: PendingInverse) -> Linear {
        settle()
        guard let wire = pending.wire.wireNumber else { preconditionFailure() }
        return combination(Int(wire), value: value(of: Int(wire)))
    }
}
