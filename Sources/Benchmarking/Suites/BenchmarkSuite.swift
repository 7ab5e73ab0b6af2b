// SPDX-License-Identifier: Apache-2.0

package import Compute
public import Curves

/// A curve that can be measured.
///
/// The default body and all it calls live in this module; the conformances below make the compiler specialise
/// them, so that inputs are made, and loops over products run, at full speed (see `CPUKernels`).
package protocol BenchmarkSuite: CPUKernels {
    /// Measures every case of the session's plan that is of the given kind, on this curve.
    static func benchmark(_ kind: BenchmarkKind, _ session: BenchmarkSession) throws(BenchmarkError)
}

extension BN254: BenchmarkSuite {}
extension BLS12381: BenchmarkSuite {}
