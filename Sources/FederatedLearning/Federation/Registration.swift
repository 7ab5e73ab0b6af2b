// SPDX-License-Identifier: Apache-2.0

import Circuits
import FiniteFields
import Foundation

/// `registration.json`: what a client hands to the operator to be registered. Nothing in it is secret.
package struct RegistrationFile: Codable, Hashable, Sendable {
    package static let currentFormat = "martlet-fl-registration/1"

    package var format = Self.currentFormat
    package var task: Element
    /// What the operator is to know the client by; the registry publishes it.
    package var name: String
    package var commitment: Element
    package var datasetRoot: Element
    /// Where the client was invited, H(key of the invitation's code, leaf): whoever reads it can register
    /// nothing else with it, and does not learn the code.
    package var invitation: Element?

    var client: RegisteredClient {
        RegisteredClient(name: name, commitment: commitment.value, datasetRoot: datasetRoot.value)
    }
}

extension RegistrationFile: FormattedFile {}

extension Client {
    /// Makes a client, by itself: draws its identity, commits to its data, and writes both to its own
    /// directory, with `registration.json` for the operator.
    ///
    /// - Parameters:
    ///   - directory: made with mode 0700; it must not have an identity yet. Where this fails, nothing of it
    ///     is left.
    ///   - name: what the operator is to know the client by, and what an invitation was made for; nil for one
    ///     that is made of the identity's commitment.
    ///   - data: the client's samples (see `DataFile`).
    ///   - invitation: the code, where the federation asks for one.
    ///   - generator: must be cryptographically secure.
    /// - Returns: what is in `registration.json`, and how many samples of the file are left out, since a
    ///   client has so many and no more.
    /// - Throws: `.badInput` where there is an identity already, and what is wrong with data, name and code.
    package static func create(
        _ directory: String, _ plan: Plan, name: String?, data: String, invitation: String?,
        using generator: inout some RandomNumberGenerator
    ) throws(FederationError) -> (registration: RegistrationFile, leftOut: Int) {
        func require(_ fault: String?) throws(FederationError) {
            if let fault { throw FederationError(.badInput, file: directory, fault) }
        }
        try require(name.flatMap(Federation.fault(ofName:)))
        let code = invitation.flatMap { Scalar(decimal: $0) }
        try require(invitation != nil && code == nil ? "the invitation's code is none" : nil)
        try require(
            Federation.holding(directory).map {
                "it is in the directory of a federation, \($0), which is published"
            })
        let file = try DataFile(path: data, plan)
        let batches = try file.batches(plan, path: data)
        let identityPath = directory + "/identity.json"
        guard !FileManager.default.fileExists(atPath: identityPath) else {
            throw FederationError(.badInput, file: identityPath, "there is an identity already")
        }
        let identity = Identity.random(using: &generator)
        let salts = batches.map { _ in Scalar.random(using: &generator) }
        let root = Dataset(plan, batches: batches, salts: salts).tree.root
        let leaf = registryLeaf(commitment: identity.commitment, datasetRoot: root)
        let registration = RegistrationFile(
            task: Element(plan.taskID),
            name: name ?? "client-\(identity.commitment.decimal.prefix(12))",
            commitment: Element(identity.commitment), datasetRoot: Element(root),
            invitation: code.map {
                Element(InvitationFile.mark(key: InvitationFile.key($0), leaf: leaf))
            })
        let folder = try NewDirectory(directory, mode: 0o700)
        do throws(FederationError) {
            try JSONFile.write(DatasetFile(batches), to: directory + "/dataset.json", mode: 0o600)
            try JSONFile.write(registration, to: Self.registrationPath(directory))
            // Last: with it the client is there.
            try IdentityFile.write(
                identity, name: registration.name, task: plan.taskID, salts: salts, to: identityPath)
        } catch {
            try? FileManager.default.removeItem(atPath: identityPath)
            folder.remove(["dataset.json", "registration.json"])
            throw error
        }
        return (registration, file.countBeyond(plan))
    }
}

extension Federation {
    /// A client that is in the registry.
    package struct Registered: Sendable {
        package let name: String
        package let index: Int
        /// False for one that was there before.
        package let isNew: Bool
    }

    /// Registers clients, all or none, in the order of their files. A registration that is in the registry
    /// already stays where it is.
    ///
    /// Before the federation has started this changes the first state, which has the registry's root; later
    /// a client takes part from the round after the open one on.
    ///
    /// - Parameter paths: registrations, as clients made them.
    /// - Throws: `.badInput` for a registration of another task, a name, an identity or data that are
    ///   registered otherwise, and an invitation that is missing, wrong, used or not asked for.
    package func register(_ paths: [String]) throws(FederationError) -> [Registered] {
        var files: [(path: String, file: RegistrationFile)] = []
        for path in paths { files.append((path, try RegistrationFile.read(path, from: .argument))) }
        var result: [Registered] = []
        try withRegistryLock { () throws(FederationError) in
            var registry = try registry()
            var invitations = hasInvitations ? try InvitationFile.read(invitationsPath) : nil
            let before = (registry, invitations)
            for (path, file) in files {
                result.append(try add(file, path: path, to: &registry, &invitations))
            }
            // The invitations first: each says whom it registered, so that what was interrupted is repeated.
            if let invitations, invitations != before.1 {
                try JSONFile.write(invitations, to: invitationsPath, mode: 0o600)
            }
            if registry != before.0 { try JSONFile.write(registry, to: registryPath) }
            try countIn(registry)
        }
        return result
    }

    private func add(
        _ file: RegistrationFile, path: String, to registry: inout RegistryFile,
        _ invitations: inout InvitationFile?
    ) throws(FederationError) -> Registered {
        func fail(_ reason: String) -> FederationError { FederationError(.badInput, file: path, reason) }
        guard file.task.value == plan.taskID else { throw fail("it is a registration for another task") }
        if let fault = Self.fault(ofName: file.name) { throw fail("name: \(fault)") }
        let client = file.client
        if let index = registry.clients.firstIndex(of: client) {
            return Registered(name: client.name, index: index, isNew: false)
        }
        for other in registry.clients {
            guard other.name != client.name else {
                throw fail("\(client.name) is registered already: one identity each")
            }
            guard other.commitment != client.commitment, other.datasetRoot != client.datasetRoot else {
                throw fail("its identity or its data are registered already, as \(other.name)")
            }
        }
        guard registry.clients.count < 1 << plan.task.registryDepth else {
            throw fail("the registry is full")
        }
        try redeem(file, leaf: client.leaf, &invitations, fail)
        registry.clients.append(client)
        return Registered(name: client.name, index: registry.clients.count - 1, isNew: true)
    }

    /// Marks the invitation of a registration as used by it.
    private func redeem(
        _ file: RegistrationFile, leaf: Scalar, _ invitations: inout InvitationFile?,
        _ fail: (String) -> FederationError
    ) throws(FederationError) {
        guard let list = invitations?.invitations else {
            guard file.invitation == nil else {
                throw fail("it has an invitation, and this federation registers without")
            }
            return
        }
        guard let mark = file.invitation else {
            throw fail("it has no invitation, and this federation registers with one only")
        }
        guard let place = list.firstIndex(where: { $0.name == file.name }) else {
            throw fail("nobody called \(file.name) is invited: the names of both must be equal")
        }
        guard InvitationFile.mark(key: list[place].key.value, leaf: leaf) == mark.value else {
            throw fail(
                "it was not made with the code of the invitation for \(file.name), or was changed since")
        }
        guard list[place].leaf == nil || list[place].leaf?.value == leaf else {
            throw fail("the invitation is used: one person has one identity")
        }
        invitations?.invitations[place].leaf = Element(leaf)
    }
}
