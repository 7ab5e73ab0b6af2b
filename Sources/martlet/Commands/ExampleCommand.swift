// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Curves
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

        @Option(help: ArgumentHelp("Where the circuit goes.", valueName: "file"))
        var r1cs: String?

        @Option(help: ArgumentHelp("Where a witness goes.", valueName: "file"))
        var witness: String?

        @Option(help: ArgumentHelp("The levels of the group's tree: 244 constraints each.", valueName: "n"))
        var depth = 32

        @Option(help: ArgumentHelp("The members of the group.", valueName: "n"))
        var members = 1000

        @Option(help: ArgumentHelp("The member who speaks, counted from 0.", valueName: "n"))
        var member = 0

        @Option(help: ArgumentHelp("What the member speaks on, at most 31 bytes.", valueName: "text"))
        var topic = "topic"

        @Option(help: ArgumentHelp("What the member says, at most 31 bytes.", valueName: "text"))
        var message = "message"

        @Option(help: ArgumentHelp("What the members' secrets are made from.", valueName: "n"))
        var seed: UInt64 = 1

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard r1cs != nil || witness != nil else {
                throw ValidationError("At least one of --r1cs and --witness is needed.")
            }
            guard (1...32).contains(depth) else { throw ValidationError("--depth must be from 1 to 32.") }
            guard members >= 1, members <= 1 << min(depth, 20) else {
                throw ValidationError("--members must be from 1 to \(1 << min(depth, 20)).")
            }
            guard (0..<members).contains(member) else {
                throw ValidationError("--member must be from 0 to \(members - 1).")
            }
            for (name, text) in [("--topic", topic), ("--message", message)] where text.utf8.count > 31 {
                throw ValidationError("\(name) is longer than 31 bytes.")
            }
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
            var statement: GroupMembership.Statement?
            if let witness {
                let secret = Self.secret(seed: seed, member: member)
                let made = circuit.witness(
                    secret: secret, in: group, at: member, topic: Self.number(topic),
                    message: Self.number(message))
                statement = made.statement
                defer { made.values.wipe() }
                try WitnessFile.write(made.values.witness(), of: BN254.self, to: witness)
            }
            if json {
                return try Console.printJSON(
                    Report(
                        r1cs: r1cs, witness: witness, constraints: builder.constraintCount,
                        wires: builder.wireCount, publicInputs: builder.publicCount,
                        statement: statement.map {
                            Statement(
                                root: $0.root.decimal, nullifier: $0.nullifier.decimal,
                                topic: $0.topic.decimal, message: $0.message.decimal)
                        }))
            }
            if let r1cs {
                files.say(
                    "\(r1cs): \(builder.constraintCount) constraints, \(builder.wireCount) wires, \(builder.publicCount) public inputs"
                )
            }
            if let witness, let statement {
                files.say(
                    "\(witness): one of \(members) members says \(message.debugDescription) on \(topic.debugDescription); nullifier \(statement.nullifier.decimal.prefix(12))…"
                )
            }
        }

        private var group: MerkleTree {
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
