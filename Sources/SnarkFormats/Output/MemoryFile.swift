// SPDX-License-Identifier: Apache-2.0

import CMemoryFile
import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// A file without a name, in memory alone: for witnesses on their way between the parts of a program. It is
/// gone with the process, however that ends, and its bytes are overwritten when the object goes.
public final class MemoryFile: Sendable {
    /// The open file; closed when the object goes.
    public let descriptor: Int32
    /// What the file is called in errors.
    public let name: String

    /// An empty file in memory.
    ///
    /// - Throws: `.cannotWrite` where the system has no room.
    public init(name: String) throws(FormatError) {
        self.name = name
        descriptor = martlet_memory_file("martlet")
        guard descriptor >= 0 else { throw FormatError(.cannotWrite(SystemReason.text(errno)), file: name) }
    }

    /// A path under which this process, and no other user's, can open it while the object lives.
    public var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    deinit {
        var facts = stat()
        if fstat(descriptor, &facts) == 0, facts.st_size > 0 {
            let size = Int(facts.st_size)
            if let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
                memory != MAP_FAILED
            {
                explicit_bzero(memory, size)
                munmap(memory, size)
            }
        }
        close(descriptor)
    }

    /// Appends bytes.
    ///
    /// - Throws: `.cannotWrite`.
    public func append(_ bytes: RawSpan) throws(FormatError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FormatError(.cannotWrite(SystemReason.text(errno)), file: name)
            }
            rest = rest.extracting(droppingFirst: count)
        }
    }
}
