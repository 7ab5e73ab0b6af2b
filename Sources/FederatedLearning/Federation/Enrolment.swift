// SPDX-License-Identifier: Apache-2.0

import Circuits
import Failures
import FiniteFields
import Foundation
import Foundations

/// Invitations by their names: whoever has one's code may register once.
struct InvitationFile: Codable, Hashable, FormattedFile {
    static let currentFormat = "martlet-fl-invitations/2"

    struct Invitation: Codable, Hashable {
        var name: String
        /// Of the code; what is made with it shows that its maker had the code.
        var key: Element
        /// The leaf that it registered; nil as long as it is unused.
        var leaf: Element?
    }

    var format = Self.currentFormat
    var invitations: [Invitation] = []

    /// H(code, 1), by which the federation knows a code.
    static func key(_ code: Scalar) -> Scalar { Poseidon.hash(code, .one) }

    /// H(key, leaf): shows that the code's owner wants this leaf registered, and tells nothing of the code.
    static func mark(key: Scalar, leaf: Scalar) -> Scalar { Poseidon.hash(key, leaf) }
}

extension Federation {
    var invitationsPath: String { directory + "/invitations.json" }

    /// Whether nobody registers without an invitation.
    package var hasInvitations: Bool { FileManager.default.fileExists(atPath: invitationsPath) }

    /// Whether a text can be the code of an invitation.
    package static func isCode(_ text: String) -> Bool { Scalar(decimal: text) != nil }

    /// Makes an invitation. From the first one on nobody registers without: one person, one invitation, one
    /// identity.
    ///
    /// - Parameter generator: must be cryptographically secure.
    /// - Returns: the code, for the invited only.
    package func invite(
        name: String, using generator: inout some RandomNumberGenerator
    ) throws(FederationError) -> String {
        try checkName(name)
        let code = Scalar.random(using: &generator)
        try withRegistryLock { () throws(FederationError) in
            var file = InvitationFile()
            if hasInvitations { file = try .read(invitationsPath) }
            guard !file.invitations.contains(where: { $0.name == name }) else {
                throw FederationError(.badInput, file: invitationsPath, "\(name) is invited already")
            }
            file.invitations.append(.init(name: name, key: Element(InvitationFile.key(code)), leaf: nil))
            try JSONFile.write(file, to: invitationsPath, mode: 0o600)
        }
        return code.decimal
    }

    private var startPath: String { directory + "/started" }

    /// Whether the first state stays as it is, whoever is registered.
    package var isStarted: Bool {
        get throws(FederationError) {
            guard try lastWholeRound == 0 else { return true }
            return try hasStartMark
        }
    }

    /// - Throws: `.badInput` for anything else of that name than a file.
    private var hasStartMark: Bool {
        get throws(FederationError) {
            var facts = stat()
            guard lstat(startPath, &facts) == 0 else { return false }
            guard facts.st_mode & S_IFMT == S_IFREG else {
                throw FederationError(
                    .badInput, file: startPath, "it is no regular file, as `martlet fl start` leaves one")
            }
            return true
        }
    }

    /// Fixes the first state: whoever is registered from now on takes part from the second round on.
    ///
    /// - Returns: that state.
    /// - Throws: `.badInput` where fewer clients are registered than a round has at least.
    package func start() throws(FederationError) -> ChainState {
        var first: ChainState?
        try withRegistryLock { () throws(FederationError) in
            // A registration that was interrupted may have left the state behind.
            try countIn(try registry())
            let (state, _, registered) = try state(0)
            guard registered >= plan.task.minimumClients else {
                throw FederationError(
                    .badInput, file: registryPath,
                    "\(Count.text(registered, "client")) registered, and a round has \(plan.task.minimumClients) at least"
                )
            }
            try keepFirstState()
            first = state
        }
        guard let first else { preconditionFailure("the lock's body ran") }
        return first
    }

    /// Before the federation has started the first state has the registry as it is.
    func countIn(_ registry: RegistryFile) throws(FederationError) {
        guard try !isStarted else { return }
        var (state, model, registered) = try state(0)
        let root = registry.tree(plan, count: registry.clients.count).root
        guard state.registry != root || registered != registry.clients.count else { return }
        state.registry = root
        try JSONFile.write(
            StateFile(state, registered: registry.clients.count, weights: model.flattened),
            to: statePath(0))
    }

    /// Leaves the mark of a federation that has started.
    func keepFirstState() throws(FederationError) {
        if try !hasStartMark { try JSONFile.write(data: Data(), to: startPath) }
    }

    /// Why a text is no name of a client; nil for one that is.
    package static func fault(ofName name: String) -> String? {
        guard !name.isEmpty, name.utf8.count <= 100,
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return "a name has 1 to 100 bytes and no control characters" }
        // What stands for bytes that are no UTF-8: two such names may be one.
        guard !name.unicodeScalars.contains("\u{fffd}") else { return "a name is text in UTF-8" }
        return nil
    }

    private func checkName(_ name: String) throws(FederationError) {
        if let fault = Self.fault(ofName: name) { throw FederationError(.badInput, file: directory, fault) }
    }

    /// Whoever holds the lock writes a few files, and does not wait for anything.
    private static let longestLock = Duration.seconds(30)

    /// Runs something while nobody else registers a client or publishes a round.
    func withRegistryLock(_ body: () throws(FederationError) -> Void) throws(FederationError) {
        try Self.withLock(directory + "/.registry.lock", body)
    }

    /// Runs something while nobody else has the lock of this file, which is made where it is missing.
    static func withLock(
        _ path: String, _ body: () throws(FederationError) -> Void
    ) throws(FederationError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw FederationError(
                .infrastructure, file: path, "cannot be opened: \(SystemReason.text(errno))")
        }
        defer { close(descriptor) }
        let start = ContinuousClock.now
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EINTR || errno == EWOULDBLOCK else {
                throw FederationError(
                    .infrastructure, file: path, "cannot be locked: \(SystemReason.text(errno))")
            }
            guard start.duration(to: .now) < Self.longestLock else {
                throw FederationError(
                    .infrastructure, file: path,
                    "another process has held this lock for \(Self.longestLock.components.seconds) seconds")
            }
            usleep(20_000)
        }
        try body()
    }
}
