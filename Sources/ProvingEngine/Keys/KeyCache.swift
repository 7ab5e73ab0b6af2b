// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundations
import Synchronization

/// Proving keys that were loaded once and are kept for the next job, under a budget of bytes.
///
/// A key is known by its path and by which file is there (`FileIdentity`), so a replaced file is loaded anew.
/// Several callers that want one key at the same time wait for a single load. When the budget is exceeded,
/// the keys that were used longest ago go; a key that is in use lives on until its user lets go of it. A key
/// larger than the whole budget is handed out and not kept. Every function may be called from any thread and
/// blocks it.
package final class KeyCache<Key: Sendable>: Sendable {
    /// A key with what it costs.
    package struct Loaded: Sendable {
        /// The key.
        package let key: Key
        /// How many bytes it occupies, by estimate.
        package let bytes: Int

        /// A key with what it costs.
        package init(key: Key, bytes: Int) {
            self.key = key
            self.bytes = bytes
        }
    }

    /// How a key is made from the file at a path.
    package typealias Loader = @Sendable (_ path: String) throws(JobFailure) -> Loaded

    /// A key and where it came from.
    package struct Lookup: Sendable {
        /// The key.
        package let key: Key
        /// Whether it was in the cache, or is another caller's load.
        package let isHit: Bool
        /// Whether it is kept for the next caller.
        package let isKept: Bool
    }

    /// What is in the cache.
    package struct Statistics: Sendable, Equatable {
        /// How many keys are kept.
        package var count = 0
        /// Their bytes.
        package var bytes = 0
        /// How many loads were started.
        package var loads = 0
        /// How many keys went to make room.
        package var evictions = 0
    }

    /// How many bytes of keys are kept at most.
    package let budget: Int

    private struct Place: Hashable {
        var path: String
        var identity: FileIdentity
    }

    /// A load in progress, whose outcome comes; those who wait for it hold on to it.
    private typealias Load = Monitor<Result<Loaded, JobFailure>?>

    private enum Slot {
        case loading(Load)
        case ready(Loaded, lastUse: UInt64)
    }

    private struct State {
        var slots: [Place: Slot] = [:]
        var clock: UInt64 = 0
        var counts = Statistics()
    }

    private let load: Loader
    private let state = Mutex(State())

    /// An empty cache.
    package init(budget: Int, load: @escaping Loader) {
        self.budget = max(0, budget)
        self.load = load
    }

    /// The key in the file that is at `path` now.
    ///
    /// - Parameter name: what errors of this cache call the file, where that is not its path.
    /// - Throws: `JobFailure` of the look at the file or of the load. A failure is not kept: the next caller
    ///   tries anew.
    package func key(at path: String, named name: String? = nil) throws(JobFailure) -> Lookup {
        let place = Place(path: path, identity: try FileIdentity(path: path, named: name))
        switch begin(place) {
        case .ready(let loaded):
            return Lookup(key: loaded.key, isHit: true, isKept: loaded.bytes <= budget)
        case .loading(let other):
            let loaded = try other.wait { $0 }.get()
            return Lookup(key: loaded.key, isHit: true, isKept: loaded.bytes <= budget)
        case .mine(let mine):
            let outcome = loadUnchanged(place, name ?? path)
            finish(mine, place, outcome)
            let loaded = try outcome.get()
            return Lookup(key: loaded.key, isHit: false, isKept: loaded.bytes <= budget)
        }
    }

    private func loadUnchanged(_ place: Place, _ name: String) -> Result<Loaded, JobFailure> {
        do throws(JobFailure) {
            let loaded = try load(place.path)
            guard try FileIdentity(path: place.path, named: name) == place.identity else {
                throw JobFailure(
                    code: .infrastructure, message: "\(name): the file changed while it was read")
            }
            return .success(loaded)
        } catch {
            return .failure(error)
        }
    }

    /// What is in the cache now.
    package var statistics: Statistics {
        state.withLock { state in
            var result = state.counts
            for case .ready(let loaded, _) in state.slots.values {
                result.count += 1
                result.bytes += loaded.bytes
            }
            return result
        }
    }

    private enum Start {
        case ready(Loaded)
        case loading(Load)
        case mine(Load)
    }

    /// Gives the key that is there, the load that is in progress, or makes the caller the one who loads.
    private func begin(_ place: Place) -> Start {
        state.withLock { state in
            switch state.slots[place] {
            case .ready(let loaded, _):
                state.clock += 1
                state.slots[place] = .ready(loaded, lastUse: state.clock)
                return .ready(loaded)
            case .loading(let other):
                return .loading(other)
            case nil:
                let mine = Load(nil)
                state.slots[place] = .loading(mine)
                state.counts.loads += 1
                return .mine(mine)
            }
        }
    }

    private func finish(_ mine: Load, _ place: Place, _ outcome: Result<Loaded, JobFailure>) {
        state.withLock { state in
            state.slots[place] = nil
            if case .success(let loaded) = outcome, loaded.bytes <= budget {
                // An older file at the same path is of no use any more.
                for old in state.slots.keys where old.path == place.path {
                    if case .ready = state.slots[old] { state.slots[old] = nil }
                }
                state.clock += 1
                state.slots[place] = .ready(loaded, lastUse: state.clock)
                makeRoom(&state)
            }
        }
        mine.change { $0 = outcome }
    }

    private func makeRoom(_ state: inout State) {
        var kept: [(place: Place, bytes: Int, lastUse: UInt64)] = []
        for (place, slot) in state.slots {
            if case .ready(let loaded, let lastUse) = slot { kept.append((place, loaded.bytes, lastUse)) }
        }
        var total = kept.reduce(0) { $0 + $1.bytes }
        for entry in kept.sorted(by: { $0.lastUse < $1.lastUse }) where total > budget {
            state.slots[entry.place] = nil
            total -= entry.bytes
            state.counts.evictions += 1
        }
    }
}
