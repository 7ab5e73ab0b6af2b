// SPDX-License-Identifier: Apache-2.0

/// Something that stays on a device between computations as long as there is room.
package protocol Resident: AnyObject {
    /// What it takes there.
    var byteCount: Int { get }
}

/// What a resident was made from: memory that some object owns.
///
/// The owner is not kept alive. Once it is gone its address may come back as another's, so a source is only
/// equal to one whose owner lives.
package struct ResidentSource {
    package weak var owner: AnyObject?
    package let address: UInt
    /// What else distinguishes residents of the same memory, such as "bn254-g1 /8".
    package let form: String

    package init(owner: AnyObject?, address: UInt, form: String) {
        self.owner = owner
        self.address = address
        self.form = form
    }

    func isSame(as other: ResidentSource) -> Bool {
        guard let owner, let theirs = other.owner else { return false }
        return owner === theirs && address == other.address && form == other.form
    }
}

/// The residents of one device, in the order of their last use.
package struct ResidentSet {
    private struct Entry {
        let source: ResidentSource
        let byteCount: Int
        /// A `Resident`.
        let object: AnyObject
    }

    /// The least recently used first.
    private var entries: [Entry] = []
    /// How many residents went to make room.
    package private(set) var evictions = 0

    package init() {}

    package var count: Int { entries.count }
    package var byteCount: Int { entries.reduce(0) { $0 + $1.byteCount } }

    /// The resident made from `source`, now the most recently used.
    package mutating func find<R: Resident>(_ source: ResidentSource, as type: R.Type = R.self) -> R? {
        entries.removeAll { $0.source.owner == nil }
        guard let index = entries.firstIndex(where: { $0.source.isSame(as: source) }) else { return nil }
        let entry = entries.remove(at: index)
        entries.append(entry)
        return entry.object as? R
    }

    package mutating func insert(_ resident: some Resident, from source: ResidentSource) {
        entries.append(Entry(source: source, byteCount: resident.byteCount, object: resident))
    }

    /// Lets the least recently used resident go that no computation uses; false when there is none.
    package mutating func evictOne() -> Bool {
        for index in entries.indices {
            let detached = detach(index)
            guard let object = detached.object else {
                evictions += 1
                return true
            }
            // Somebody uses it: going now would free nothing.
            entries.insert(
                Entry(source: detached.source, byteCount: detached.byteCount, object: object), at: index)
        }
        return false
    }

    private struct Detached {
        let source: ResidentSource
        let byteCount: Int
        weak var object: AnyObject?
    }

    /// Takes an entry out; its object lives on only where others refer to it.
    @inline(never)
    private mutating func detach(_ index: Int) -> Detached {
        let entry = entries.remove(at: index)
        return Detached(source: entry.source, byteCount: entry.byteCount, object: entry.object)
    }
}
