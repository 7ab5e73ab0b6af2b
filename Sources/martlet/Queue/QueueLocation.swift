import ArgumentParser
import JobQueue
import ProvingService

/// A queue as named on the command line: `spool:DIRECTORY`.
struct QueueLocation: ExpressibleByArgument, CustomStringConvertible {
    /// The spool's directory.
    var path: String

    init?(argument: String) {
        guard argument.hasPrefix("spool:") else { return nil }
        let path = String(argument.dropFirst("spool:".count))
        guard !path.isEmpty else { return nil }
        self.path = path
    }

    var description: String { "spool:\(path)" }

    /// Opens the spool.
    ///
    /// - Throws: `JobFailure` that says why the directory cannot be used.
    func open(creating: Bool, options: SpoolOptions = .init()) throws(JobFailure) -> SpoolQueue {
        try openSpool(path, creating: creating, options: options)
    }
}

/// Opens the spool at `path`.
///
/// - Throws: `JobFailure` that says why the directory cannot be used.
func openSpool(_ path: String, creating: Bool, options: SpoolOptions = .init()) throws(JobFailure)
    -> SpoolQueue
{
    try mappingSpoolErrors { () throws(SpoolError) in
        try SpoolQueue(path: path, creating: creating, options: options)
    }
}

/// Runs `body` and turns what the queue says into a failure of the command.
func mappingSpoolErrors<T>(_ body: () throws(SpoolError) -> T) throws(JobFailure) -> T {
    do {
        return try body()
    } catch {
        throw JobFailure(error)
    }
}
