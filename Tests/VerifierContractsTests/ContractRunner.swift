// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SystemTestSupport
import TestSupport
import Testing

/// A value of a call: a number, an address, or an array or struct of values.
indirect enum ABIValue: Encodable {
    case number(String)
    case list([ABIValue])

    static func element(_ value: some PrimeField) -> ABIValue { .number(value.decimal) }
    static func list(_ values: [String]) -> ABIValue { .list(values.map { .number($0) }) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let text): try container.encode(text)
        case .list(let values): try container.encode(values)
        }
    }

    /// The eight coordinates of a proof with their places: A, B with c1 before c0, C.
    static func proof(_ proof: Proof<BN254>) -> [ABIValue] {
        [
            list([proof.a.x.decimal, proof.a.y.decimal]),
            list([proof.b.x, proof.b.y].map { list([$0.c1.decimal, $0.c0.decimal]) }),
            list([proof.c.x.decimal, proof.c.y.decimal]),
        ]
    }

    /// The same with commitments and the proof of knowledge behind them, where there are any.
    static func proof(_ proof: CommittedProof<BN254>) -> [ABIValue] {
        func point(_ point: Affine<BN254.G1>) -> ABIValue { list([point.x.decimal, point.y.decimal]) }
        let plain = Self.proof(Proof(a: proof.a, b: proof.b, c: proof.c))
        return switch proof.commitments.count {
        case 0: plain
        case 1: plain + [point(proof.commitments[0]), point(proof.knowledge)]
        default: plain + [.list(proof.commitments.map(point)), point(proof.knowledge)]
        }
    }

    /// All numbers, in their order.
    var words: [String] {
        switch self {
        case .number(let text): [text]
        case .list(let values): values.flatMap(\.words)
        }
    }

    /// The same value with one of its numbers changed.
    func changing(word: Int, by change: (String) -> String) -> ABIValue {
        var left = word
        return changing(&left, change)
    }

    private func changing(_ left: inout Int, _ change: (String) -> String) -> ABIValue {
        switch self {
        case .number(let text):
            left -= 1
            return .number(left == -1 ? change(text) : text)
        case .list(let values): return .list(values.map { $0.changing(&left, change) })
        }
    }
}

/// A call of a contract, as `run_contract.py` takes it.
struct ContractCall: Encodable {
    var function: String
    var arguments: [ABIValue] = []
    var sender: String?
    var gas: Int?
    var drop: Int?
    var append: String?
}

/// What a call gave.
struct ContractResult: Decodable {
    struct Event: Decodable, Equatable {
        var name: String
        var values: [String]
    }

    var success: Bool
    var values: [String]
    var reason: String?
    var gas: Int?
    var events: [Event]
    var digest: String
    var storage: [String]

    var isTrue: Bool { success && values == ["True"] }
    var isFalse: Bool { success && values == ["False"] }
}

/// A contract in both languages; nil in one where it would be too large.
struct ContractText {
    var vyper: String
    var solidity: String?
}

/// Compiles contracts in Vyper and executes them, by Tests/Scripts/run_contract.py. Where MARTLET_SOLC names
/// a compiler of Solidity, the same is done with the contracts in that language, which must do the same.
enum ContractRunner {
    struct Outcome: Decodable {
        /// Bytes of the contract.
        var code: Int
        /// Bytes of what deploys it.
        var initcode: Int
        var deployment: Int
        var results: [ContractResult]
        /// Why the constructor reverted.
        var refused: String?
        /// The same of the others, `nil` for those that did not.
        var others: [String?]
        /// What the contract in Solidity does, where it was compiled; none in itself.
        var solidity: [Outcome]?
    }

    /// A contract, and what is done with it.
    struct Request: Encodable {
        var source: String
        var solidity: String?
        var constructor: [ABIValue] = []
        var calls: [ContractCall]
        /// Values of further constructors, which are tried only.
        var others: [[ABIValue]] = []

        init(
            source: ContractText, constructor: [ABIValue] = [], calls: [ContractCall],
            others: [[ABIValue]] = []
        ) {
            self.source = source.vyper
            solidity = source.solidity
            self.constructor = constructor
            self.calls = calls
            self.others = others
        }
    }

    private static let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"].map {
        URL(filePath: $0)
    }

    /// For `.enabled(if: ContractRunner.isPresent, …)`.
    static let isPresent: Bool = {
        guard let python else { return false }
        let outcome = try? MartletCommand.run(python, ["-c", "import vyper, pyrevm, eth_abi, eth_utils"])
        return outcome?.status == 0
    }()

    static func run(
        _ source: ContractText, constructor: [ABIValue] = [], _ calls: [ContractCall],
        others: [[ABIValue]] = []
    ) throws -> Outcome {
        try run([Request(source: source, constructor: constructor, calls: calls, others: others)])[0]
    }

    /// Several contracts by one process, whose beginning takes as long as a contract.
    static func run(_ requests: [Request]) throws -> [Outcome] {
        guard let python else { throw CocoaError(.executableNotLoadable) }
        let folder = try TemporaryFolder()
        try JSONEncoder().encode(requests).write(to: folder.url.appending(path: "request.json"))
        let script = Vectors.directory.deletingLastPathComponent().appending(path: "Scripts/run_contract.py")
        let outcome = try MartletCommand.run(
            python, [script.path, folder.path("request.json")], limit: 600)
        guard outcome.status == 0 else {
            throw CocoaError(
                .executableRuntimeMismatch, userInfo: [NSDebugDescriptionErrorKey: outcome.errors])
        }
        let outcomes = try JSONDecoder().decode([Outcome].self, from: Data(outcome.output.utf8))
        guard outcomes.count == requests.count else { throw CocoaError(.coderInvalidValue) }
        for (request, outcome) in zip(requests, outcomes) { compare(outcome, request) }
        return outcomes
    }

    /// Demands that the contract in Solidity, where it was compiled, does what the one in Vyper does.
    private static func compare(_ vyper: Outcome, _ request: Request) {
        guard let solidity = vyper.solidity?.first else { return }
        #expect(solidity.refused == vyper.refused && solidity.others == vyper.others)
        #expect(solidity.code <= 24_576 && solidity.initcode <= 49_152, "\(solidity.code)")
        #expect(solidity.results.count == vyper.results.count)
        for ((own, other), call) in zip(zip(solidity.results, vyper.results), request.calls) {
            // Of arguments that are too short Vyper reads some as zeros, and Solidity none.
            if call.drop != nil, !own.success, own.reason == "", !other.isTrue { continue }
            // Vyper's decoder of arguments refuses what is too long, without a reason.
            let areAlike =
                own.reason == other.reason || other.reason == "" && own.reason == "batch too large"
                || call.gas != nil
            #expect(
                own.success == other.success && areAlike && own.values == other.values
                    && own.events == other.events && own.storage == other.storage
                    && own.digest == other.digest,
                "\(call.function): in Solidity \(own), in Vyper \(other)")
        }
        let gas = solidity.results.prefix(4).compactMap(\.gas)
        print(
            "  in Solidity: \(gas) gas, \(solidity.code) bytes, deployment \(solidity.deployment) by \(solidity.initcode)"
        )
    }
}
