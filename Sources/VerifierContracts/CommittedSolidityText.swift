// SPDX-License-Identifier: Apache-2.0

import Groth16

/// A contract in Solidity 0.8.28 for proofs with commitments: interface and equations are those of
/// `CommittedVyperText`.
struct CommittedSolidityText {
    let constants: CommittedConstants
    let kind: ContractKind
    let origin: ContractOrigin

    init(_ constants: CommittedConstants, _ kind: ContractKind, _ origin: ContractOrigin) {
        self.constants = constants
        self.kind = kind
        self.origin = origin
    }

    /// How many commitments a proof has.
    var count: Int { constants.hashed.count }
    var publicCount: Int { constants.publicCount }
    /// The inputs, and behind them the challenges, that IC points are multiplied by.
    var scalarCount: Int { publicCount + count }
    /// The type of a proof's commitments.
    var commitmentsType: String { count == 1 ? "uint256[2]" : "uint256[2][\(count)]" }

    /// What stands for commitment k, where there is one, and where there are several.
    func commitment(_ k: Int) -> String { count == 1 ? "d" : "d[\(k)]" }
    func sum(_ k: Int) -> String { count == 1 ? "sums.e" : "sums.e[\(k)]" }

    func g2(_ name: String) -> [String] { KeyConstants.g2Names(name) }
    func sigma(_ k: Int) -> [String] { g2(CommittedConstants.sigma(k, of: count)) }

    var text: String {
        let body =
            switch kind {
            case .single: single
            case .batch(let maximum): batch(maximum: maximum)
            case .round: round(isAttested: false)
            case .attestedRound: round(isAttested: true)
            }
        return """
            // SPDX-License-Identifier: Apache-2.0
            \(SolidityText.comment(ContractHeader.lines(constants, kind, origin)))
            pragma solidity 0.8.28;

            contract \(SolidityText.name(kind)) {
            \(definitions)
            \(body)
            \(expansion)\(SolidityText.precompiles)}

            """
    }

    private var usesExpansion: Bool { constants.hash == .sha256 || count > 1 }

    private var definitions: String {
        // Tags with their lengths behind them: bsb22-commitment, G16-BSB22.
        let tags =
            (constants.hash == .sha256
                ? ["    bytes private constant TAG = hex\"62736232322d636f6d6d69746d656e7410\";\n"] : [])
            + (count > 1 ? ["    bytes private constant FOLD_TAG = hex\"4731362d425342323209\";\n"] : [])
        let entries = [KeyConstants.Entry(name: "R", value: KeyConstants.order)] + constants.entries
        return entries.map { "    uint256 private constant \($0.name) = \($0.value);\n" }.joined()
            + tags.joined()
    }

    private var expansion: String {
        guard usesExpansion else { return "" }
        return """
                // expand_message_xmd of RFC 9380 with SHA-256, 48 bytes, modulo R; the tag has its length behind it.
                function _expand(bytes memory message, bytes memory tag) private pure returns (uint256) {
                    bytes32 first = sha256(abi.encodePacked(bytes32(0), bytes32(0), message, hex"003000", tag));
                    bytes32 high = sha256(abi.encodePacked(first, hex"01", tag));
                    bytes32 low = sha256(abi.encodePacked(first ^ high, hex"02", tag));
                    return addmod(mulmod(uint256(high), 2 ** 128, R), uint256(low) >> 128, R);
                }


            """
    }

    /// Statements that put the inputs and the challenges into `x`, declared here.
    ///
    /// - Parameters:
    ///   - inputs: the expressions of the public inputs.
    ///   - owner: what stands before the commitments.
    func scalars(_ inputs: [String], of owner: String) -> String {
        let values = inputs.enumerated().map { "        x[\($0)] = \($1);\n" }.joined()
        let challenges = constants.hashed.enumerated().map { k, hashed in
            let point = (0..<2).map { "\(owner)\(commitment(k))[\($0)]" }
            let words = point + hashed.map { "x[\($0 - 1)]" }
            let message = words.enumerated().map { "            h[\($0)] = \($1);\n" }.joined()
            let challenge =
                constants.hash == .keccak256
                ? "uint256(keccak256(abi.encode(h))) % R" : "_expand(abi.encode(h), TAG)"
            return """
                        {
                            uint256[\(words.count)] memory h;
                \(message)\
                            x[\(publicCount + k)] = \(challenge);
                        }

                """
        }.joined()
        return "        uint256[\(scalarCount)] memory x;\n" + values + challenges
    }

    /// Statements that use the commitments times `scalar` and powers of the folding factor.
    ///
    /// - Parameters:
    ///   - owner: what stands before the commitments.
    ///   - scalar: a variable, which is another one behind them.
    ///   - use: a statement for the number of a commitment and the expression of its multiple.
    func multiples(of owner: String, by scalar: String, use: (Int, String) -> String) -> String {
        func multiple(_ k: Int) -> String { use(k, "_multiply(\(owner)\(commitment(k)), \(scalar))") }
        guard count > 1 else { return multiple(0) }
        let all = (0..<count).map { "        f[\($0)] = x[\(publicCount + $0)];\n" }.joined()
        return multiple(0)
            + "        // The proofs of knowledge are folded into one, by powers of a hash of the challenges.\n"
            + "        uint256[\(count)] memory f;\n" + all
            + "        uint256 fold = _expand(abi.encode(f), FOLD_TAG);\n"
            + (1..<count).map { k in
                "        \(scalar) = mulmod(\(scalar), fold, R);\n" + multiple(k)
            }.joined()
    }

    /// The parameters of a proof.
    private var parameters: String {
        """
        uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c, \(commitmentsType) calldata d,
                uint256[2] calldata pok
        """
    }

    /// The functions that check a proof, and what they take it as: in memory, of which there is more room
    /// than on the stack.
    private var check: String {
        let parameter = publicCount == 0 ? "" : ", uint256[\(publicCount)] memory input"
        let given = publicCount == 0 ? "proof" : "proof, input"
        let b = ["proof.b[0][0]", "proof.b[0][1]", "proof.b[1][0]", "proof.b[1][1]"]
        let pairs = 4 + count + (constants.sharesGamma ? 0 : 1)
        let others = (1..<max(count, 1)).map { "        l = _add(l, proof.d[\($0)]);\n" }.joined()
        let terms = (0..<scalarCount).map {
            "        l = _add(l, _multiply([IC\($0 + 1)_X, IC\($0 + 1)_Y], x[\($0)]));\n"
        }.joined()
        // In γ's pair, whose point is negated, the proof of knowledge has the sign of −s.
        let knowledge =
            constants.sharesGamma
            ? "        l = _add(l, _multiply(proof.pok, R - s));\n"
            : "        uint256[2] memory p = _multiply(proof.pok, s);\n"
                + SolidityText.pair(at: "\(6 * (pairs - 1))", x: "p[0]", y: "p[1]", g2: g2("G"))
        let commitments = multiples(of: "proof.", by: "s") { k, multiple in
            "        e = \(multiple);\n"
                + SolidityText.pair(at: "\(24 + 6 * k)", x: "e[0]", y: "e[1]", g2: sigma(k))
        }
        return """
                struct Proof {
                    uint256[2] a;
                    uint256[2][2] b;
                    uint256[2] c;
                    \(commitmentsType) d;
                    uint256[2] pok;
                }

                function _verify(Proof memory proof\(parameter)) private view returns (bool) {
            \(scalars((0..<publicCount).map { "input[\($0)]" }, of: "proof."))\
                    // Both equations at once: with s, of all that is given, one does not make up for the other.
                    return _check(proof, x, uint256(keccak256(abi.encode(\(given)))) % R);
                }

                function _check(
                    Proof memory proof, uint256[\(scalarCount)] memory x, uint256 s
                ) private view returns (bool) {
                    uint256[] memory m = new uint256[](\(6 * pairs));
                    uint256[2] memory l = _add([IC0_X, IC0_Y], proof.\(commitment(0)));
            \(others)\(terms)\(knowledge)\
            \(SolidityText.pair(at: "0", x: "proof.a[0]", y: "proof.a[1]", g2: b))\
            \(SolidityText.pair(at: "6", x: "ALPHA_X", y: "ALPHA_Y", g2: g2("BETA")))\
            \(SolidityText.pair(at: "12", x: "l[0]", y: "l[1]", g2: g2("GAMMA")))\
            \(SolidityText.pair(at: "18", x: "proof.c[0]", y: "proof.c[1]", g2: g2("DELTA")))\
                    uint256[2] memory e;
            \(commitments)\
                    return _pairing(m);
                }


            """
    }

    private var single: String {
        let parameter = publicCount == 0 ? "" : ", uint256[\(publicCount)] calldata input"
        let given = publicCount == 0 ? "" : ", input"
        let checks = (0..<publicCount).map { "        if (input[\($0)] >= R) return false;\n" }.joined()
        let comment =
            count == 1
            ? "d is the commitment, pok the\n    // proof that what it is made of is known."
            : "d are the commitments, pok\n    // the proof that what they are made of is known."
        return """
                // False for a public input that is not below R and where an equation does not hold; reverts when a point is not
                // one of its group. The coordinates of b come as in snarkjs' calldata: c1 before c0. \(comment)
                function verify(
                    \(parameters)\(parameter)
                ) external view returns (bool) {
            \(checks)\
                    return _verify(Proof(a, b, c, d, pok)\(given));
                }

            \(check)
            """
    }

    private func round(isAttested: Bool) -> String {
        SolidityRounds.text(
            isAttested: isAttested, proof: parameters,
            check: "_verify(Proof(a, b, c, d, pok), [old_state, new_state, registry])", functions: check)
    }
}
