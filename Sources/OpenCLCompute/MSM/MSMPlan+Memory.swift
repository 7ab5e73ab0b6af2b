// SPDX-License-Identifier: Apache-2.0

extension MSMPlan {
    /// Bytes of a table of `count` points with their multiples.
    func tableBytes(count: Int, pointBytes: Int) -> Int {
        count == 0 ? 0 : ((levels - 1) * terms + count) * pointBytes
    }

    /// What the kernels of `scalars.cl` scan a work-item.
    static let scanItems = 8

    /// Values of the counting sort: one a key, and the sums of the scan's blocks.
    func offsetCounts(blockSize: Int) -> [Int] {
        var counts = [buckets]
        while let last = counts.last, last > 1 { counts.append((last + blockSize - 1) / blockSize) }
        return counts
    }

    /// Bytes of the scalars, and of their sorted digits.
    var sortBytes: (scalars: Int, entries: Int, offsets: Int) {
        (
            scalarBytes * terms, 4 * terms * windows,
            4 * offsetCounts(blockSize: 64 * Self.scanItems).reduce(0, +)
        )
    }

    /// Bytes of buckets, partial sums and reduced sums for points of the widest table.
    var bucketBytes: Int {
        let sum = 2 * (pointBytes.max() ?? 0)
        let partials = segments + (segments + Self.foldLength - 1) / Self.foldLength
        let reduced = buckets / reduction
        return sum * (buckets + partials + reduced + (reduced + Self.sumLength - 1) / Self.sumLength)
            + 4 * partials
    }

    /// Bytes of all tables, or of the chunks of them that are on the device at a time.
    var tablesBytes: Int {
        if !areResident { return PointStream.slots * terms * (pointBytes.max() ?? 0) }
        return pointBytes.reduce(0) { $0 + tableBytes(count: terms, pointBytes: $1) }
    }

    /// Bytes in all.
    package var byteCount: Int {
        let sort = sortBytes
        return tablesBytes + sort.scalars + sort.entries + sort.offsets + bucketBytes
    }

    /// Whether the device has room for everything, in buffers of its size.
    var fits: Bool {
        let widest = pointBytes.max() ?? 0
        let largest = max(
            sortBytes.entries, tableBytes(count: terms, pointBytes: widest), 2 * widest * buckets)
        return byteCount <= memory && largest <= maxAllocation
    }
}

extension MSMPlan: CustomStringConvertible {
    /// The plan for people.
    package var description: String {
        func size(_ bytes: Int) -> String {
            bytes < 10 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
        }
        let sort = sortBytes
        let parts = chunks == 1 ? "at once" : "in \(chunks) chunks of \(terms)"
        return """
            \(totalTerms) scalars \(parts): \(windows) windows of \(windowBits) bits, \(levels) \
            \(levels == 1 ? "level" : "levels") of multiples, \(groups) × \(bucketsPerGroup) buckets
            at most \(expectedAdditions) additions to buckets a table, in \(launches) × \
            \(segments / launches) segments; \(buckets / reduction) chunks of buckets
            \(size(byteCount)): tables \(size(tablesBytes)), scalars \(size(sort.scalars)), sorted digits \
            \(size(sort.entries + sort.offsets)), buckets \(size(bucketBytes))
            """
    }
}
