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
        var isDone = true
        var pairs = 0
        var doublings: [UInt32] = []
        for segment in segments where segment.count > stride {
            isDone = false
            for offset in Swift.stride(from: 0, to: segment.count - stride, by: 2 * stride) {
                let first = segment.start + offset
                let second = first + stride
                switch settle(first, second) {
                case .added: break
                case .doubling: doublings.append(UInt32(truncatingIfNeeded: first))
                case .regular:
                    workspace.first[pairs] = UInt32(truncatingIfNeeded: first)
                    workspace.second[pairs] = UInt32(truncatingIfNeeded: second)
                    pairs += 1
                }
            }
        }
        if isDone { return false }
        if !workspace.addInLanes(pairs) { addBatch(pairs) }
        if !doublings.isEmpty { doubleBatch(doublings) }
        return true
    }

    private enum Pair { case regular, doubling, added }

    /// Says what kind of addition a pair of slots needs, and does it when it takes no inversion.
    @inline(__always)
    private func settle(_ first: Int, _ second: Int) -> Pair {
        let p = slots[first]
        let q = slots[second]
        // Both being the identity falls under equal x; an identity beside another point must be looked for.
        if p.x != q.x && !(p.x.isZero && p.y.isZero) && !(q.x.isZero && q.y.isZero) { return .regular }
        if p.isIdentity {
            slots[first] = q
        } else if q.isIdentity {
            // The sum is there.
        } else if p.y == q.y && !p.y.isZero {
            return .doubling
        } else {
            slots[first] = .identity
        }
        return .added
    }

    /// Adds the first `count` pairs of the workspace, which are regular.
    private func addBatch(_ count: Int) {
        var product = Base.one
        for k in 0..<count {
            let difference = slots[Int(workspace.second[k])].x - slots[Int(workspace.first[k])].x
            denominators[k] = difference
            prefixes[k] = product
            product *= difference
        }
        guard var inverse = product.inverse() else { return }
        for k in Swift.stride(from: count - 1, through: 0, by: -1) {
            let p = slots[Int(workspace.first[k])]
            let q = slots[Int(workspace.second[k])]
            let slope = (q.y - p.y) * (inverse * prefixes[k])
            inverse *= denominators[k]
            slots[Int(workspace.first[k])] = Self.sum(p, q.x, slope)
        }
    }

    /// Doubles the points in the given slots, none of which has y = 0.
    private func doubleBatch(_ places: [UInt32]) {
        var product = Base.one
        for (k, place) in places.enumerated() {
            denominators[k] = slots[Int(place)].y.doubled()
            prefixes[k] = product
            product *= denominators[k]
        }
        guard var inverse = product.inverse() else { return }
        for k in places.indices.reversed() {
            let p = slots[Int(places[k])]
            let square = p.x.squared()
            let slope = (square.doubled() + square) * (inverse * prefixes[k])
            inverse *= denominators[k]
            slots[Int(places[k])] = Self.sum(p, p.x, slope)
        }
    }

    /// The third point, reflected, of the line with the given slope through `p` and a point with x-coordinate `x2`.
    @inline(__always)
    private static func sum(_ p: Affine<Group>, _ x2: Base, _ slope: Base) -> Affine<Group> {
        let x = slope.squared() - p.x - x2
        return Affine(x: x, y: slope * (p.x - x) - p.y)
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
