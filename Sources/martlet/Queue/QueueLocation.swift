// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JobQueue
import MartletClient
import ProvingEngine

/// A queue as named on the command line: `spool:DIRECTORY`, `http(s)://HOST:PORT` or `unix:PATH`.
enum QueueLocation: ExpressibleByArgument, CustomStringConvertible {
    /// A directory that submitters and workers share.
    case spool(path: String)
    /// A coordinator, `martlet serve`.
    case coordinator(QueueAddress)

    init?(argument: String) {
        if let path = QueueLocation.spoolPath(argument) {
            self = .spool(path: path)
        } else if let address = QueueAddress(argument) {
            self = .coordinator(address)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .spool(let path): "spool:\(path)"
        case .coordinator(let address): address.description
        }
    }

    /// The directory in `spool:DIRECTORY`; nil for anything else.
    static func spoolPath(_ argument: String) -> String? {
        guard argument.hasPrefix("spool:"), argument != "spool:" else { return nil }
        return String(argument.dropFirst("spool:".count))
    }
}

/// Opens the spool at `path`.
///
/// - Throws: an error that says why the directory cannot be used.
func openSpool(_ path: String, creating: Bool, options: SpoolOptions = .init()) throws(SpoolError)
    -> SpoolQueue
{
    try SpoolQueue(path: path, creating: creating, options: options)
}
