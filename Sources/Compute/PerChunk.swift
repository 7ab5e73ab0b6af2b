// SPDX-License-Identifier: Apache-2.0

/// Calls `body` for ranges that cover 0..<count, on several threads, and joins the results in order.
package func perChunk<Element>(
    _ count: Int, _ parallel: Parallel, chunk: Int = 1024, _ body: (Range<Int>) -> [Element]
) -> [Element] {
    let chunks = (count + chunk - 1) / chunk
    let parts = parallel.map(chunks) { body($0 * chunk..<min(($0 + 1) * chunk, count)) }
    return Array(parts.joined())
}
