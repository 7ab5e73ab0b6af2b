// SPDX-License-Identifier: Apache-2.0

/// A dense matrix, row after row.
public struct Matrix<Element: Sendable>: Sendable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// The elements, row by row.
    public var elements: [Element]

    /// The matrix with these elements, row by row.
    ///
    /// - Precondition: `elements` has rows · columns entries.
    public init(rows: Int, columns: Int, elements: [Element]) {
        precondition(rows >= 0 && columns >= 0 && elements.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// The matrix with the entries that `element` gives for row and column; called row after row.
    public init(rows: Int, columns: Int, _ element: (Int, Int) throws -> Element) rethrows {
        var elements: [Element] = []
        elements.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { elements.append(try element(row, column)) }
        }
        self.init(rows: rows, columns: columns, elements: elements)
    }

    /// The element in a row and a column.
    @inlinable
    public subscript(row: Int, column: Int) -> Element {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    /// The matrix with rows and columns exchanged.
    public var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }

    /// The matrix of what `transform` makes of each element.
    public func map<Other>(_ transform: (Element) throws -> Other) rethrows -> Matrix<Other> {
        Matrix<Other>(rows: rows, columns: columns, elements: try elements.map(transform))
    }
}

extension Matrix: Equatable where Element: Equatable {}

extension Matrix<Int> {
    /// The product of integer matrices; traps on overflow.
    ///
    /// - Precondition: as many columns as `b` has rows.
    public static func * (a: Matrix, b: Matrix) -> Matrix {
        precondition(a.columns == b.rows)
        var product = Matrix(
            rows: a.rows, columns: b.columns, elements: [Int](repeating: 0, count: a.rows * b.columns))
        for row in 0..<a.rows {
            for inner in 0..<a.columns where a[row, inner] != 0 {
                let factor = a[row, inner]
                for column in 0..<b.columns { product[row, column] += factor * b[inner, column] }
            }
        }
        return product
    }
}
