// SPDX-License-Identifier: Apache-2.0

import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Where a result goes, as it was named: decided once, before any work, so that what cannot be written is
/// known then.
///
/// - `-` is standard output.
/// - A name of a descriptor of this process (`/dev/stdout`, `/dev/fd/N`, what a shell puts in place of
///   `>(…)`) and whatever is there and is no regular file (a device, a pipe) is written in place, never
///   replaced.
/// - Everything else is a file, which appears whole or not at all, by a rename. A symbolic link is followed:
///   its target is replaced, also where that is not there yet, and the link stays.
public struct OutputTarget: Sendable {
    enum Way: Sendable, Equatable {
        /// An open descriptor of this process, of which a copy is written.
        case descriptor(Int32)
        /// What is at this path, opened for writing.
        case inPlace(String)
        /// A file at this path, which is no link.
        case replaced(String)
    }

    /// As it was named.
    public let path: String
    let way: Way
    /// Which file that is, so that two names of one file are found out.
    public let location: FileLocation

    /// What messages call an input of this name.
    package static func name(ofInput path: String) -> String { path == "-" ? "standard input" : path }

    /// What standard output is called in messages.
    static let standardOutputName = "standard output"
    var name: String { way == .descriptor(1) ? Self.standardOutputName : path }

    /// Whether what is written there is what standard output shows.
    public var isStandardOutput: Bool {
        if way == .descriptor(1) { return true }
        guard let output = FileLocation(descriptor: 1) else { return false }
        return output == location && !output.isNull
    }

    /// Decides where `path` leads. Nothing is opened or changed.
    ///
    /// - Throws: `.noOutput` for a directory, a directory that is not there or none, and a name that no file
    ///   can have; `.cannotWrite` for what this
    ///   user may not write.
    public init(_ path: String) throws(FormatError) {
        func failure(_ reason: String) -> FormatError { FormatError(.cannotWrite(reason), file: path) }
        func mistake(_ reason: String) -> FormatError { FormatError(.noOutput(reason), file: path) }
        self.path = path
        if path == "-" {
            way = .descriptor(1)
            guard let location = FileLocation(descriptor: 1) else {
                throw FormatError(.cannotWrite("it is closed"), file: Self.standardOutputName)
            }
            self.location = location
            return
        }
        var next = path
        // As many links as the system itself follows.
        for _ in 0..<40 {
            guard let (named, last) = Self.split(next) else { throw mistake("it is a directory") }
            guard let folder = Self.resolved(named) else { throw mistake("there is no directory \(named)") }
            if let (process, descriptor) = Self.descriptor(folder, last), process == getpid() {
                way = .descriptor(descriptor)
                guard let location = FileLocation(descriptor: descriptor) else {
                    throw failure("descriptor \(descriptor) is not open")
                }
                guard !location.isDirectory else { throw mistake("it is a directory") }
                self.location = location
                return
            }
            let final = folder == "/" ? "/" + last : "\(folder)/\(last)"
            var facts = stat()
            guard lstat(final, &facts) == 0 else {
                guard errno != ENOTDIR else { throw mistake("\(named) is no directory") }
                guard errno != ENAMETOOLONG else { throw mistake(SystemReason.text(ENAMETOOLONG)) }
                guard errno == ENOENT else { throw failure(SystemReason.text(errno)) }
                guard access(folder, W_OK | X_OK) == 0 else { throw failure(SystemReason.text(errno)) }
                guard let location = FileLocation(missing: last, in: folder) else {
                    throw mistake("there is no directory \(named)")
                }
                way = .replaced(final)
                self.location = location
                return
            }
            switch facts.st_mode & S_IFMT {
            case S_IFLNK:
                // Links of /proc, such as those to another process' pipes, lead nowhere by name: they are
                // opened as they are.
                if Self.descriptor(folder, last) == nil {
                    guard let target = Self.link(final) else { throw failure(SystemReason.text(errno)) }
                    next = target.hasPrefix("/") ? target : "\(folder)/\(target)"
                    continue
                }
                guard stat(final, &facts) == 0, access(final, W_OK) == 0 else {
                    throw failure(SystemReason.text(errno))
                }
                way = .inPlace(final)
            case S_IFREG:
                guard access(folder, W_OK | X_OK) == 0 else { throw failure(SystemReason.text(errno)) }
                way = .replaced(final)
            case S_IFDIR: throw mistake("it is a directory")
            default:
                guard access(final, W_OK) == 0 else { throw failure(SystemReason.text(errno)) }
                way = .inPlace(final)
            }
            location = FileLocation(facts)
            return
        }
        throw mistake("too many symbolic links")
    }

    /// The directory and the last part of a path; nil where there is no last part.
    private static func split(_ path: String) -> (folder: String, last: String)? {
        let slash = path.lastIndex(of: "/")
        let last = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !["", ".", ".."].contains(last) else { return nil }
        guard let slash else { return (".", last) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), last)
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Which process' which descriptor an entry of `/proc/PID/fd` is.
    private static func descriptor(_ folder: String, _ last: String) -> (process: pid_t, Int32)? {
        let parts = folder.split(separator: "/")
        guard parts.count == 3 || (parts.count == 5 && parts[2] == "task"), parts.first == "proc",
            parts.last == "fd", let process = pid_t(parts[1]), let descriptor = Int32(last)
        else { return nil }
        return (process, descriptor)
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path, &buffer, buffer.count - 1)
        guard count >= 0 else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension OutputTarget {
    /// Demands that no output is another one, or an input: writing it would destroy that.
    ///
    /// - Parameters:
    ///   - outputs: what will be written.
    ///   - inputs: as they were named.
    /// - Throws: `.sameFile` with both names; `.readTwice` for a pipe, or standard input, that two inputs
    ///   name.
    public static func requireDistinct(
        _ outputs: [OutputTarget], inputs: [String] = []
    ) throws(FormatError) {
        // By what messages call them.
        var seen: [FileLocation: String] = [:]
        let standardInput = Self.name(ofInput: "-")
        for input in inputs {
            guard let location = FileLocation(input: input), !location.isNull else { continue }
            let name = name(ofInput: input)
            if let first = seen[location],
                location.isStream || input == "-" && first == standardInput
            {
                throw FormatError(.readTwice(as: first), file: name)
            }
            seen[location] = name
        }
        for output in outputs where !output.location.isNull {
            if let first = seen[output.location] {
                throw FormatError(.sameFile(as: first), file: output.name)
            }
            seen[output.location] = output.name
        }
    }
}
