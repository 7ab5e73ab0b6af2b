// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

/// `martlet example`, through the program itself.
@Suite struct ExampleCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ line: String, _ sourceLocation: SourceLocation = #_sourceLocation) throws
        -> MartletCommand.Outcome
    {
        let arguments = line.split(separator: " ").map {
            String($0.replacing("{dir}", with: folder.url.path))
        }
        return try MartletCommand.run(arguments)
    }

    private struct Report: Decodable {
        struct Statement: Decodable {
            var root, nullifier, topic, message: String
        }
        var constraints: Int
        var statement: Statement?
    }

    private func witness(_ name: String, _ options: String) throws -> Report {
        let outcome = try run(
            "example membership --depth 1 --members 2 \(options) --witness {dir}/\(name).wtns --json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    /// Circuit and witness are files as any others: a key is made, a proof verifies, its public inputs are
    /// what was said.
    @Test func whatItWritesIsProved() throws {
        let circuit = try run("example membership --depth 1 --r1cs {dir}/c.r1cs")
        #expect(circuit.status == 0, "\(circuit.errors)")
        #expect(circuit.output.contains("c.r1cs: 978 constraints"), "\(circuit.output)")
        let made = try witness("one", "--member 1 --topic cake --message plum")
        let statement = try #require(made.statement)
        #expect(made.constraints == 978)
        // "cake" and "plum" as numbers of base 256.
        #expect(statement.topic == "1667328869" && statement.message == "1886156141")

        for line in [
            "setup groth16 --r1cs {dir}/c.r1cs --insecure-dev --zkey {dir}/c.zkey",
            "export vkey --zkey {dir}/c.zkey --vkey {dir}/vkey.json",
            "prove --backend cpu --zkey {dir}/c.zkey --r1cs {dir}/c.r1cs --witness {dir}/one.wtns --proof {dir}/proof.json --public {dir}/public.json",
            "verify --vkey {dir}/vkey.json --public {dir}/public.json --proof {dir}/proof.json",
        ] {
            let outcome = try run(line)
            #expect(outcome.status == 0, "\(line): \(outcome.errors)")
        }
        let inputs = try JSONDecoder().decode(
            [String].self, from: Data(contentsOf: folder.url.appending(path: "public.json")))
        #expect(
            inputs == [statement.root, statement.nullifier, statement.topic, statement.message])
    }

    @Test func nullifiersAreOfMemberAndTopic() throws {
        let first = try #require(try witness("a", "--member 0 --topic cake --message plum").statement)
        let again = try #require(try witness("b", "--member 0 --topic cake --message cherry").statement)
        let other = try #require(try witness("c", "--member 1 --topic cake --message plum").statement)
        let elsewhere = try #require(try witness("d", "--member 0 --topic pie --message plum").statement)
        #expect(first.nullifier == again.nullifier && first.message != again.message)
        #expect(Set([first.nullifier, other.nullifier, elsewhere.nullifier]).count == 3)
        #expect(Set([first, again, other, elsewhere].map(\.root)).count == 1)
        let seeded = try #require(try witness("e", "--member 0 --topic cake --seed 2").statement)
        #expect(seeded.root != first.root)
    }

    @Test(arguments: [
        "example membership", "example membership --r1cs {dir}/c --depth 33",
        "example membership --witness {dir}/w --members 2 --member 2",
        "example membership --witness {dir}/w --depth 1 --members 3",
        "example membership --witness {dir}/w --message 12345678901234567890123456789012",
        "example membership --r1cs {dir}/c --witness {dir}/c",
    ])
    func whatCannotBeIsRefused(_ line: String) throws {
        let outcome = try run(line)
        #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}
