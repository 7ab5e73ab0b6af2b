// SPDX-License-Identifier: Apache-2.0

import Groth16

/// A contract in Vyper 0.4.3 for proofs with commitments: one call of the pairing for both equations,
///
/// e(A, B) · e(−α, β) · e(L, −γ) · e(C, −δ) · (e(P, G) · Π e(fᵏ·Dₖ, −σₖ·G))^s = 1
///
/// with L = IC₀ + Σ xᵢ·ICᵢ₊₁ + Σ (cₖ·ICₙ₊₁₊ₖ + Dₖ), s a hash of all that is given and f the hash of all cₖ by
/// which proofs of knowledge are folded (`CommitmentHash.foldingFactor`). Where one of the equations does not
/// hold, the product is one for at most one s of the group order.
struct CommittedVyperText {
    let constants: CommittedConstants
    let kind: ContractKind
    let origin: ContractOrigin

    init(_ constants: CommittedConstants, _ kind: ContractKind, _ origin: ContractOrigin) {
        self.constants = constants
        self.kind = kind
        self.origin = origin
    }

    var text: String {
        let comment = ContractHeader.lines(constants, kind, origin).map { $0.isEmpty ? "#" : "# \($0)" }
        let head =
            ["# pragma version 0.4.3", "# pragma evm-version cancun", "# pragma optimize gas"] + comment
        let body =
            switch kind {
            case .single: VyperPoints.functions + single
            case .batch(let maximum): batch(maximum: maximum)
            case .round: VyperPoints.functions + round(isAttested: false)
            case .attestedRound: VyperPoints.functions + round(isAttested: true)
            }
        return [head.joined(separator: "\n") + "\n", definitions, body]
            .joined(separator: "\n")
    }

    private var definitions: String {
        // Tags with their lengths behind them: bsb22-commitment, G16-BSB22.
        let tags =
            (constants.hash == .sha256
                ? ["TAG: constant(Bytes[17]) = x\"62736232322d636f6d6d69746d656e7410\""] : [])
            + (count > 1 ? ["FOLD_TAG: constant(Bytes[10]) = x\"4731362d425342323209\""] : [])
        let lines =
            [
                "# The group order.", "R: constant(uint256) = \(KeyConstants.order)",
                "ECADD: constant(address) = 0x0000000000000000000000000000000000000006",
                "ECMUL: constant(address) = 0x0000000000000000000000000000000000000007",
                "PAIRING: constant(address) = 0x0000000000000000000000000000000000000008",
            ] + constants.entries.map { "\($0.name): constant(uint256) = \($0.value)" }
            + tags
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// How many commitments a proof has.
    var count: Int { constants.hashed.count }

    /// What stands for commitment k and its coordinates, where there is one, and where there are several.
    func commitment(_ k: Int) -> String { count == 1 ? "d" : "d[\(k)]" }
    func name(_ name: String, _ k: Int) -> String { count == 1 ? name : "\(name)\(k)" }

    /// Statements that leave the challenges in `challenge`, or `challenge0` and so on; `inputs` are the
    /// expressions of the public inputs, and `owner` is what stands before the commitments.
    func challenges(_ inputs: [String], of owner: String = "") -> String {
        let values = inputs + (0..<count).map { name("challenge", $0) }
        return constants.hashed.enumerated().map { k, hashed in
            let point = (0..<2).map { "\(owner)\(commitment(k))[\($0)]" }
            let message = (point + hashed.map { values[$0 - 1] }).joined(separator: ", ")
            switch constants.hash {
            case .keccak256:
                return """
                        \(name("challenge", k)): uint256 = convert(keccak256(abi_encode(\(message))), uint256) % R

                    """
            case .sha256, .poseidon:
                return expansion(
                    of: message, tag: "TAG", into: name("challenge", k), count == 1 ? "" : "\(k)")
            }
        }.joined()
    }

    /// Statements for `expand_message_xmd` of RFC 9380 with SHA-256, 48 bytes, modulo R.
    ///
    /// - Parameters:
    ///   - message: expressions of the words.
    ///   - tag: the constant that is the tag with its length behind it.
    ///   - name: the variable for the result.
    ///   - suffix: what the names of other variables end with.
    private func expansion(
        of message: String, tag: String, into name: String, _ suffix: String
    ) -> String {
        """
            zeros\(suffix): bytes32 = empty(bytes32)
            first\(suffix): bytes32 = sha256(
                concat(zeros\(suffix), zeros\(suffix), abi_encode(\(message)), x"003000", \(tag))
            )
            high\(suffix): bytes32 = sha256(concat(first\(suffix), x"01", \(tag)))
            mixed\(suffix): bytes32 = convert(convert(first\(suffix), uint256) ^ convert(high\(suffix), uint256), bytes32)
            low\(suffix): bytes32 = sha256(concat(mixed\(suffix), x"02", \(tag)))
            \(name): uint256 = uint256_addmod(
                uint256_mulmod(convert(high\(suffix), uint256), 2**128, R), convert(low\(suffix), uint256) >> 128, R
            )

        """
    }

    /// Statements that use the commitments times a scalar and powers of the folding factor.
    ///
    /// - Parameters:
    ///   - owner: what stands before the commitments.
    ///   - scalar: the scalar's expression.
    ///   - use: a statement for the number of a commitment and the expression of its multiple.
    func multiples(of owner: String = "", by scalar: String, use: (Int, String) -> String) -> String {
        func multiple(_ k: Int, _ scalar: String) -> String {
            use(k, "self._multiply(\(owner)\(commitment(k)), \(scalar))")
        }
        guard count > 1 else { return multiple(0, scalar) }
        let all = (0..<count).map { name("challenge", $0) }.joined(separator: ", ")
        return multiple(0, scalar)
            + "    # The proofs of knowledge are folded into one, by powers of a hash of the challenges.\n"
            + expansion(of: all, tag: "FOLD_TAG", into: "fold", "f") + "    power: uint256 = \(scalar)\n"
            + (1..<count).map { k in
                "    power = uint256_mulmod(power, fold, R)\n" + multiple(k, "power")
            }.joined()
    }

    /// The parameters of a proof.
    private var proof: String {
        let commitments = count == 1 ? "uint256[2]" : "uint256[2][\(count)]"
        return "a: uint256[2], b: uint256[2][2], c: uint256[2], d: \(commitments), pok: uint256[2]"
    }

    /// Statements that check a proof and leave the precompile's answer in `out`; `inputs` are the expressions
    /// of the public inputs, and `given` what has all of them, to be hashed.
    private func pairing(_ inputs: [String], given: [String]) -> String {
        let values = inputs + (0..<count).map { name("challenge", $0) }
        let terms = values.enumerated().map { index, value in
            "    l = ecadd(l, ecmul([IC\(index + 1)_X, IC\(index + 1)_Y], \(value)))\n"
        }.joined()
        let all = (["a", "b", "c", "d", "pok"] + given).joined(separator: ", ")
        let pairs = [
            "a[0], a[1], b[0][0], b[0][1], b[1][0], b[1][1]", "ALPHA_X, ALPHA_Y, \(g2("BETA"))",
            "l[0], l[1], \(g2("GAMMA"))", "c[0], c[1], \(g2("DELTA"))",
        ]
        let sigmas = (0..<count).map { k in
            "\(name("e", k))[0], \(name("e", k))[1], \(g2(CommittedConstants.sigma(k, of: count)))"
        }
        let knowledge = multiples(by: "s") { "    \(name("e", $0)): uint256[2] = \($1)\n" }
        let own = constants.sharesGamma ? [] : ["p[0], p[1], \(g2("G"))"]
        let others = (1..<max(count, 1)).map { "    l = self._add(l, d[\($0)])\n" }.joined()
        // In γ's pair, whose point is negated, the proof of knowledge has the sign of −s.
        let factor = constants.sharesGamma ? "R - s" : "s"
        let merged = constants.sharesGamma ? "    l = self._add(l, p)\n" : ""
        return """
            \(challenges(inputs))\
                l: uint256[2] = self._add([IC0_X, IC0_Y], \(commitment(0)))
            \(others)\(terms)\
                # Both equations at once: with s, of all that is given, one does not make up for the other.
                s: uint256 = convert(keccak256(abi_encode(\(all))), uint256) % R
                p: uint256[2] = self._multiply(pok, \(factor))
            \(merged)\(knowledge)\
                ok: bool = False
                out: Bytes[32] = b""
                ok, out = raw_call(
                    PAIRING,
                    abi_encode(
            \((pairs + sigmas + own).map { "            \($0),\n" }.joined())\
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
        let comment =
            self.count == 1
            ? "`d` is the commitment, `pok` the proof\n# that what it is made of is known."
            : "`d` are the commitments, `pok` the\n# proof that what they are made of is known."
        return """
            # False for a public input that is not below R and where an equation does not hold; reverts when a point is not one of
            # its group. The coordinates of `b` come as in snarkjs' calldata: c1 before c0. \(comment)
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

    func g2(_ name: String) -> String { KeyConstants.g2Names(name).joined(separator: ", ") }
}
