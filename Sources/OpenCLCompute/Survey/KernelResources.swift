// SPDX-License-Identifier: Apache-2.0

/// What a kernel takes of a multiprocessor, as NVIDIA's compiler tells with `-cl-nv-verbose`.
package struct KernelResources: Sendable, Codable, Equatable {
    /// The kernel, or a function that kernels call.
    package var name: String
    /// 32-bit registers of a work-item; `nil` for functions.
    package var registers: Int?
    /// Bytes of a work-item's stack.
    package var stackBytes: Int?
    /// Bytes written to and read from memory for want of registers.
    package var spillStoreBytes: Int?
    package var spillLoadBytes: Int?

    /// Reads a build log; what it does not know is passed over.
    package static func parse(_ log: String) -> [KernelResources] {
        var found: [KernelResources] = []
        func place(_ name: Substring) -> Int {
            if let index = found.firstIndex(where: { $0.name == name }) { return index }
            found.append(KernelResources(name: String(name)))
            return found.count - 1
        }
        var entry: Substring?
        var function: Substring?
        for line in log.split(whereSeparator: \.isNewline) {
            if line.contains("Compiling entry function") {
                entry = line.split(separator: "'").dropFirst().first
                function = entry
            } else if line.contains("Function properties for") {
                function = line.split(whereSeparator: \.isWhitespace).last.map { trimmed($0) }
            } else if line.contains("bytes stack frame"), let function {
                let index = place(function)
                found[index].stackBytes = number(before: "bytes stack frame", in: line)
                found[index].spillStoreBytes = number(before: "bytes spill stores", in: line)
                found[index].spillLoadBytes = number(before: "bytes spill loads", in: line)
            } else if let registers = number(before: "registers", in: line), let entry {
                found[place(entry)].registers = registers
            }
        }
        return found
    }

    private static func trimmed(_ name: Substring) -> Substring {
        var name = name
        while name.first == "'" { name.removeFirst() }
        while name.last == "'" { name.removeLast() }
        return name
    }

    private static func number(before words: String, in line: Substring) -> Int? {
        let wanted = words.split(separator: " ")
        let parts = line.split { $0.isWhitespace || $0 == "," }
        guard parts.count > wanted.count else { return nil }
        for index in 1...(parts.count - wanted.count)
        where parts[index..<index + wanted.count].elementsEqual(wanted) {
            if let number = Int(parts[index - 1]) { return number }
        }
        return nil
    }
}
