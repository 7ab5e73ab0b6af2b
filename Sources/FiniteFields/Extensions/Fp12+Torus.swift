// SPDX-License-Identifier: Apache-2.0

/// Elements of norm one over Fp6, as pairing values are, in half the space.
///
/// - Reference: Rubin and Silverberg 2003, "Torus-based cryptography", for T₂.
extension Fp12 {
    /// (1 + c0)/c1 for an element of norm one over Fp6 other than −1; zero for one. `nil` for −1 and for
    /// elements of another norm.
    public var torusCompressed: Fp6? {
        guard c0.squared() - c1.squared().timesV() == .one else { return nil }
        guard let inverse = c1.inverse() else { return c0 == .one ? .zero : nil }
        return (Fp6.one + c0) * inverse
    }

    /// The element of norm one that `torusCompressed` gave for it: (g + w)/(g − w); every value of Fp6 stands
    /// for one.
    public init(torusCompressed g: Fp6) {
        guard !g.isZero else {
            self = .one
            return
        }
        // g² − v is not zero: v is not a square.
        let square = g.squared()
        let v = Fp6.one.timesV()
        let inverse = (square - v).inverse() ?? .zero
        self.init((square + v) * inverse, (g + g) * inverse)
    }
}
