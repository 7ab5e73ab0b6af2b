// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Failures
import Testing

@Suite struct SummaryTests {
    @Test func medianOfOddAndEvenCounts() {
        #expect(Summary([3]).median == 3)
        #expect(Summary([5, 1, 3]).median == 3)
        #expect(Summary([4, 1, 3, 2]).median == 2.5)
        #expect(Summary([1, 1, 1, 100]).median == 1)
    }

    @Test func endsDoNotDependOnTheOrder() {
        let summary = Summary([2, 9, -1, 4])
        #expect(summary.min == -1)
        #expect(summary.max == 9)
    }
}

@Suite struct PlanTests {
    @Test func sizes() throws {
        #expect(try BenchmarkPlan.logSizes(parsing: "10,12,14") == [10, 12, 14])
        #expect(try BenchmarkPlan.logSizes(parsing: "10-13") == [10, 11, 12, 13])
        #expect(try BenchmarkPlan.logSizes(parsing: "4,10-12,11") == [4, 10, 11, 12])
    }

    @Test(arguments: [
        "", "a", "10,", "-10", "10-", "12-10", "0", "27", "1-99999999999", "10-12-14", "1e3", " 4",
    ])
    func sizesThatAreNone(_ text: String) {
        #expect(throws: BenchmarkError.self) { try BenchmarkPlan.logSizes(parsing: text) }
    }

    @Test func backends() throws {
        let names = try BenchmarkBackends.named(["cpu-portable", "cpu-portable"]).map(\.name)
        #expect(names == ["cpu-portable"])
        #expect(BenchmarkBackends.supported.contains { $0.name == "cpu-portable" })
        let error = #expect(throws: BenchmarkError.self) { try BenchmarkBackends.named(["gpu"]) }
        #expect(error?.message.contains("'gpu'") == true)
        #expect(error?.code.exitCode == 2)
    }

    @Test func valuesThatCannotBeUsed() {
        func refused(_ change: (inout BenchmarkPlan) -> Void) -> Bool {
            var plan = BenchmarkPlan()
            change(&plan)
            return (try? BenchmarkSession(plan: plan, backends: [])) == nil
        }
        #expect(!refused { _ in })
        #expect(refused { $0.runs = 0 })
        #expect(refused { $0.threads = -1 })
        #expect(refused { $0.logSizes = [99] })
        #expect(refused { $0.kinds = [.prove] })
    }
}
