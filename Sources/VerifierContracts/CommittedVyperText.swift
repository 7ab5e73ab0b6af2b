// SPDX-License-Identifier: Apache-2.0

import Groth16

/// A contract in Vyper 0.4.3 for proofs with one commitment: one call of the pairing for both equations,
///
/// e(A, B) · e(−α, β) · e(L, −γ) · e(C, −δ) · (e(P, G) · e(D, −σG))^s = 1
///
/// with L = IC₀ + Σ xᵢ·ICᵢ₊₁ + c·ICₙ₊₁ + D and s a hash of all that is given. Where one of the equations does
/// not hold, the product is one for at most one s of the group order.
struct CommittedVyperText {
    /// What a contract checks that there is of such keys.
    enum Form {
        case single
        case round(isAttested: Bool)
    }

    let constants: CommittedConstants
    let form: Form
    /// The kind of which `form` is.
    let kind: ContractKind
    let origin: ContractOrigin

    /// - Throws: `.commitmentForm` for a kind that there is not.
    init(
        _ constants: CommittedConstants, _ kind: ContractKind, _ origin: ContractOrigin
    ) throws(ContractError) {
        form =
            switch kind {
            case .single: .single
            case .round: .round(isAttested: false)
            case .attestedRound: .round(isAttested: true)
            case .batch: throw .commitmentForm
            }
        self.constants = constants
        self.kind = kind
        self.origin = origin
    }

    var text: String {
        let comment = ContractHeader.lines(constants, kind, origin).map { $0.isEmpty ? "#" : "# \($0)" }
        let head =
            ["# pragma version 0.4.3", "# pragma evm-version cancun", "# pragma optimize gas"] + comment
        let body =
            switch form {
            case .single: single
            case .round(let isAttested): round(isAttested: isAttested)
            }
        return [head.joined(separator: "\n") + "\n", definitions, VyperPoints.functions + body]
            .joined(separator: "\n")
    }

    private var definitions: String {
        let tag = ["TAG: constant(Bytes[17]) = x\"62736232322d636f6d6d69746d656e7410\""]
        let lines =
            [
                "# The group order.", "R: constant(uint256) = \(KeyConstants.order)",
                "ECADD: constant(address) = 0x0000000000000000000000000000000000000006",
                "ECMUL: constant(address) = 0x0000000000000000000000000000000000000007",
                "PAIRING: constant(address) = 0x0000000000000000000000000000000000000008",
            ] + constants.entries.map { "\($0.name): constant(uint256) = \($0.value)" }
            + (constants.hash == .sha256 ? tag : [])
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// Statements that leave the challenge in `challenge`; `inputs` are the expressions of the public inputs.
    private func challenge(_ inputs: [String]) -> String {
        let message = (["d[0]", "d[1]"] + constants.hashed.map { inputs[$0 - 1] }).joined(separator: ", ")
        switch constants.hash {
        case .keccak256:
            return "    challenge: uint256 = convert(keccak256(abi_encode(\(message))), uint256) % R\n"
        case .sha256, .poseidon:
            // expand_message_xmd of RFC 9380 for 48 bytes, tag bsb22-commitment with its length behind it.
            return """
                    zeros: bytes32 = empty(bytes32)
                    first: bytes32 = sha256(
                        concat(zeros, zeros, abi_encode(\(message)), x"003000", TAG)
                    )
                    high: bytes32 = sha256(concat(first, x"01", TAG))
                    mixed: bytes32 = convert(convert(first, uint256) ^ convert(high, uint256), bytes32)
                    low: bytes32 = sha256(concat(mixed, x"02", TAG))
                    challenge: uint256 = uint256_addmod(
                        uint256_mulmod(convert(high, uint256), 2**128, R), convert(low, uint256) >> 128, R
                    )

                """
        }
    }

    /// The parameters of a proof.
    private let proof = "a: uint256[2], b: uint256[2][2], c: uint256[2], d: uint256[2], pok: uint256[2]"

    /// Statements that check a proof and leave the precompile's answer in `out`; `inputs` are the expressions
    /// of the public inputs, and `given` what has all of them, to be hashed.
    private func pairing(_ inputs: [String], given: [String]) -> String {
        let terms = (inputs + ["challenge"]).enumerated().map { index, value in
            "    l = ecadd(l, ecmul([IC\(index + 1)_X, IC\(index + 1)_Y], \(value)))\n"
        }.joined()
        let all = (["a", "b", "c", "d", "pok"] + given).joined(separator: ", ")
        let pairs = [
            "a[0], a[1], b[0][0], b[0][1], b[1][0], b[1][1]", "ALPHA_X, ALPHA_Y, \(g2("BETA"))",
            "l[0], l[1], \(g2("GAMMA"))", "c[0], c[1], \(g2("DELTA"))", "e[0], e[1], \(g2("SIGMA"))",
        ]
        let own = constants.sharesGamma ? [] : ["p[0], p[1], \(g2("G"))"]
        // In γ's pair, whose point is negated, the proof of knowledge has the sign of −s.
        let factor = constants.sharesGamma ? "R - s" : "s"
        let merged = constants.sharesGamma ? "    l = self._add(l, p)\n" : ""
        return """
            \(challenge(inputs))\
                l: uint256[2] = self._add([IC0_X, IC0_Y], d)
            \(terms)\
                # Both equations at once: with s, of all that is given, one does not make up for the other.
                s: uint256 = convert(keccak256(abi_encode(\(all))), uint256) % R
                p: uint256[2] = self._multiply(pok, \(factor))
            \(merged)\
                e: uint256[2] = self._multiply(d, s)
                ok: bool = False
                out: Bytes[32] = b""
                ok, out = raw_call(
                    PAIRING,
                    abi_encode(
            \((pairs + own).map { "            \($0),\n" }.joined())\
                    ),
                    max_outsize=32,
                    is_static_call=True,
                    revert_on_failure=False,
                )
                assert ok and len(out) == 32, "invalid point"

            """
    }

    private var single: String {
        let count = constants.publicCount
        let inputs = (0..<count).map { "input[\($0)]" }
        let parameter = count == 0 ? "" : ", input: uint256[\(count)]"
        let checks = inputs.map { "    if \($0) >= R:\n        return False\n" }.joined()
        return """
            # False for a public input that is not below R and where an equation does not hold; reverts when a point is not one of
            # its group. The coordinates of `b` come as in snarkjs' calldata: c1 before c0. `d` is the commitment, `pok` the proof
            # that what it is made of is known.
            @external
            @view
            def verify(
                \(proof)\(parameter)
            ) -> bool:
            \(checks)\(pairing(inputs, given: count == 0 ? [] : ["input"]))\
                return convert(out, uint256) == 1

            """
    }

    private func round(isAttested: Bool) -> String {
        let inputs = VyperRounds.inputs
        return VyperRounds.text(
            isAttested: isAttested, proof: proof, check: pairing(inputs, given: inputs))
    }

    private func g2(_ name: String) -> String { KeyConstants.g2Names(name).joined(separator: ", ") }
}
