// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import ProvingEngine
import Synchronization
import SystemTestSupport
import Testing

@Suite struct KeyCacheTests {
    /// A folder of files and a cache whose keys are their contents, each costing its size.
    final class Bench: Sendable {
        let folder: String
        let loads = Mutex<[String]>([])
        let delay: UInt32
        let mayLoad = Atomic<Bool>(true)

        init(delay: UInt32 = 0) throws {
            folder = try makeTemporaryDirectory()
            self.delay = delay
        }
        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func cache(budget: Int) -> KeyCache<String> {
            KeyCache(budget: budget) { [self] (path) throws(JobFailure) in
                loads.withLock { $0.append((path as NSString).lastPathComponent) }
                if delay > 0 { usleep(delay) }
                guard mayLoad.load(ordering: .relaxed) else {
                    throw JobFailure(code: .badInput, message: "no")
                }
                let text =
                    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
                    ?? ""
                return .init(key: text, bytes: text.utf8.count)
            }
        }

        @discardableResult
        func write(_ name: String, _ text: String) throws -> String {
            let path = folder + "/" + name
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            return path
        }
    }

    @Test func aKeyIsLoadedOnceUntilItsFileIsReplaced() throws {
        let bench = try Bench()
        let cache = bench.cache(budget: 100)
        let path = try bench.write("a", "one")
        let first = try cache.key(at: path)
        #expect(first.key == "one" && !first.isHit && first.isKept)
        #expect(try cache.key(at: path).isHit)
        try bench.write("a", "two")
        let second = try cache.key(at: path)
        #expect(second.key == "two" && !second.isHit)
        // The old one is gone at once.
        #expect(counts(cache) == [1, 3, 2, 0])
    }

    @Test func theKeyUsedLongestAgoGoesFirst() throws {
        let bench = try Bench()
        let cache = bench.cache(budget: 10)
        let paths = try ["a", "b", "c"].map { try bench.write($0, "four") }
        _ = try cache.key(at: paths[0])
        _ = try cache.key(at: paths[1])
        _ = try cache.key(at: paths[0])
        _ = try cache.key(at: paths[2])
        #expect(counts(cache) == [2, 8, 3, 1])
        #expect(try cache.key(at: paths[0]).isHit)
        #expect(try !cache.key(at: paths[1]).isHit)
    }

    @Test func aKeyLargerThanTheBudgetIsNotKept() throws {
        let bench = try Bench()
        let cache = bench.cache(budget: 10)
        _ = try cache.key(at: try bench.write("small", "x"))
        let path = try bench.write("large", String(repeating: "x", count: 11))
        for _ in 1...2 {
            let lookup = try cache.key(at: path)
            #expect(!lookup.isHit && !lookup.isKept)
        }
        #expect(counts(cache) == [1, 1, 3, 0])
    }

    @Test(arguments: [100, 0])
    func callersAtTheSameTimeShareALoad(budget: Int) throws {
        let bench = try Bench(delay: 300_000)
        let cache = bench.cache(budget: budget)
        let path = try bench.write("a", "one")
        let found = Mutex<[String]>([])
        runTogether(8) {
            let key = (try? cache.key(at: path).key) ?? "failed"
            found.withLock { $0.append(key) }
        }
        #expect(found.withLock { $0 } == Array(repeating: "one", count: 8))
        #expect(bench.loads.withLock { $0.count } == 1)
    }

    @Test func aFailureReachesAllWaitersAndIsNotKept() throws {
        let bench = try Bench(delay: 300_000)
        let cache = bench.cache(budget: 100)
        let path = try bench.write("a", "one")
        bench.mayLoad.store(false, ordering: .relaxed)
        let failures = Atomic<Int>(0)
        runTogether(4) {
            do throws(JobFailure) { _ = try cache.key(at: path) } catch {
                if error.code == .badInput { failures.add(1, ordering: .relaxed) }
            }
        }
        #expect(failures.load(ordering: .relaxed) == 4 && bench.loads.withLock { $0.count } == 1)
        bench.mayLoad.store(true, ordering: .relaxed)
        #expect(try cache.key(at: path).key == "one")
    }

    @Test func whatIsNoFileIsRefused() throws {
        let bench = try Bench()
        let cache = bench.cache(budget: 100)
        for path in [bench.folder, bench.folder + "/none", "/dev/zero"] {
            #expect(throws: JobFailure.self) { try cache.key(at: path) }
        }
        #expect(bench.loads.withLock { $0.isEmpty })
    }

    /// How many keys are kept, their bytes, the loads and the evictions.
    private func counts(_ cache: KeyCache<String>) -> [Int] {
        let statistics = cache.statistics
        return [statistics.count, statistics.bytes, statistics.loads, statistics.evictions]
    }

    private func runTogether(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        let group = DispatchGroup()
        for _ in 0..<count {
            group.enter()
            Thread.detachNewThread {
                body()
                group.leave()
            }
        }
        group.wait()
    }
}
