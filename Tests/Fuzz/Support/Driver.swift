// SPDX-License-Identifier: Apache-2.0

import Foundation

@_silgen_name("LLVMFuzzerRunDriver")
private func runLibFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The one that this process runs.
///
/// Unchecked: set before libFuzzer starts, and used on its thread.
nonisolated(unsafe) private var current: FuzzTarget?

/// The command of a program with fuzz targets; `run.sh` is what calls it.
package enum FuzzDriver {
    /// `list`; `corpus TARGET FOLDER`, which fills a folder and writes FOLDER.dict; `run TARGET`, then
    /// libFuzzer's arguments.
    package static func main(_ targets: [FuzzTarget]) throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "list":
            for target in targets { print(target.name) }
        case "corpus" where arguments.count == 4:
            try writeCorpus(find(arguments[2], targets), to: arguments[3])
        case "run" where arguments.count >= 3:
            let target = find(arguments[2], targets)
            current = target
            exit(run(["-max_len=\(target.lengthLimit)"] + arguments.dropFirst(3)))
        default:
            stop("usage: list | corpus TARGET FOLDER | run TARGET [libFuzzer's arguments]")
        }
    }

    private static func find(_ name: String, _ targets: [FuzzTarget]) -> FuzzTarget {
        guard let target = targets.first(where: { $0.name == name }) else {
            stop("there is no target \(name)")
        }
        return target
    }

    private static func stop(_ words: String) -> Never {
        FileHandle.standardError.write(Data("\(words)\n".utf8))
        exit(2)
    }

    private static func writeCorpus(_ target: FuzzTarget, to folder: String) throws {
        let inputs = try target.corpus()
        guard !inputs.isEmpty else { stop("\(target.name) has nothing to begin with") }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (index, input) in inputs.enumerated() {
            try Data(input).write(to: URL(filePath: "\(folder)/seed-\(index)"))
        }
        try Data(target.dictionary.utf8).write(to: URL(filePath: "\(folder).dict"))
    }

    private static func run(_ options: [String]) -> CInt {
        var arguments: [UnsafeMutablePointer<CChar>?] = ([CommandLine.arguments[0]] + options).map {
            strdup($0)
        }
        arguments.append(nil)
        var count = CInt(arguments.count - 1)
        return arguments.withUnsafeMutableBufferPointer { buffer in
            guard var pointer = buffer.baseAddress else { return 2 }
            return runLibFuzzer(&count, &pointer, feed)
        }
    }
}

/// What libFuzzer calls.
private func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let target = current else { return -1 }
    let start = processorSeconds()
    do {
        try target.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        // The words of an error are part of what must not trap.
        demand(!"\(error)".isEmpty, "an error without words")
    }
    demand(processorSeconds() - start < 5, "an input that takes five seconds")
    return 0
}

/// Of this process: on a busy machine libFuzzer's own limit, by the clock, would be reached by waiting.
private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
