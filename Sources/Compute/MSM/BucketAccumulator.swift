import EllipticCurves
import FiniteFields

/// Sums points by bucket with batched affine additions.
///
/// Points arrive ordered by bucket. A chunk of them is gathered; within each bucket neighbours are paired, all pairs of
/// the chunk are added with one inversion, and the results are paired again until one point a bucket is left: a tree,
/// so no two additions of a batch touch one slot. Slots of a bucket are contiguous and round k pairs those 2^k apart,
/// so results stay where they are.
///
/// An addition costs 5M + 1S, the inversion's share included. Equal, opposite and identity operands are handled.
struct BucketAccumulator<Group: CurveGroup>: ~Copyable {
    typealias Base = Group.BaseField

    /// A run of slots that belong to one bucket.
    struct Segment {
        var bucket: Int
        var start: Int
        var count: Int
    }

    /// A bucket's sum, or one of several that add up to it.
    struct Entry {
        var bucket: Int
        var sum: Affine<Group>
    }

    private let workspace: BucketWorkspace<Group>
    private let slots: UnsafeMutablePointer<Affine<Group>>
    private let denominators: UnsafeMutablePointer<Base>
    private let prefixes: UnsafeMutablePointer<Base>
    private var segments: [Segment] = []
    private var used = 0
    /// The sums so far, in the order of their buckets.
    private(set) var entries: [Entry] = []

    /// - Parameters:
    ///   - workspace: memory that nobody else uses meanwhile.
    ///   - entries: about how many sums to expect.
    init(in workspace: BucketWorkspace<Group>, entries expected: Int) {
        self.workspace = workspace
        slots = workspace.slots
        denominators = workspace.denominators
        prefixes = workspace.prefixes
        entries.reserveCapacity(expected)
    }

    /// Adds points of one bucket. Buckets must come in ascending order.
    mutating func add(_ terms: UnsafeBufferPointer<SignedIndex>, of table: PointTable<Group>, bucket: Int) {
        var at = 0
        while at < terms.count {
            if used == workspace.capacity { flush() }
            let take = min(terms.count - at, workspace.capacity - used)
            segments.append(Segment(bucket: bucket, start: used, count: take))
            for k in 0..<take {
                let term = terms[at + k]
                var point = table[unchecked: term.index]
                if term.isNegative { point.y = -point.y }
                slots[used + k] = point
            }
            used += take
            at += take
        }
    }

    /// Reduces the gathered points to one a segment and moves those to `entries`.
    mutating func flush() {
        var stride = 1
        while addPairs(stride) { stride *= 2 }
        for segment in segments {
            entries.append(Entry(bucket: segment.bucket, sum: slots[segment.start]))
        }
        segments.removeAll(keepingCapacity: true)
        used = 0
    }

    /// Adds to every slot whose distance from its segment's start is a multiple of 2·stride the one `stride` further.
    /// Returns false when there was no such pair.
    private mutating func addPairs(_ stride: Int) -> Bool {
        var pairs = 0
        var product = Base.one
        for segment in segments where segment.count > stride {
            for offset in Swift.stride(from: 0, to: segment.count - stride, by: 2 * stride) {
                let slot = segment.start + offset
                let denominator = prepare(slot, slot + stride)
                denominators[pairs] = denominator
                prefixes[pairs] = product
                if !denominator.isZero { product *= denominator }
                pairs += 1
            }
        }
        guard pairs > 0, var inverse = product.inverse() else { return false }
        for segment in segments.reversed() where segment.count > stride {
            let last = (segment.count - stride - 1) / (2 * stride) * (2 * stride)
            for offset in Swift.stride(from: last, through: 0, by: -2 * stride) {
                pairs -= 1
                let denominator = denominators[pairs]
                if denominator.isZero { continue }
                let slot = segment.start + offset
                complete(slot, slot + stride, inverse: inverse * prefixes[pairs])
                inverse *= denominator
            }
        }
        return true
    }

    /// The denominator of the slope through two slots; zero when the sum needed none and is in place already.
    @inline(__always)
    private func prepare(_ first: Int, _ second: Int) -> Base {
        let p = slots[first]
        let q = slots[second]
        let difference = q.x - p.x
        // Both being the identity falls under equal x; an identity beside another point must be looked for.
        if !difference.isZero && !(p.x.isZero && p.y.isZero) && !(q.x.isZero && q.y.isZero) {
            return difference
        }
        if p.isIdentity {
            slots[first] = q
            return .zero
        }
        if q.isIdentity { return .zero }
        if p.y == q.y && !p.y.isZero { return p.y.doubled() }
        slots[first] = .identity
        return .zero
    }

    /// Writes the sum of two slots into the first, given the inverse of the denominator.
    @inline(__always)
    private func complete(_ first: Int, _ second: Int, inverse: Base) {
        let p = slots[first]
        let q = slots[second]
        var numerator = q.y - p.y
        if p.x == q.x {
            let square = p.x.squared()
            numerator = square.doubled() + square
        }
        let slope = numerator * inverse
        let x = slope.squared() - p.x - q.x
        slots[first] = Affine(x: x, y: slope * (p.x - x) - p.y)
    }

    /// Σ bucket · sum over all entries, by the running sum from the highest bucket down.
    ///
    /// - Complexity: a mixed addition an entry and a full addition a bucket; long gaps are jumped over.
    consuming func weightedSum() -> XYZZ<Group> {
        flush()
        guard var bucket = entries.last?.bucket else { return .identity }
        var running = XYZZ<Group>.identity
        var total = XYZZ<Group>.identity
        for entry in entries.reversed() {
            if entry.bucket < bucket {
                total += Self.multiple(bucket - entry.bucket, of: running)
                bucket = entry.bucket
            }
            running += entry.sum
        }
        return total + Self.multiple(bucket, of: running)
    }

    /// k·P for small k > 0.
    private static func multiple(_ k: Int, of point: XYZZ<Group>) -> XYZZ<Group> {
        if k == 1 { return point }
        var result = point
        for bit in Swift.stride(from: Int.bitWidth - 2 - k.leadingZeroBitCount, through: 0, by: -1) {
            result = result.doubled()
            if (k >> bit) & 1 == 1 { result += point }
        }
        return result
    }
}
