// SPDX-License-Identifier: Apache-2.0

/// Keccak-256 as Ethereum has it: Keccak[512] with the padding of the submission, which is not SHA3-256's.
///
/// - Reference: Bertoni, Daemen, Peeters and Van Assche 2011, "The Keccak reference", version 3.0.
package enum Keccak256 {
    /// Bytes that are absorbed between two permutations.
    private static let rate = 136

    /// The 32 bytes of the message's digest.
    package static func bytes(of message: some Collection<UInt8>) -> [UInt8] {
        var padded = Array(message)
        padded.append(0x01)
        padded.append(contentsOf: repeatElement(0, count: (rate - padded.count % rate) % rate))
        padded[padded.count - 1] |= 0x80
        var lanes = [UInt64](repeating: 0, count: 25)
        for block in stride(from: 0, to: padded.count, by: rate) {
            for i in 0..<rate { lanes[i / 8] ^= UInt64(padded[block + i]) << UInt64(8 * (i % 8)) }
            permute(&lanes)
        }
        return (0..<32).map { UInt8(truncatingIfNeeded: lanes[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }

    /// Keccak-f[1600]; lane (x, y) is `lanes[x + 5·y]`.
    private static func permute(_ lanes: inout [UInt64]) {
        var columns = [UInt64](repeating: 0, count: 5)
        var moved = [UInt64](repeating: 0, count: 25)
        for constant in roundConstants {
            for x in 0..<5 {
                columns[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            }
            for x in 0..<5 {
                let mix = columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1)
                for y in 0..<5 { lanes[x + 5 * y] ^= mix }
            }
            for x in 0..<5 {
                for y in 0..<5 {
                    moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(lanes[x + 5 * y], rotations[x + 5 * y])
                }
            }
            for y in 0..<5 {
                for x in 0..<5 {
                    lanes[x + 5 * y] =
                        moved[x + 5 * y] ^ (~moved[(x + 1) % 5 + 5 * y] & moved[(x + 2) % 5 + 5 * y])
                }
            }
            lanes[0] ^= constant
        }
    }

    private static func rotate(_ lane: UInt64, _ by: UInt64) -> UInt64 {
        by == 0 ? lane : lane << by | lane >> (64 - by)
    }

    /// By how much lane (x, y) is rotated: the triangular numbers modulo 64, along the path of π.
    private static let rotations: [UInt64] = {
        var result = [UInt64](repeating: 0, count: 25)
        var (x, y) = (1, 0)
        for step in 0..<24 {
            result[x + 5 * y] = UInt64((step + 1) * (step + 2) / 2 % 64)
            (x, y) = (y, (2 * x + 3 * y) % 5)
        }
        return result
    }()

    /// What ι adds in each of the 24 rounds: bits of a shift register over x⁸ + x⁶ + x⁵ + x⁴ + 1.
    private static let roundConstants: [UInt64] = {
        var register: UInt8 = 1
        return (0..<24).map { _ in
            var constant: UInt64 = 0
            for exponent in 0..<7 {
                if register & 1 == 1 { constant |= 1 << UInt64((1 << exponent) - 1) }
                register = register << 1 ^ (register & 0x80 == 0 ? 0 : 0x71)
            }
            return constant
        }
    }()
}
