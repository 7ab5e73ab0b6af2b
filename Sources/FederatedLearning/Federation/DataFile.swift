// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Failures
import Foundation
import SnarkFormats

/// Samples in text: one a line, features and then the label, separated by commas. Features are decimal
/// numbers, which become integers of the task's format; the label is a class from 0. Empty lines, and those
/// that begin with `#`, are passed over.
package struct DataFile: Sendable {
    /// Of a pipe; such a file has some ten bytes a feature.
    private static let sizeLimit = 4 << 30

    package let features: Matrix<Int>
    /// None where the file has no labels.
    package let labels: [Int]
    /// Each sample's line.
    let lines: [Int]

    /// - Throws: what is wrong, with the line.
    package init(path: String, _ plan: Plan) throws(FederationError) {
        let file: MappedFile
        do throws(FormatError) { file = try MappedFile(input: path, limit: Self.sizeLimit) } catch {
            throw FederationError(error)
        }
        do throws(FederationError) {
            try self.init(file, path: file.name, plan, labels: .required)
        } catch {
            throw FederationError.otherKind(file, wanted: "a table of samples") ?? error
        }
    }

    /// - Parameter wanted: `.optional` for a file that may be without labels, in all of its lines.
    init(
        _ file: MappedFile, path: String, _ plan: Plan, labels wanted: SampleTable.Labels
    ) throws(FederationError) {
        let text: String
        do throws(FormatError) { text = try file.text() } catch { throw FederationError(error) }
        let scale = Double(1 << plan.task.arithmetic.featureFraction)
        let limit = plan.featurePacking.offset
        var numbers: [Int] = []
        var (labels, lines): ([Int], [Int]) = ([], [])
        var hasLabels = wanted == .required ? true : nil
        for (index, line) in text.textLines.enumerated() {
            func fail(_ reason: String) -> FederationError {
                FederationError(.badInput, file: path, "line \(index + 1): \(reason)")
            }
            let line = line.trimmingPrefix { $0.isWhitespace }
            if line.isEmpty || line.hasPrefix("#") { continue }
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let isLabelled = hasLabels ?? (cells.count == plan.features + 1)
            hasLabels = isLabelled || wanted == .required
            guard cells.count == plan.features + (isLabelled ? 1 : 0) else {
                throw fail(
                    "\(Count.text(cells.count, "column")), but the task has \(Count.text(plan.features, "feature"))\(isLabelled ? " and a label" : "")"
                )
            }
            for (column, cell) in cells.prefix(plan.features).enumerated() {
                guard let value = Double(cell), value.isFinite else {
                    throw fail("column \(column + 1): \"\(cell.prefix(40))\" is no number")
                }
                let scaled = (value * scale).rounded()
                guard scaled >= Double(-limit), scaled < Double(limit) else {
                    let isNear = value * scale < Double(limit) && value * scale > Double(-limit - 1)
                    let rounded = isNear ? ", rounded to a multiple of \(Self.text(1 / scale))," : ""
                    let range =
                        "from \(Self.text(Double(-limit) / scale)) up to, not including, \(Self.text(Double(limit) / scale))"
                    throw fail("column \(column + 1): \(cell.prefix(40))\(rounded) is not \(range)")
                }
                numbers.append(Int(scaled))
            }
            lines.append(index + 1)
            guard isLabelled else { continue }
            let cell = cells[plan.features]
            guard let label = Int(cell), label >= 0, label < max(plan.classes, 2) else {
                throw fail(
                    "the label, \"\(cell.prefix(40))\", is not between 0 and \(max(plan.classes, 2) - 1)")
            }
            labels.append(label)
        }
        features = Matrix(rows: lines.count, columns: plan.features, elements: numbers)
        self.labels = labels
        self.lines = lines
    }

    /// A number as people write it: without a point where it is whole.
    private static func text(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    /// How many samples are beyond those that a client's dataset has.
    func countBeyond(_ plan: Plan) -> Int {
        labels.count - (1 << plan.task.datasetDepth) * plan.task.batchSize
    }

    /// The samples as the batches of a dataset, in the order of the file; samples beyond are left out (see
    /// `countBeyond`).
    ///
    /// - Throws: where there are too few.
    func batches(_ plan: Plan, path: String) throws(FederationError) -> [Batch] {
        let (count, size) = (1 << plan.task.datasetDepth, plan.task.batchSize)
        guard labels.count >= count * size else {
            throw FederationError(
                .badInput, file: path,
                "\(Count.text(labels.count, "sample")), but the task needs \(count * size): \(count == 1 ? "1 batch" : "\(count) batches") of \(size)"
            )
        }
        return (0..<count).map { batch in
            let rows = batch * size..<(batch + 1) * size
            return Batch(
                features: Matrix(
                    rows: size, columns: features.columns,
                    elements: Array(
                        features.elements[
                            (rows.lowerBound * features.columns)..<(rows.upperBound * features.columns)])),
                labels: Array(labels[rows]))
        }
    }
}
