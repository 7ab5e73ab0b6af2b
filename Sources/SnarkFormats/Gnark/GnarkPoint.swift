// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import Failures
import FiniteFields
import Synchronization

/// Why bytes are no point.
struct GnarkPointFault: CodedError {
    let reason: FormatError.Reason

    var code: FailureCode { .badInput }
    var message: String { "\(reason)" }
}

/// Takes points of one curve out of bytes as gnark writes them; see `GnarkCursor`. Subgroups are not checked.
///
/// Everything here is generic and fast only where it is compiled for a curve: tables go through `GnarkTable`.
struct GnarkPointReader<Suite: CurveSuite> {
    private typealias Fp = Suite.Fp
    private typealias Fp2 = Suite.Fp2

    private let sizes: GnarkSizes
    /// (p + 1)/4, with which powers are square roots where there are any; nil where p is 1 modulo 4.
    private let exponent: [UInt64]?
    private let half: Suite.Fp

    init(_ sizes: GnarkSizes) {
        self.sizes = sizes
        half = Fp(2).inverse() ?? .zero
        let modulus = Fp.modulus
        guard modulus[0] & 3 == 3 else {
            exponent = nil
            return
        }
        var quarter = modulus.shiftedRight(by: 2)
        quarter[0] += 1
        exponent = quarter.words
    }

    /// The point of G1 in as many bytes as one takes.
    func g1(_ bytes: UnsafeRawBufferPointer) throws(GnarkPointFault) -> Affine<Suite.G1> {
        let flag = try flag(bytes)
        let width = Fp.byteCount
        guard let x = element(bytes, 0, isMasked: true) else { throw fault(.coordinateOutOfRange) }
        if try isInfinity(flag, bytes) { return .identity }
        guard !flag.isRaw else {
            guard let y = element(bytes, width, isMasked: false) else { throw fault(.coordinateOutOfRange) }
            return try checked(Affine(x: x, y: y))
        }
        guard let y = root(x.squared() * x + Suite.G1.b) else { throw fault(.pointNotOnCurve) }
        guard !y.isZero || flag == .smallerY else { throw fault(Self.zeroIsNotLarger) }
        return Affine(x: x, y: isLarger(y) == (flag == .largerY) ? y : -y)
    }

    /// The point of G2 in as many bytes as one takes.
    func g2(_ bytes: UnsafeRawBufferPointer) throws(GnarkPointFault) -> Affine<Suite.G2> {
        let flag = try flag(bytes)
        let width = Fp.byteCount
        guard let x1 = element(bytes, 0, isMasked: true), let x0 = element(bytes, width, isMasked: false)
        else { throw fault(.coordinateOutOfRange) }
        if try isInfinity(flag, bytes) { return .identity }
        let x = Fp2(x0, x1)
        guard !flag.isRaw else {
            guard let y1 = element(bytes, 2 * width, isMasked: false),
                let y0 = element(bytes, 3 * width, isMasked: false)
            else { throw fault(.coordinateOutOfRange) }
            return try checked(Affine(x: x, y: Fp2(y0, y1)))
        }
        guard let y = root(x.squared() * x + Suite.G2.b) else { throw fault(.pointNotOnCurve) }
        guard !y.isZero || flag == .smallerY else { throw fault(Self.zeroIsNotLarger) }
        let isLarger = y.c1.isZero ? isLarger(y.c0) : isLarger(y.c1)
        return Affine(x: x, y: isLarger == (flag == .largerY) ? y : -y)
    }

    private static var zeroIsNotLarger: FormatError.Reason {
        .pointEncoding("y is 0, and said to be the larger of two")
    }

    private func fault(_ reason: FormatError.Reason) -> GnarkPointFault { GnarkPointFault(reason: reason) }

    private func flag(_ bytes: UnsafeRawBufferPointer) throws(GnarkPointFault) -> GnarkFlag {
        guard let flag = GnarkFlag(bytes[0], spareBits: sizes.spareBits) else {
            throw fault(.pointEncoding("its first byte has bits set that stand for nothing"))
        }
        guard flag.isRaw == sizes.isRaw else {
            throw fault(
                .pointEncoding(
                    "it is written \(flag.isRaw ? "without" : "with") compression, and the first point of the file is not"
                ))
        }
        return flag
    }

    private func isInfinity(
        _ flag: GnarkFlag, _ bytes: UnsafeRawBufferPointer
    ) throws(GnarkPointFault) -> Bool {
        guard flag == .infinity || flag == .rawInfinity else { return false }
        guard bytes[0] & GnarkFlag.mask(spareBits: sizes.spareBits) == 0,
            bytes.dropFirst().allSatisfy({ $0 == 0 })
        else { throw fault(.pointEncoding("the point at infinity has coordinates")) }
        return true
    }

    /// Zeros are the point at infinity where no flag is left for it.
    private func checked<Group: CurveGroup>(
        _ point: Affine<Group>
    ) throws(GnarkPointFault) -> Affine<Group> {
        guard point.isOnCurve, !point.isIdentity || sizes.spareBits < 3 else {
            throw fault(.pointNotOnCurve)
        }
        return point
    }

    private func element(_ bytes: UnsafeRawBufferPointer, _ offset: Int, isMasked: Bool) -> Suite.Fp? {
        var limbs = Fp.Limbs.zero
        let count = Fp.Limbs.count
        for i in 0..<count {
            limbs[i] = UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8 * (count - 1 - i), as: UInt64.self))
        }
        if isMasked {
            limbs[count - 1] &=
                UInt64(GnarkFlag.mask(spareBits: sizes.spareBits)) << 56 | (1 << 56 - 1)
        }
        return Fp(canonical: limbs)
    }

    /// Whether y is above (p − 1)/2.
    private func isLarger(_ y: Suite.Fp) -> Bool { !y.isZero && (-y).canonical.isLess(than: y.canonical) }

    private func root(_ square: Suite.Fp) -> Suite.Fp? {
        guard let exponent else { return square.squareRoot() }
        let root = square.power(exponent)
        return root.squared() == square ? root : nil
    }

    /// The complex method, for u² = −1; see `Fp2.squareRoot`.
    private func root(_ square: Suite.Fp2) -> Suite.Fp2? {
        guard exponent != nil, !square.c1.isZero else { return square.squareRoot() }
        guard let norm = root(square.norm),
            let x = root((square.c0 + norm) * half) ?? root((square.c0 - norm) * half),
            let inverse = x.doubled().inverse()
        else { return nil }
        let root = Fp2(x, square.c1 * inverse)
        return root.squared() == square ? root : nil
    }
}

/// Tables of points, over threads and compiled for each curve of the list: functions without generic
/// parameters that hand operands to functions that are generic over the suite alone (see `withSuite`).
enum GnarkTable {
    typealias Fault = (index: Int, reason: FormatError.Reason)

    /// The points in bytes, as many as fill them.
    static func g1<Suite: ComputeSuite>(
        _ bytes: [UInt8], _ sizes: GnarkSizes, _ threads: Int, of _: Suite.Type
    ) throws(GnarkTableFault) -> [Affine<Suite.G1>] {
        let result = decoded(Suite.id, bytes, sizes, threads, isG2: false)
        if let fault = result.fault { throw GnarkTableFault(index: fault.index, reason: fault.reason) }
        return result.points as? [Affine<Suite.G1>] ?? []
    }

    /// The same in G2.
    static func g2<Suite: ComputeSuite>(
        _ bytes: [UInt8], _ sizes: GnarkSizes, _ threads: Int, of _: Suite.Type
    ) throws(GnarkTableFault) -> [Affine<Suite.G2>] {
        let result = decoded(Suite.id, bytes, sizes, threads, isG2: true)
        if let fault = result.fault { throw GnarkTableFault(index: fault.index, reason: fault.reason) }
        return result.points as? [Affine<Suite.G2>] ?? []
    }

    private static func decoded(
        _ curve: CurveID, _ bytes: [UInt8], _ sizes: GnarkSizes, _ threads: Int, isG2: Bool
    ) -> (points: Any, fault: Fault?) {
        withSuite(curve) { decode(on: $0, bytes, sizes, threads, isG2) }
    }

    private static func decode<Suite: ComputeSuite>(
        on _: Suite.Type, _ bytes: [UInt8], _ sizes: GnarkSizes, _ threads: Int, _ isG2: Bool
    ) -> (points: Any, fault: Fault?) {
        let reader = GnarkPointReader<Suite>(sizes)
        let first = Mutex<Fault?>(nil)
        let size = isG2 ? sizes.g2 : sizes.g1
        func note(_ index: Int, _ reason: FormatError.Reason) {
            first.withLock { found in
                if found.map({ $0.index > index }) ?? true { found = (index, reason) }
            }
        }
        let points: Any = bytes.withUnsafeBytes { bytes in
            func part(_ index: Int) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
            }
            let (count, parallel) = (bytes.count / size, Parallel(threads: threads))
            if isG2 {
                return parallel.map(count) { index in
                    do throws(GnarkPointFault) { return try reader.g2(part(index)) } catch {
                        note(index, error.reason)
                        return Affine<Suite.G2>.identity
                    }
                } as Any
            }
            return parallel.map(count) { index in
                do throws(GnarkPointFault) { return try reader.g1(part(index)) } catch {
                    note(index, error.reason)
                    return Affine<Suite.G1>.identity
                }
            }
        }
        return (points, first.withLock { $0 })
    }
}

/// The first of a table's points that is none.
struct GnarkTableFault: CodedError {
    let index: Int
    let reason: FormatError.Reason

    var code: FailureCode { .badInput }
    var message: String { "item \(index): \(reason)" }
}
