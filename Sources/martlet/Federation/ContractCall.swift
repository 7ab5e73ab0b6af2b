// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import Digests
import EllipticCurves
import FiniteFields
import Foundations
import Groth16
import SnarkFormats

/// A call of a round's contract, for whoever sends transactions: the function with its signature, the values,
/// and all of it as the bytes of a transaction's data.
struct ContractCall: Encodable {
    /// An argument: a `uint256`, or an array of arguments whose length is part of its type.
    indirect enum Value: Encodable {
        /// Decimal digits, and 32 bytes, the highest first.
        case number(decimal: String, word: [UInt8])
        case list([Value])

        static func element(_ value: some PrimeField) -> Value {
            .number(decimal: value.decimal, word: value.bigEndianBytes)
        }

        static func point(_ point: Affine<BN254.G1>) -> Value {
            .list([.element(point.x), .element(point.y)])
        }

        /// c1 of Fp2 comes before c0, as the precompiles of EIP-197 want it.
        static func point(_ point: Affine<BN254.G2>) -> Value {
            .list([point.x, point.y].map { .list([.element($0.c1), .element($0.c0)]) })
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let decimal, _): try container.encode(decimal)
            case .list(let values): try container.encode(values)
            }
        }

        var type: String {
            switch self {
            case .number: "uint256"
            case .list(let values): "\(values[0].type)[\(values.count)]"
            }
        }

        /// As `cast` takes it: without blanks.
        var text: String {
            switch self {
            case .number(let decimal, _): decimal
            case .list(let values): "[\(values.map(\.text).joined(separator: ","))]"
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .number(_, let word): word
            case .list(let values): values.flatMap(\.bytes)
            }
        }
    }

    let function: String
    /// The function with its arguments' types, whose hash begins the data.
    let signature: String
    /// Numbers are decimal strings.
    let arguments: [Value]
    /// What a transaction carries, in hexadecimal behind `0x`: four bytes of the signature's Keccak-256, then
    /// the arguments, 32 bytes a number.
    let data: String

    private init(_ function: String, _ arguments: [Value]) {
        self.function = function
        self.arguments = arguments
        signature = "\(function)(\(arguments.map(\.type).joined(separator: ",")))"
        let selector = Keccak256.bytes(of: Array(signature.utf8)).prefix(4)
        data = "0x" + (Array(selector) + arguments.flatMap(\.bytes)).hexadecimal
    }

    /// Settles a round: `submit_round(a, b, c, new_state)`, of a proof with commitments
    /// `submit_round(a, b, c, d, pok, new_state)`.
    static func submitRound(_ proof: Groth16Proof<BN254>, newState: Scalar) -> ContractCall {
        let points: [Value] =
            switch proof {
            case .plain(let proof): [.point(proof.a), .point(proof.b), .point(proof.c)]
            case .committed(let proof):
                [
                    .point(proof.a), .point(proof.b), .point(proof.c),
                    proof.commitments.count == 1
                        ? .point(proof.commitments[0]) : .list(proof.commitments.map { .point($0) }),
                    .point(proof.knowledge),
                ]
            }
        return ContractCall("submit_round", points + [.element(newState)])
    }

    /// Changes the registry: the registrar's.
    static func setRegistry(_ root: Scalar) -> ContractCall {
        ContractCall("set_registry", [.element(root)])
    }

    /// The signature, an argument a line, and the data.
    var lines: String { ([signature] + arguments.map(\.text) + [data]).joined(separator: "\n") }
}
