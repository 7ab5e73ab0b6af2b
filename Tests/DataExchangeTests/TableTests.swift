// SPDX-License-Identifier: Apache-2.0

import DataExchange
import TestSupport
import Testing

/// Tables in text: what is read, and that nothing else is.
@Suite struct TableTests {
    private func table(_ text: String, _ separator: Separator? = nil) throws -> Table {
        try Table(Array(text.utf8), separator: separator)
    }

    private func cells(_ text: String) throws -> [[String]] {
        let table = try table(text)
        return [table.heading] + table.rows.map { row in (0..<row.count).map { row.text($0) } }
    }

    @Test func whatRFC4180Has() throws {
        #expect(try cells("a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
        #expect(try cells("a,b\r\n1,2\r\n\r\n") == [["a", "b"], ["1", "2"]])
        #expect(try cells("\u{feff}a;b;c\n1,5;2;\n") == [["a", "b", "c"], ["1,5", "2", ""]])
        #expect(try cells("a\tb c\n 1 \t2") == [["a", "b c"], ["1", "2"]])
        #expect(
            try cells("\"a, b\",\"c\"\"d\"\n\"1\r\n2\" , \" x \"\n") == [
                ["a, b", "c\"d"], ["1\r\n2", " x "],
            ])
        #expect(try cells("größe,Σ\nä,\n") == [["größe", "Σ"], ["ä", ""]])
        // The index of a data frame has no name.
        #expect(try cells(",a,\n0,1,\n") == [["", "a", ""], ["0", "1", ""]])
        // Line numbers go on within quotation marks and over empty lines.
        #expect(try table("a,b\n\"1\n\n\",2\n\n3,4\n").rows.map(\.line) == [2, 6])
        #expect(try table("a,b;c\n", .semicolon).heading == ["a,b", "c"])
    }

    @Test func numbersAndWhatIsMissing() throws {
        let table = try table(
            "a\n1\n-2.5\n+.5\n5.\n1e-3\n\"7\"\n1e999\n0x10\ninf\nnan\n1_0\n1 0\n--1\n.\ne5\n1e\n½\n1,5\n"
                .replacing("1,5", with: "\"1,5\""))
        #expect(table.rows.prefix(6).map { $0.number(0) } == [1, -2.5, 0.5, 5, 0.001, 7])
        for row in table.rows.dropFirst(6) { #expect(row.number(0) == nil, "\(row.text(0))") }
        let marks = try self.table("a,b\n,x\nNA,x\n?,x\nnull,x\n0,x\nNone,x\nNo,x\n")
        #expect(marks.rows.map { $0.isMissing(0) } == [true, true, true, true, false, true, false])
        #expect(DecimalNumber.text(-8) == "-8" && DecimalNumber.text(0.0625) == "0.0625")
    }

    @Test func whatIsRefused() {
        for (bytes, message) in [
            (Array("".utf8), "there is no heading"),
            (Array("a,b\n1\n".utf8), "line 2: 1 cell, but the heading has 2"),
            (Array("a,b\n1,2,3\n".utf8), "line 2: 3 cells, but the heading has 2"),
            (Array("a,b,a\n".utf8), "line 1, column 3: the heading has \"a\" in column 1 already"),
            (
                Array("a,b\n1,\"2\n3,4\n".utf8),
                "line 2, column 2: the quotation mark that opens this cell is never closed"
            ),
            (
                Array("a\n\"1\"2\n".utf8),
                "line 2, column 1: there is text behind the closing quotation mark; one within a cell is written twice"
            ),
            (
                Array("a\n1\"2\n".utf8),
                "line 2, column 1: there is a quotation mark within a cell that does not begin with one"
            ),
            (Array("a\n1\0\n".utf8), "line 2, column 1: there is a zero byte"),
            (Array("a\n\"\0\"\n".utf8), "line 2, column 1: there is a zero byte"),
            (Array("a\r1\r".utf8), "line 1, column 1: there is a carriage return without a line feed"),
            (Array("a,b\n1,".utf8) + [0xc3, 0x28], "line 2, column 2: the text is no UTF-8"),
            ([0xff, 0xfe, 0x61, 0], "the text is UTF-16: save it as UTF-8"),
            (
                Array("a\n".utf8) + [UInt8](repeating: 0x31, count: 10 << 20),
                "line 2, column 1: a cell of more than 65536 bytes"
            ),
            (
                Array("a\n\"".utf8) + [UInt8](repeating: 0x31, count: 10 << 20),
                "line 2, column 1: a cell of more than 65536 bytes: is its quotation mark closed?"
            ),
            (
                Array("a\n".utf8) + [UInt8](repeating: 0x2c, count: 10 << 20),
                "line 2: more than 131072 columns"
            ),
        ] {
            #expect { try Table(bytes) } throws: { error in
                (error as? ExchangeError)?.message == message
            }
        }
    }

    /// Any bytes are a table or an error, and rows that are read have the heading's width.
    @Test func anyBytesEndWell() throws {
        var generator = SeededGenerator.fresh()
        let alphabet = Array("a1,;\t\"\r\n .\0".utf8) + [0xc3, 0xa4, 0xef, 0xbb, 0xbf]
        var read = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator)!
            }
            guard let table = try? Table(bytes) else { continue }
            read += 1
            for row in table.rows {
                #expect(row.count == table.heading.count)
                for column in 0..<row.count { _ = (row.number(column), row.isMissing(column)) }
            }
        }
        #expect(read > 100)
    }
}
