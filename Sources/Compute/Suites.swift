// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
public import Curves

// The list of all curves that proofs are made on. Conformances with concrete types here are what makes the
// compiler specialise the bodies of `ComputeGroup` and `ComputeSuite`.

extension BN254: ComputeSuite {}
extension BN254.G1: ComputeGroup { public static var additionKernel: Int? { MARTLET_BN254_G1 } }
extension BN254.G2: ComputeGroup { public static var additionKernel: Int? { MARTLET_BN254_G2 } }

extension BLS12381: ComputeSuite {}
extension BLS12381.G1: ComputeGroup { public static var additionKernel: Int? { MARTLET_BLS12_381_G1 } }
extension BLS12381.G2: ComputeGroup { public static var additionKernel: Int? { MARTLET_BLS12_381_G2 } }

extension BLS12377: ComputeSuite {}
extension BLS12377.G1: ComputeGroup { public static var additionKernel: Int? { MARTLET_BLS12_377_G1 } }
extension BLS12377.G2: ComputeGroup { public static var additionKernel: Int? { MARTLET_BLS12_377_G2 } }

extension Grumpkin: ComputeGroup { public static var additionKernel: Int? { MARTLET_GRUMPKIN } }

/// Calls `body` with the suite of a curve that is known at run time only: the one switch over curves.
///
/// `body` hands the suite on to a generic function, `{ suite in try read(suite) }`. Inlined into its caller,
/// this makes the compiler specialise that function for each curve, where it is of the caller's module.
///
/// The function is generic over the suite and nothing else, and the caller over nothing, or it is not
/// specialised. Generic code that has a loop of its own over elements hands its operands as `Any` to such a
/// caller, with `Suite.id` (see `Quotient` in Groth16).
@inlinable
public func withSuite<Result, Failure: Error>(
    _ curve: CurveID, _ body: (any ComputeSuite.Type) throws(Failure) -> Result
) throws(Failure) -> Result {
    switch curve {
    case BN254.id: try body(BN254.self)
    case BLS12381.id: try body(BLS12381.self)
    case BLS12377.id: try body(BLS12377.self)
    default: preconditionFailure("\(curve.rawValue) is not in the list of suites")
    }
}
