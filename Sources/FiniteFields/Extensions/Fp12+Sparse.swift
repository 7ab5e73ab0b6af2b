// SPDX-License-Identifier: Apache-2.0

/// Products with the sparse elements that line functions are.
///
/// The digits in the names are the powers of w² = v and w in the order c0.c0, c0.c1, c0.c2, c1.c0, c1.c1,
/// c1.c2.
extension Fp12 {
    /// self·(a0 + (a3 + a4·v)·w), the line on a D-twist.
    @inlinable
    public mutating func multiplyBySparse034(_ a0: Fp2, _ a3: Fp2, _ a4: Fp2) {
        Parameters.multiply(&self, bySparse034: Fp6(a0, a3, a4))
    }

    /// self·(a0 + a1·v + a4·v·w), the line on an M-twist.
    @inlinable
    public mutating func multiplyBySparse014(_ a0: Fp2, _ a1: Fp2, _ a4: Fp2) {
        Parameters.multiply(&self, bySparse014: Fp6(a0, a1, a4))
    }
}
