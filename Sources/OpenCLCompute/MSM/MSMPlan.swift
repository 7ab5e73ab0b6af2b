// SPDX-License-Identifier: Apache-2.0

package import FiniteFields

/// What planning sums must know of a device.
package struct MSMDevice: Sendable, Equatable {
    package var isCPU: Bool
    package var computeUnits: Int
    /// Bytes that one buffer may have.
    package var maxAllocation: Int
    /// Bytes that tables, sorted digits and buckets may take together.
    package var memory: Int
    /// Segments of sorted digits, and work-items that reduce buckets, a compute unit.
    package var segmentsPerUnit: Int
    package var reducersPerUnit: Int
    /// Bits of a window; `nil` for the cheapest number.
    package var windowBits: Int?

    package init(
        isCPU: Bool, computeUnits: Int, maxAllocation: Int, memory: Int, segmentsPerUnit: Int,
        reducersPerUnit: Int = 256, windowBits: Int? = nil
    ) {
        self.isCPU = isCPU
        self.computeUnits = max(1, computeUnits)
        self.maxAllocation = maxAllocation
        self.memory = memory
        self.segmentsPerUnit = segmentsPerUnit
        self.reducersPerUnit = reducersPerUnit
        self.windowBits = windowBits
    }

    package init(_ queue: DeviceQueue) {
        self.init(
            isCPU: queue.device.isCPU, computeUnits: queue.device.computeUnits,
            maxAllocation: queue.device.maxAllocation, memory: queue.memoryBudget,
            segmentsPerUnit: queue.tuning.segmentsPerUnit, reducersPerUnit: queue.tuning.reducersPerUnit,
            windowBits: queue.tuning.windowBits)
    }
}

/// The tables that are summed over the same scalars.
package struct MSMTables: Sendable, Equatable {
    /// Bytes of one point of each table, such as 64 for BN254's G1.
    package var pointBytes: [Int]
    /// Whether the tables are whole on the device, and stay there after a sum.
    package var areResident: Bool
    /// Levels of multiples of their points that may be kept. To compute all costs about 250 doublings a
    /// point, to save about a tenth of a sum: they pay for tables that stay for hundreds of sums.
    package var mostLevels: Int

    package init(pointBytes: [Int], areResident: Bool, mostLevels: Int = 1) {
        self.pointBytes = pointBytes
        self.areResident = areResident
        self.mostLevels = mostLevels
    }
}

/// How a sum of multiples is computed on a device.
///
/// Scalars are cut into `windows` signed digits of `windowBits` bits. Window w uses the bucket set w mod
/// `groups`, and points multiplied by 2^(windowBits·groups·level), level = w / groups: with more levels in
/// memory fewer buckets are left to be reduced and no doublings between them.
package struct MSMPlan: Sendable, Equatable {
    /// Scalars that are summed at a time: all, or those of one chunk.
    package let terms: Int
    /// Scalars in all.
    package let totalTerms: Int
    package let windowBits: Int
    package let windows: Int
    /// Bytes of a scalar.
    let scalarBytes: Int
    /// Bits of (r − 1)/2 in the highest window.
    private let topBits: Int
    package let levels: Int
    package let groups: Int
    /// Segments of the sorted digits, one a work-item.
    let segments: Int
    /// Launches that the segments are spread over.
    let launches: Int
    /// Buckets that one work-item reduces; divides the buckets of a group.
    let reduction: Int
    /// Point operations that one launch may do.
    let launchLimit: Int
    /// Bytes of one point of each table.
    let pointBytes: [Int]
    let areResident: Bool
    /// Bytes that the device has for all, and for one buffer.
    let memory: Int
    let maxAllocation: Int

    /// Fewer digits than these are not worth a segment.
    static let leastSegment = 8
    /// Sums that one work-item folds at the later levels.
    static let foldLength = 8
    /// Sums that one work-item adds up where only few are left: each level takes as long as its additions one
    /// after the other.
    static let sumLength = 4

    /// Buckets of one group, a power of two.
    package var bucketsPerGroup: Int { 1 << (windowBits - 1) }
    /// Buckets of all groups.
    package var buckets: Int { groups * bucketsPerGroup }
    /// How many times scalars must be cut into chunks.
    package var chunks: Int { terms == 0 ? 1 : (totalTerms + terms - 1) / terms }
    /// Additions of points to buckets, at most; zero digits need none.
    package var expectedAdditions: Int { totalTerms * windows }

    /// Finds the cheapest plan that fits the device's memory.
    ///
    /// Where nothing holds all points, points and scalars are taken in chunks of `terms`.
    package init<Scalar: PrimeField>(
        terms: Int, of scalar: Scalar.Type, tables: MSMTables, device: MSMDevice
    ) {
        let total = max(terms, 1)
        var chunk = total
        while true {
            if let plan = Self.best(chunk, total: total, scalar, tables, device) {
                self = plan
                return
            }
            guard chunk > 1 else { break }
            chunk = (chunk + 1) / 2
        }
        // Nothing fits; the device will say what it lacks.
        self.init(1, total: total, scalar, 4, 1, tables, device)!
    }

    private static func best<Scalar: PrimeField>(
        _ chunk: Int, total: Int, _ scalar: Scalar.Type, _ tables: MSMTables, _ device: MSMDevice
    ) -> MSMPlan? {
        var best: MSMPlan?
        // Chunks pass through the device, so multiples of their points would not last.
        let most = tables.areResident && chunk == total ? tables.mostLevels : 1
        for levels in [1, 2, 3, 4, 6, 8, 12, 16, 24] where levels <= most {
            let bits = device.windowBits.map { $0...$0 } ?? 4...22
            let plans = bits.compactMap { MSMPlan(chunk, total: total, scalar, $0, levels, tables, device) }
            guard let plan = plans.filter(\.fits).min(by: { $0.cost < $1.cost }) else { continue }
            // More memory must pay.
            if let best, plan.cost > 0.98 * best.cost { continue }
            best = plan
        }
        return best
    }

    private init?<Scalar: PrimeField>(
        _ terms: Int, total: Int, _ scalar: Scalar.Type, _ bits: Int, _ levels: Int, _ tables: MSMTables,
        _ device: MSMDevice
    ) {
        let windows = Self.windows(scalar, bits)
        guard levels <= windows, levels * terms < 1 << 31 else { return nil }
        self.terms = terms
        totalTerms = total
        windowBits = bits
        self.windows = windows
        scalarBytes = MemoryLayout<Scalar.Limbs>.stride
        topBits = max(0, Scalar.bitWidth - 1 - bits * (windows - 1))
        groups = (windows + levels - 1) / levels
        self.levels = (windows + groups - 1) / groups
        pointBytes = tables.pointBytes
        areResident = tables.areResident && terms == total
        memory = device.memory
        maxAllocation = device.maxAllocation
        let units = device.computeUnits
        let entries = terms * windows
        launchLimit = device.isCPU ? 1 << 30 : units << 19
        launches = max(1, (entries + launchLimit - 1) / launchLimit)
        let items = units * device.segmentsPerUnit
        segments = launches * max(64, min(items, entries / launches / 16)) / 64 * 64
        // Where the last segments begin and end must be a word, though that may be behind the last digit.
        guard entries + max(segments, entries / segments + 1) + Self.leastSegment < 1 << 32 else {
            return nil
        }
        let perItem = max(1, (groups << (bits - 1)) / (units * device.reducersPerUnit))
        // The power of two below.
        reduction = min(1 << (bits - 1), 1 << (Int.bitWidth - 1 - perItem.leadingZeroBitCount))
    }

    /// Products in the time in which one more digit is counted at the same place, by what an H100 does.
    private static var productsOfCollision: Double { 36 }

    /// The least number of windows of so many bits for scalars up to (r − 1)/2: the highest digit with the
    /// carry from below must not exceed 2^(bits − 1).
    static func windows<Scalar: PrimeField>(_ scalar: Scalar.Type, _ bits: Int) -> Int {
        let order = Scalar.modulus.words
        var windows = 1
        while true {
            // Bit i of (r − 1)/2 is bit i + 1 of r, which is odd.
            let shift = bits * (windows - 1) + 1
            guard shift < Scalar.bitWidth else { return windows }
            let (word, bit) = (shift / 64, UInt64(shift % 64))
            let above = word + 1 < order.count && bit > 0 ? order[word + 1] << (64 - bit) : 0
            let top = order[word] >> bit | above
            if Scalar.bitWidth - shift < 64 && top < 1 << UInt64(bits - 1) { return windows }
            windows += 1
        }
    }

    /// Products of coordinates for one table, of all chunks.
    var cost: Double {
        let additions = Double(terms * windows) * 10
        let chunksOfBuckets = buckets / reduction
        let reductions = Double(buckets) * 28 + Double(chunksOfBuckets) * 20 * Double(windowBits)
        // Where the highest window has few bits, its digits meet at few counters of the sort, one after the
        // other.
        let collisions = Double(terms) / Double(1 << min(topBits, 40)) * 2 * Self.productsOfCollision
        return Double(chunks) * (additions + reductions + collisions)
    }
}
