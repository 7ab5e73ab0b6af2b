// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Coordination
import Foundation
import Foundations

/// The values of one statement as libpq takes them: numbers as text, texts and bytes as they are.
struct PostgresParameters {
    private var storage: [UInt8] = []
    /// Where each value begins; `nil` for null.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [SQLValue]) {
        for value in values {
            switch value {
            case .null:
                offsets.append(nil)
                lengths.append(0)
                formats.append(0)
            case .integer(let value): add(String(value).utf8, format: 0)
            case .double(let value): add("\(value)".utf8, format: 0)
            case .text(let value): add(value.utf8, format: 1)
            case .blob(let value): add(value, format: 1)
            }
        }
    }

    private mutating func add(_ bytes: some Collection<UInt8>, format: Int32) {
        offsets.append(storage.count)
        storage += bytes
        lengths.append(Int32(bytes.count))
        formats.append(format)
        storage.append(0)
    }

    func withPointers<R>(
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        storage.withUnsafeBytes { bytes in
            let base = bytes.baseAddress
            let pointers = offsets.map { offset in
                offset.flatMap { base?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return body(pointers, lengths, formats)
        }
    }
}

/// An answer of the server's, in text form.
struct PostgresResult {
    let pq: martlet_libpq
    let result: OpaquePointer

    var rows: [SQLRow] {
        let columns = (0..<pq.nfields(result)).map { (index: $0, type: pq.ftype(result, $0)) }
        return (0..<pq.ntuples(result)).map { row in
            SQLRow(columns.map { value(row, $0.index, $0.type) })
        }
    }

    private func value(_ row: Int32, _ column: Int32, _ type: Oid) -> SQLValue {
        guard pq.getisnull(result, row, column) == 0, let start = pq.getvalue(result, row, column) else {
            return .null
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(pq.getlength(result, row, column)))
        func text() -> String { String(decoding: bytes, as: UTF8.self) }
        // The numbers of pg_type, which never change.
        switch type {
        case 16: return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case 20, 21, 23: return Int64(text()).map { .integer($0) } ?? .null
        case 700, 701, 1700: return Double(text()).map { .double($0) } ?? .null
        case 17: return .blob([UInt8](hexadecimal: bytes.dropFirst(2)) ?? [])
        default: return .text(text())
        }
    }
}
