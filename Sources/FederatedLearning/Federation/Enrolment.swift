// SPDX-License-Identifier: Apache-2.0

import Circuits
import Failures
import FiniteFields
import Foundation
import Foundations

/// An invitation's code, of which the federation keeps a hash: whoever has it may register once.
struct InvitationFile: Codable, Hashable, FormattedFile {
    static let currentFormat = "martlet-fl-invitations/1"

    struct Invitation: Codable, Hashable {
        var name: String
        /// Poseidon of the code.
        var hash: Element
        var isUsed: Bool
    }

    var format = Self.currentFormat
    var invitations: [Invitation] = []

    static func hash(_ code: Scalar) -> Scalar { Poseidon.hash(code, .one) }
}

extension Federation {
    private var invitationsPath: String { directory + "/invitations.json" }

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
            file.invitations.append(
                .init(name: name, hash: Element(InvitationFile.hash(code)), isUsed: false))
            try JSONFile.write(file, to: invitationsPath, mode: 0o600)
        }
        return code.decimal
    }

    /// Registers a client: draws its identity, commits to its data, and writes both to the client's own
    /// directory.
    ///
    /// - Parameters:
    ///   - client: the client's directory, made with mode 0700; it must not have an identity yet. Where this
    ///     fails, nothing of it is left.
    ///   - name: what the operator knows the client by.
    ///   - data: the client's samples (see `DataFile`).
    ///   - invitation: the code, where the federation asks for one, and only there.
    ///   - generator: must be cryptographically secure.
    /// Before the first round this changes the first state, which has the registry's root; later the client
    /// takes part from the round after the open one on.
    ///
    /// - Returns: the client's place in the registry.
    /// - Throws: `.badInput` for an invitation that is missing, wrong, used or not asked for, and for a
    ///   client that is registered already.
    package func enroll(
        client: String, name: String, data: String, invitation: String?,
        using generator: inout some RandomNumberGenerator
    ) throws(FederationError) -> Int {
        try checkName(name)
        let batches = try DataFile(path: data, plan).batches(plan, path: data)
        let identityPath = client + "/identity.json"
        guard !FileManager.default.fileExists(atPath: identityPath) else {
            throw FederationError(.badInput, file: identityPath, "there is an identity already")
        }
        let identity = Identity.random(using: &generator)
        let salts = batches.map { _ in Scalar.random(using: &generator) }
        let dataset = Dataset(plan, batches: batches, salts: salts)
        var index = 0
        try withRegistryLock { () throws(FederationError) in
            var registry = try registry()
            guard registry.clients.count < 1 << plan.task.registryDepth else {
                throw FederationError(.badInput, file: registryPath, "the registry is full")
            }
            guard !registry.clients.contains(where: { $0.name == name }) else {
                throw FederationError(
                    .badInput, file: registryPath, "\(name) is registered already: one identity each")
            }
            let redeemed = try redeem(invitation, name: name)
            index = registry.clients.count
            registry.clients.append(
                RegisteredClient(
                    name: name, commitment: identity.commitment, datasetRoot: dataset.tree.root))
            let folder = try NewDirectory(client, mode: 0o700)
            do throws(FederationError) {
                // The client's files first: a registered client without its secret would be lost.
                try JSONFile.write(DatasetFile(batches), to: client + "/dataset.json", mode: 0o600)
                try IdentityFile.write(identity, name: name, index: index, salts: salts, to: identityPath)
                if let redeemed { try JSONFile.write(redeemed, to: invitationsPath, mode: 0o600) }
                try JSONFile.write(registry, to: registryPath)
            } catch {
                try? FileManager.default.removeItem(atPath: identityPath)
                folder.remove(["dataset.json"])
                throw error
            }
            try countIn(registry)
        }
        return index
    }

    private var startPath: String { directory + "/started" }

    /// Whether the first state stays as it is, whoever enrolls.
    package var isStarted: Bool {
        get throws(FederationError) {
            guard try lastRound == 0 else { return true }
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

    /// Fixes the first state: whoever enrolls from now on takes part from the second round on.
    ///
    /// - Returns: that state.
    /// - Throws: `.badInput` where fewer clients are registered than a round has at least.
    package func start() throws(FederationError) -> ChainState {
        var first: ChainState?
        try withRegistryLock { () throws(FederationError) in
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

    /// Leaves the mark of a federation that has started.
    func keepFirstState() throws(FederationError) {
        if try !hasStartMark { try JSONFile.write(data: Data(), to: startPath) }
    }

    /// Before the federation has started the first state has the registry as it is.
    private func countIn(_ registry: RegistryFile) throws(FederationError) {
        guard try !isStarted else { return }
        var (state, model, _) = try state(0)
        state.registry = registry.tree(plan, count: registry.clients.count).root
        try JSONFile.write(
            StateFile(state, registered: registry.clients.count, weights: model.flattened),
            to: statePath(0))
    }

    /// The invitations with this one used; `nil` where the federation asks for none.
    private func redeem(_ code: String?, name: String) throws(FederationError) -> InvitationFile? {
        guard hasInvitations else {
            guard code == nil else {
                throw FederationError(
                    .badInput, file: directory, "this federation registers without an invitation")
            }
            return nil
        }
        var file = try InvitationFile.read(invitationsPath)
        guard let code else {
            throw FederationError(
                .badInput, file: invitationsPath, "this federation registers with an invitation only")
        }
        guard let element = Scalar(decimal: code) else {
            throw FederationError(.badInput, file: invitationsPath, "the invitation's code is none")
        }
        let hash = InvitationFile.hash(element)
        guard let place = file.invitations.firstIndex(where: { $0.hash.value == hash }) else {
            throw FederationError(.badInput, file: invitationsPath, "no invitation has this code")
        }
        guard !file.invitations[place].isUsed else {
            throw FederationError(
                .badInput, file: invitationsPath, "the invitation is used: one person has one identity")
        }
        guard file.invitations[place].name == name else {
            throw FederationError(
                .badInput, file: invitationsPath,
                "the invitation is for somebody else than \(name): the names of both must be equal")
        }
        file.invitations[place].isUsed = true
        return file
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
        let path = directory + "/.registry.lock"
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
