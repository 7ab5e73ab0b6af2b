// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Curves
import Failures
import FiniteFields
import ProvingEngine
import SnarkFormats

/// Circuits of our own with witnesses, for who has none at hand.
struct ExampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example",
        abstract: "Writes a circuit of our own and witnesses of it, to try things with.",
        subcommands: [Membership.self])

    struct Membership: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "membership",
            abstract: "A circuit by which a member of a group speaks, and nobody learns which one.",
            discussion: """
                As in Semaphore: a member is the hash of a secret, the group a Merkle tree of its members. A proof says a message on \
                a topic. Its nullifier is the same when the same member speaks on the same topic again, and tells nothing else. \
                Public inputs: root, nullifier, topic, message. The members' secrets follow from --seed: examples only.
                """)

        @Option(help: ArgumentHelp("Where the circuit goes.", valueName: "file"), completion: .file())
        var r1cs: String?

        @Option(help: ArgumentHelp("Where a witness goes.", valueName: "file"), completion: .file())
        var witness: String?

        @Option(help: ArgumentHelp("The levels of the group's tree: 244 constraints each.", valueName: "n"))
        var depth = 32

        @OptionGroup(title: "What the witness says") var statement: StatementArguments

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard r1cs != nil || witness != nil else {
                throw ValidationError("At least one of --r1cs and --witness is needed.")
            }
            guard (1...32).contains(depth) else { throw ValidationError("--depth must be from 1 to 32.") }
            if witness == nil, let option = statement.given.first {
                throw ValidationError(
                    "\(option) goes with --witness only: the circuit does not depend on it.")
            }
            try statement.validate(depth: depth)
        }

        struct Report: Encodable {
            var r1cs: String?
            var witness: String?
            var constraints: Int
            var wires: Int
            var publicInputs: Int
            /// Of the witness; decimal.
            var statement: Statement?
        }

        struct Statement: Encodable {
            var root: String
            var nullifier: String
            var topic: String
            var message: String
        }

        func run() throws {
            let files = try OutputFiles(
                [r1cs, witness].compactMap(\.self), inputs: [], report: json ? "--json" : nil)
            let circuit = GroupMembership(depth: depth)
            let builder = circuit.constraints()
            if let r1cs {
                let system = builder.constraintSystem()
                try R1CSFile.write(system, of: BN254.self, to: r1cs)
            }
            var spoken: GroupMembership.Statement?
            let (members, member) = (statement.members(depth: depth), statement.member ?? 0)
            let (topic, message) = (statement.topic ?? "topic", statement.message ?? "message")
            if let witness {
                let seed = statement.seed ?? 1
                let secret = Self.secret(seed: seed, member: member)
                let made = circuit.witness(
                    secret: secret, in: group(of: members, seed: seed), at: member, topic: Self.number(topic),
                    message: Self.number(message))
                spoken = made.statement
                defer { made.values.wipe() }
                try WitnessFile.write(made.values.witness(), of: BN254.self, to: witness)
            }
            if json {
                return try Console.printJSON(
                    Report(
                        r1cs: r1cs, witness: witness, constraints: builder.constraintCount,
                        wires: builder.wireCount, publicInputs: builder.publicCount,
                        statement: spoken.map {
                            Statement(
                                root: $0.root.decimal, nullifier: $0.nullifier.decimal,
                                topic: $0.topic.decimal, message: $0.message.decimal)
                        }))
            }
            if let r1cs {
                files.say(
                    "\(OutputFiles.name(r1cs)): \(Count.text(builder.constraintCount, "constraint")), \(Count.text(builder.wireCount, "wire")), \(Count.text(builder.publicCount, "public input"))"
                )
            }
            if let witness, let spoken {
                files.say(
                    "\(OutputFiles.name(witness)): one of \(Count.text(members, "member")) says \(message.debugDescription) on \(topic.debugDescription); nullifier \(spoken.nullifier.decimal.prefix(12))…"
                )
            }
        }

        private func group(of members: Int, seed: UInt64) -> MerkleTree {
            MerkleTree(
                depth: depth,
                leaves: (0..<members).map {
                    GroupMembership.member(secret: Self.secret(seed: seed, member: $0))
                })
        }

        private static func secret(seed: UInt64, member: Int) -> Scalar {
            Poseidon.hash(Scalar(seed), Scalar(UInt64(member)))
        }

        /// The bytes of a text as one big-endian number: different for different texts that do not begin with
        /// a zero byte.
        private static func number(_ text: String) -> Scalar {
            text.utf8.reduce(Scalar.zero) { $0 * Scalar(256) + Scalar(UInt64($1)) }
        }
    }
}

/// What a witness of the membership circuit says, and of which group.
struct StatementArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The members of the group (default: 1000, or as many as fit).", valueName: "n"))
    var members: Int?

    @Option(help: ArgumentHelp("The member who speaks, counted from 0 (default: 0).", valueName: "n"))
    var member: Int?

    @Option(
        help: ArgumentHelp(
            "What the member speaks on, at most 31 bytes (default: topic).", valueName: "text"))
    var topic: String?

    @Option(
        help: ArgumentHelp("What the member says, at most 31 bytes (default: message).", valueName: "text"))
    var message: String?

    @Option(help: ArgumentHelp("What the members' secrets are made from (default: 1).", valueName: "n"))
    var seed: UInt64?

    /// The options that were given.
    var given: [String] {
        let all = [
            ("--members", members != nil), ("--member", member != nil), ("--topic", topic != nil),
            ("--message", message != nil), ("--seed", seed != nil),
        ]
        return all.filter(\.1).map(\.0)
    }

    /// The size of the group: a thousand, where nothing else was asked for and there is room.
    func members(depth: Int) -> Int { members ?? min(1000, 1 << min(depth, 20)) }

    /// - Parameter depth: the levels of the group's tree.
    /// - Throws: `ValidationError` for what a group of this depth cannot have.
    func validate(depth: Int) throws {
        let members = members(depth: depth)
        guard members >= 1, members <= 1 << min(depth, 20) else {
            throw ValidationError("--members must be from 1 to \(1 << min(depth, 20)).")
        }
        guard (0..<members).contains(member ?? 0) else {
            throw ValidationError("--member must be from 0 to \(members - 1).")
        }
        for (name, text) in [("--topic", topic), ("--message", message)] {
            guard (text ?? "").utf8.count <= 31 else {
                throw ValidationError("\(name) is longer than 31 bytes.")
            }
        }
    }
}
