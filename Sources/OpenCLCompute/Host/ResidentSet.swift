/// Something that stays on a device between computations as long as there is room.
public protocol Resident: AnyObject {
    /// What it takes there.
    var byteCount: Int { get }
}

/// What a resident was made from: memory that some object owns.
///
/// The owner is not kept alive. Once it is gone its address may come back as another's, so a source is only equal to one
/// whose owner lives.
struct ResidentSource {
    weak var owner: AnyObject?
    let address: UInt
    /// What else distinguishes residents of the same memory, such as "bn254-g1 /8".
    let form: String

    func isSame(as other: ResidentSource) -> Bool {
        guard let owner, let theirs = other.owner else { return false }
        return owner === theirs && address == other.address && form == other.form
    }
}

/// The residents of one device, in the order of their last use.
struct ResidentSet {
    private struct Entry {
        let source: ResidentSource
        var resident: any Resident
    }

    /// The least recently used first.
    private var entries: [Entry] = []
    /// How many residents went to make room.
    private(set) var evictions = 0

    var count: Int { entries.count }
    var byteCount: Int { entries.reduce(0) { $0 + $1.resident.byteCount } }

    /// The resident made from `source`, now the most recently used.
    mutating func find<R: Resident>(_ source: ResidentSource, as type: R.Type = R.self) -> R? {
        entries.removeAll { $0.source.owner == nil }
        guard let index = entries.firstIndex(where: { $0.source.isSame(as: source) }) else { return nil }
        let entry = entries.remove(at: index)
        entries.append(entry)
        return entry.resident as? R
    }

    mutating func insert(_ resident: some Resident, from source: ResidentSource) {
        entries.append(Entry(source: source, resident: resident))
    }

    /// Lets the least recently used resident go that no computation uses; false when there is none.
    mutating func evictOne() -> Bool {
        for index in entries.indices where isKnownUniquelyReferenced(&entries[index].resident) {
            entries.remove(at: index)
            evictions += 1
            return true
        }
        return false
    }

    mutating func removeAll() { entries = [] }
}
