// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import Testing

@Suite struct SecretScalarsTests {
    /// Looks at the memory after it was given back: the allocator writes its own words at the start, the rest
    /// must be zero.
    @Test func memoryIsZeroedWhenTheLastReferenceGoes() throws {
        let pattern: UInt64 = 0x5ec2_e75e_c2e7_5ec2
        let count = 20
        var address: UInt?
        do {
            let secret = SecretScalars<BN254.Fr>(
                [Limbs4](repeating: Limbs4(l: (pattern, pattern, pattern, pattern)), count: count))
            secret.withElements { elements in
                address = elements.baseAddress.map { UInt(bitPattern: $0) }
                #expect(elements.allSatisfy { $0[3] == pattern })
            }
        }
        let freed = try #require(address.flatMap { UnsafeRawPointer(bitPattern: $0) })
        // This may see what another test allocated there since, but never the pattern.
        for word in 8..<4 * count {
            #expect(freed.load(fromByteOffset: 8 * word, as: UInt64.self) != pattern)
        }
    }

    /// The same of single values: a contributor's secret, a client's identity.
    @Test func aValueIsZeroedWhenTheLastReferenceGoes() throws {
        // Large, so that what the allocator writes into freed memory does not cover it.
        let pattern: UInt64 = 0x5ec2_e75e_c2e7_5ec3
        var address: UInt?
        do {
            let secret = SecretValue(SIMD32<UInt64>(repeating: pattern))
            address = secret.address
            #expect(secret.value[23] == pattern)
        }
        let freed = try #require(address.flatMap { UnsafeRawPointer(bitPattern: $0) })
        for word in 8..<32 { #expect(freed.load(fromByteOffset: 8 * word, as: UInt64.self) != pattern) }
    }

    @Test func elementsAreReadAndWritten() {
        let scalars = SecretScalars<BN254.Fr>(count: 3)
        #expect(scalars.count == 3 && scalars[2] == .zero)
        scalars.withUnsafeMutableElements { $0[1] = BN254.Fr(7).canonical }
        #expect(scalars.withElements { $0.map { $0[0] } } == [0, 7, 0])
    }
}
