// SPDX-License-Identifier: Apache-2.0

/// Work that is measured: what to do, how much of it there is, and how to tell that it was done right.
struct Workload {
    /// Of what the cost is given beside the time of the whole.
    enum Unit {
        /// Terms of a sum of points.
        case points(Int)
        /// Butterflies of a transform.
        case butterflies(Int)
        /// Constraints of a circuit.
        case constraints(Int)

        var count: Int {
            switch self {
            case .points(let count), .butterflies(let count), .constraints(let count): count
            }
        }
    }

    /// The name in tables and in the peers' file, such as "msm-g1".
    var work: String
    var logSize: Int?
    var unit: Unit?
    /// How many operations one `run` makes; the figures are those of one operation.
    var operations = 1
    /// How many bytes it is given.
    var inputBytes = 0
    /// Puts the inputs in place for a run that is checked; not measured.
    var prepare: () -> Void = {}
    var run: () throws(BenchmarkError) -> Void
    /// Whether what the last run left is right. Called on the portable path, straight after a prepared run.
    var isRight: () throws(BenchmarkError) -> Bool
}

/// What measuring a workload gave; seconds are those of one operation.
struct Measurement {
    var cpu: Summary
    var wall: Summary
    var repetitions: Int
    var peakMemory: Int
    /// How far the peak rose above what was resident before the first run; nil where the system does not say.
    var workingMemory: Int?
    /// False when the peak is that of the whole process so far, because it cannot be reset here.
    var peakIsOwn: Bool
}

extension Workload {
    /// Runs shorter than this are repeated within one measurement: it is some thousand times the cost of
    /// reading the clocks.
    static let shortestRun = 0.005

    /// Measures `runs` runs after one that warms up.
    ///
    /// The first run and one after the last measured one are checked, so a wrong result gives no figure.
    ///
    /// - Parameters:
    ///   - select: makes the process use the backend under test.
    ///   - selectPortable: makes it use the portable path, on which results are checked.
    /// - Throws: `.wrongResult`, or what the work throws.
    func measure(
        runs: Int, select: () throws(BenchmarkError) -> Void,
        selectPortable: () throws(BenchmarkError) -> Void
    ) throws(BenchmarkError) -> Measurement {
        ProcessMeter.releaseFreeMemory()
        prepare()
        let resident = ProcessMeter.residentMemory
        let peakIsOwn = ProcessMeter.resetPeakMemory()
        try select()
        let start = ProcessMeter.wallSeconds
        try run()
        let first = ProcessMeter.wallSeconds - start
        // Read before the check, which takes memory too.
        let peak = ProcessMeter.peakMemory
        try check(selectPortable)
        try select()
        let repetitions = Int(max(1, min(1000, (Self.shortestRun / max(first, 1e-9)).rounded(.up))))
        var cpu: [Double] = []
        var wall: [Double] = []
        for _ in 0..<runs {
            let (wallStart, cpuStart) = (ProcessMeter.wallSeconds, ProcessMeter.cpuSeconds)
            for _ in 0..<repetitions { try run() }
            let (cpuEnd, wallEnd) = (ProcessMeter.cpuSeconds, ProcessMeter.wallSeconds)
            let count = Double(repetitions * operations)
            cpu.append((cpuEnd - cpuStart) / count)
            wall.append((wallEnd - wallStart) / count)
        }
        prepare()
        try run()
        try check(selectPortable)
        return Measurement(
            cpu: Summary(cpu), wall: Summary(wall), repetitions: repetitions, peakMemory: peak,
            workingMemory: peakIsOwn ? resident.map { max(0, peak - $0) } : nil, peakIsOwn: peakIsOwn)
    }

    private func check(_ selectPortable: () throws(BenchmarkError) -> Void) throws(BenchmarkError) {
        try selectPortable()
        let size = logSize.map { " of 2^\($0)" } ?? ""
        guard try isRight() else { throw .wrongResult("\(work)\(size)") }
    }
}
