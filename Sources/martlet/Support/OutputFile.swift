// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import Foundations
import SnarkFormats

/// The results of a command: where they go is decided, and what cannot be is refused, before it begins to
/// work.
struct OutputFiles {
    private let targets: [OutputTarget]
    /// Whether a result goes to standard output, so that nothing else may.
    let takesStandardOutput: Bool

    /// - Parameters:
    ///   - outputs: as they were named: see `OutputTarget`.
    ///   - inputs: as they were named.
    ///   - report: an option that prints to standard output, which must be free then.
    /// - Throws: `.badInput` where an output is another one or an input, a directory, or in a directory that
    ///   is not there; `.infrastructure` for what else cannot be written.
    init(_ outputs: [String], inputs: [String?], report: String? = nil) throws {
        var targets: [OutputTarget] = []
        for output in outputs { targets.append(try OutputTarget(output)) }
        try OutputTarget.requireDistinct(targets, inputs: inputs.compactMap(\.self))
        self.targets = targets
        takesStandardOutput = targets.contains(where: \.isStandardOutput)
        if takesStandardOutput, let report {
            throw JobFailure(
                code: .badInput,
                message: "\(report) prints to standard output, and so would a result: give that a file")
        }
    }

    /// Writes all results or none; see `OutputTarget.write`.
    ///
    /// - Precondition: as many as there are outputs, in their order.
    /// - Throws: `.infrastructure`, naming what could not be written.
    func write(_ contents: [Data]) throws(FormatError) {
        precondition(contents.count == targets.count)
        try OutputTarget.write(zip(targets, contents).map { ($0, Array($1)) })
    }

    /// What a line for people calls an output.
    static func name(_ output: String) -> String { output == "-" ? "standard output" : output }

    /// A line for people: on standard output, or beside it where a result is there.
    func say(_ line: String) {
        if takesStandardOutput { Console.error(line) } else { print(line) }
    }
}

/// Files that a command writes into a directory of its own.
enum OutputFile {
    /// Makes a directory, and those above it, where it is missing.
    ///
    /// - Throws: `.badInput` where a file is in the way, `.infrastructure` otherwise; naming it.
    static func make(directory path: String) throws(JobFailure) {
        try requireNoFile(inTheWayOf: path)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            let isName = [ENAMETOOLONG, ELOOP, EINVAL].contains(SystemReason.number(error) ?? 0)
            throw JobFailure(
                code: isName ? .badInput : .infrastructure,
                message: "cannot make the directory \(path): \(SystemReason.text(error))")
        }
    }

    /// Demands that a directory is at `path`, or could be made there.
    ///
    /// - Throws: `.badInput`, naming the file that is in the way.
    static func requireNoFile(inTheWayOf path: String) throws(JobFailure) {
        guard let file = file(inTheWayOf: path) else { return }
        throw JobFailure(code: .badInput, message: "cannot make the directory \(path): \(file) is a file")
    }

    /// The path, or the part of it, that is there and no directory.
    private static func file(inTheWayOf path: String) -> String? {
        // By hand: Foundation's `deletingLastPathComponent` of `d` ends the process.
        var rest = path[...]
        while true {
            while rest.hasSuffix("/") { rest.removeLast() }
            guard !rest.isEmpty else { return nil }
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: String(rest), isDirectory: &isDirectory) {
                return isDirectory.boolValue ? nil : String(rest)
            }
            guard let slash = rest.lastIndex(of: "/") else { return nil }
            rest = rest[..<slash]
        }
    }

    /// Writes all files or none.
    ///
    /// - Throws: `.infrastructure`, naming the file that could not be written.
    static func write(_ files: [(path: String, data: Data)]) throws {
        try OutputFiles(files.map(\.path), inputs: []).write(files.map(\.data))
    }
}
