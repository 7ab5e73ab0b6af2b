// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// Bytes of points in a file of gnark's.
struct GnarkSizes: Sendable, Hashable {
    let g1, g2: Int
    let isRaw: Bool
    /// Bits that the base field leaves free in a coordinate's bytes, which hold the flags.
    let spareBits: Int

    /// The curves whose files are read.
    static let curves: [CurveID] = [.bn254, .bls12381]

    init(_ curve: CurveID, isRaw: Bool) {
        func sizes<Suite: CurveSuite>(_: Suite.Type) -> (bytes: Int, bits: Int) {
            (Suite.Fp.byteCount, Suite.Fp.bitWidth)
        }
        let (bytes, bits) = sizes(curve.suite)
        g1 = isRaw ? 2 * bytes : bytes
        g2 = 2 * g1
        self.isRaw = isRaw
        spareBits = 8 * bytes - bits
    }
}

/// The flags in the first byte of a point, as gnark writes them.
enum GnarkFlag: Sendable {
    case raw, rawInfinity, smallerY, largerY, infinity

    /// Nil for bits that no point has.
    init?(_ byte: UInt8, spareBits: Int) {
        switch (spareBits >= 3, spareBits >= 3 ? byte >> 5 : byte >> 6) {
        case (true, 0b000), (false, 0b00): self = .raw
        case (true, 0b010): self = .rawInfinity
        case (true, 0b100), (false, 0b10): self = .smallerY
        case (true, 0b101), (false, 0b11): self = .largerY
        case (true, 0b110), (false, 0b01): self = .infinity
        default: return nil
        }
    }

    /// The bits of a byte that are no flags.
    static func mask(spareBits: Int) -> UInt8 { spareBits >= 3 ? 0x1f : 0x3f }

    /// Whether the flag belongs to a point without compression.
    var isRaw: Bool { self == .raw || self == .rawInfinity }
}

extension [UInt8] {
    /// The big-endian integer of up to eight bytes.
    func bigEndianInteger(at offset: Int, count: Int) -> UInt64 {
        self[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The little-endian integer of up to eight bytes.
    func littleEndianInteger(at offset: Int, count: Int) -> UInt64 {
        self[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
