// SPDX-License-Identifier: Apache-2.0

import Compute
package import Curves
import FiniteFields

/// What a file of gnark's is. The files have neither magic nor labels: it is told by the flags in the first
/// bytes of points, and by counts that fill the file exactly.
package struct GnarkLayout: Sendable, Hashable {
    /// What the file holds.
    package enum Content: Sendable, Hashable {
        case verifyingKey, proof, provingKey
        /// A constraint system.
        case constraints
        /// Values of inputs.
        case witness
    }

    /// What the file holds.
    package let content: Content
    /// The curve of the points; nil for witnesses, which do not tell, and constraint systems.
    package let curve: CurveID?
    /// Whether points are written without compression; false where there are none.
    package let isRaw: Bool

    /// Nil for a file that is none of gnark's, or damaged such that a count or a length is wrong.
    package init?(_ file: MappedFile) {
        if Self.isWitness(file) {
            self.init(content: .witness, curve: nil, isRaw: false)
            return
        }
        if GnarkConstraints.isIn(file) {
            self.init(content: .constraints, curve: nil, isRaw: false)
            return
        }
        for curve in GnarkSizes.curves {
            for isRaw in [false, true] {
                let walk = GnarkWalk(file: file, sizes: GnarkSizes(curve, isRaw: isRaw))
                for content in [Content.proof, .verifyingKey, .provingKey] where walk.fits(content) {
                    self.init(content: content, curve: curve, isRaw: isRaw)
                    return
                }
            }
        }
        return nil
    }

    /// What the file is called.
    package var kind: FileKind {
        switch content {
        case .verifyingKey: .gnarkVerifyingKey
        case .proof: .gnarkProof
        case .provingKey: .gnarkProvingKey
        case .witness: .gnarkWitness
        case .constraints: .gnarkConstraints
        }
    }

    private init(content: Content, curve: CurveID?, isRaw: Bool) {
        self.content = content
        self.curve = curve
        self.isRaw = isRaw
    }

    private static func isWitness(_ file: MappedFile) -> Bool {
        guard file.count >= 12, let head = try? file.read(at: 0, count: 12) else { return false }
        let counts = (0..<3).map { head.bigEndianInteger(at: 4 * $0, count: 4) }
        return counts[0] + counts[1] == counts[2] && UInt64(file.count) == 12 + 32 * counts[2]
    }
}

/// Follows the counts of a file.
private struct GnarkWalk {
    let file: MappedFile
    let sizes: GnarkSizes

    func fits(_ content: GnarkLayout.Content) -> Bool {
        var walker = Walker(file: file, sizes: sizes)
        switch content {
        case .proof: walker.proof()
        case .verifyingKey: walker.verifyingKey()
        case .provingKey: walker.provingKey()
        case .witness, .constraints: return false
        }
        return walker.offset == file.count
    }

    /// `offset` becomes nil where something does not fit.
    private struct Walker {
        let file: MappedFile
        let sizes: GnarkSizes
        var offset: Int? = 0

        mutating func proof() {
            point()
            skip(sizes.g2 + sizes.g1)
            points()
            skip(sizes.g1)
        }

        mutating func verifyingKey() {
            point()
            skip(2 * sizes.g1 + 3 * sizes.g2)
            points()
            let commitments = integer(4)
            repeatedly(commitments ?? 0) { $0.table(stride: 8) }
            guard integer(4) == commitments, let commitments else {
                offset = nil
                return
            }
            skip(sizes.g2, times: 2 * commitments)
        }

        mutating func provingKey() {
            skip(8 + 5 * 32 + 1)
            point()
            skip(2 * sizes.g1)
            for _ in 0..<4 { points() }
            skip(2 * sizes.g2)
            table(stride: sizes.g2)
            let wires = integer(8)
            skip(16)
            skip(2, times: wires ?? 0)
            repeatedly(2 * (integer(4) ?? 0)) { $0.points() }
        }

        /// As often as the file says, or has room for.
        private mutating func repeatedly(_ count: Int, _ step: (inout Walker) -> Void) {
            for _ in 0..<count {
                step(&self)
                if offset == nil { return }
            }
        }

        /// The first point, whose flags tell.
        private mutating func point() {
            guard let at = offset, at < file.count, let byte = try? file.read(at: at, count: 1)[0],
                let flag = GnarkFlag(byte, spareBits: sizes.spareBits), flag.isRaw == sizes.isRaw
            else {
                offset = nil
                return
            }
            skip(sizes.g1)
        }

        private mutating func points() { table(stride: sizes.g1) }

        private mutating func table(stride: Int) { skip(stride, times: integer(4) ?? 0) }

        private mutating func integer(_ count: Int) -> Int? {
            guard let at = offset, file.count - at >= count, let bytes = try? file.read(at: at, count: count)
            else {
                offset = nil
                return nil
            }
            offset = at + count
            return Int(exactly: bytes.bigEndianInteger(at: 0, count: count))
        }

        private mutating func skip(_ count: Int, times: Int = 1) {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: times)
            guard let at = offset, !overflow, bytes <= file.count - at else {
                offset = nil
                return
            }
            offset = at + bytes
        }
    }
}
