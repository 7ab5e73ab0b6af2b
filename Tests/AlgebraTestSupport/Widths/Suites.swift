// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Compute

extension Wide: ComputeSuite {}
extension Wide.G1: ComputeGroup {}
extension Wide.G2: ComputeGroup {}

extension Narrow: ComputeSuite {}
extension Narrow.G1: ComputeGroup {}
extension Narrow.G2: ComputeGroup {}

extension BLS12377Twist: ComputeGroup {
    package static var additionKernel: Int? { MARTLET_BLS12_377_G1 }
}
