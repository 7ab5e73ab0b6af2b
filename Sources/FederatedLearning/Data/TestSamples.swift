// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import DataExchange
import SnarkFormats

/// Samples that a model is asked about: of a table with a heading, where the task has `data`, or of a file as
/// clients enroll with.
package struct TestSamples: Sendable {
    /// One row a sample, integers of the task's feature format.
    package let features: Matrix<Int>
    /// The class of each sample, where the file tells it.
    package let labels: [Int?]
    /// Each sample's line in its file.
    package let lines: [Int]
    /// Rows of a table that the task leaves out.
    package let leftOut: [SampleTable.LeftOut]
    /// The values that were brought to the ends of their range.
    package let clipped: Int

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - labels: whether each sample has one.
    ///   - clips: see `SampleTable`.
    /// - Throws: what is wrong with the file, with line and column.
    package init(
        path: String, _ plan: Plan, labels wanted: SampleTable.Labels, clips: Bool = false,
        separator: Separator? = nil
    ) throws(FederationError) {
        let file = try TableFile.open(path)
        do throws(FederationError) {
            if plan.task.data != nil, TableFile.hasHeading(file) {
                let table = try TableFile.reading(file.name) { () throws(ExchangeError) in
                    try SampleTable(
                        Table(TableFile.bytes(file), separator: separator), plan, labels: wanted, clips: clips
                    )
                }
                let samples = table.samples
                features = Matrix(
                    rows: samples.count, columns: plan.features, elements: samples.flatMap(\.features))
                (labels, lines) = (samples.map(\.label), samples.map(\.line))
                leftOut = table.leftOut
                clipped = table.clipped.reduce(0, +)
            } else {
                let data = try DataFile(file, path: file.name, plan, labels: wanted)
                features = data.features
                labels = data.labels.isEmpty ? data.lines.map { _ in nil } : data.labels
                (lines, leftOut, clipped) = (data.lines, [], 0)
            }
        } catch {
            throw FederationError.otherKind(file, wanted: "a table of samples") ?? error
        }
    }

    /// The samples whose class is known.
    package var labelled: (features: Matrix<Int>, labels: [Int]) {
        let places = labels.indices.filter { labels[$0] != nil }
        let width = features.columns
        return (
            Matrix(
                rows: places.count, columns: width,
                elements: places.flatMap { features.elements[($0 * width)..<(($0 + 1) * width)] }),
            places.compactMap { labels[$0] }
        )
    }
}
