// SPDX-License-Identifier: Apache-2.0

/// A contract in Solidity 0.8.28 with the same interface as the one in Vyper. Tests check it by rules, and
/// where there is a compiler execute it beside the one in Vyper.
struct SolidityText {
    let constants: KeyConstants
    let kind: ContractKind
    let origin: ContractOrigin

    init(_ constants: KeyConstants, _ kind: ContractKind, _ origin: ContractOrigin) {
        self.constants = constants
        self.kind = kind
        self.origin = origin
    }

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
            \(comment)
            pragma solidity 0.8.28;

            contract \(Self.name(kind)) {
            \(definitions)
            \(body)
            \(Self.precompiles)}

            """
    }

    /// What the contract of a kind is called.
    static func name(_ kind: ContractKind) -> String {
        switch kind {
        case .single: "Groth16Verifier"
        case .batch: "Groth16BatchVerifier"
        case .round: "Groth16Rounds"
        case .attestedRound: "Groth16AttestedRounds"
        }
    }

    private var comment: String { Self.comment(ContractHeader.lines(constants, kind, origin)) }

    /// The comment at the head of a contract.
    static func comment(_ lines: [String]) -> String {
        (lines + [
            "",
            "With solc 0.8.28 it did all that the contract in Vyper does. The tests that each version passes execute the",
            "one in Vyper, and check this text by rules.",
        ]).map { $0.isEmpty ? "//" : "// \($0)" }.joined(separator: "\n")
    }

    private var definitions: String {
        let entries =
            [KeyConstants.Entry(name: "R", value: KeyConstants.order)] + constants.entries
        let text = entries.map { "    uint256 private constant \($0.name) = \($0.value);\n" }.joined()
        return constants.form == .table ? text + table : text
    }

    /// Statements that leave −L in `l`; `inputs` are the expressions of the public inputs.
    func linearCombination(_ inputs: [String]) -> String {
        var lines = ["uint256[2] memory l = [IC0_X, IC0_Y];"]
        for (i, input) in inputs.enumerated() {
            lines.append("l = _add(l, _multiply([IC\(i + 1)_X, IC\(i + 1)_Y], \(input)));")
        }
        return lines.map { "        \($0)\n" }.joined()
    }

    /// Statements that put the pair of the point (x, y) and a point of G2 into `m`, from word `index` on.
    static func pair(at index: String, x: String, y: String, g2: [String]) -> String {
        "        _put(m, \(index), \(x), \(y), [\(g2.joined(separator: ", "))]);\n"
    }

    func g2(_ name: String) -> [String] { KeyConstants.g2Names(name) }

    /// A function that checks a proof with −L in `l`. Short functions keep within the 16 places of the stack
    /// that code can reach.
    var check: String {
        """
            function _check(
                uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c, uint256[2] memory l
            ) private view returns (bool) {
                uint256[] memory m = new uint256[](24);
        \(Self.pair(at: "0", x: "a[0]", y: "a[1]", g2: ["b[0][0]", "b[0][1]", "b[1][0]", "b[1][1]"]))\
        \(Self.pair(at: "6", x: "ALPHA_X", y: "ALPHA_Y", g2: g2("BETA")))\
        \(Self.pair(at: "12", x: "l[0]", y: "l[1]", g2: g2("GAMMA")))\
        \(Self.pair(at: "18", x: "c[0]", y: "c[1]", g2: g2("DELTA")))\
                return _pairing(m);
            }

        """
    }

    var singleComment: String {
        """
            // False for a public input that is not below R and where the pairing equation does not hold; reverts when a
            // point is not one of its group. The coordinates of b come as in snarkjs' calldata: c1 before c0.

        """
    }

    private var single: String {
        guard constants.form == .inline else { return singleWithTable }
        let count = constants.publicCount
        let inputs = (0..<count).map { "input[\($0)]" }
        let parameter = count == 0 ? "" : ", uint256[\(count)] calldata input"
        let checks = inputs.map { "        if (\($0) >= R) return false;\n" }.joined()
        return """
            \(singleComment)    function verify(
                    uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c\(parameter)
                ) external view returns (bool) {
            \(checks)\(linearCombination(inputs))\
                    return _check(a, b, c, l);
                }

            \(check)
            """
    }

    static var precompiles: String {
        """
            function _put(uint256[] memory m, uint256 at, uint256 x, uint256 y, uint256[4] memory q) private pure {
                m[at] = x;
                m[at + 1] = y;
                m[at + 2] = q[0];
                m[at + 3] = q[1];
                m[at + 4] = q[2];
                m[at + 5] = q[3];
            }

            function _multiply(uint256[2] memory p, uint256 s) private view returns (uint256[2] memory q) {
                uint256[3] memory data = [p[0], p[1], s];
                bool ok;
                assembly ("memory-safe") {
                    ok := staticcall(gas(), 7, data, 0x60, q, 0x40)
                    ok := and(ok, eq(returndatasize(), 0x40))
                }
                require(ok, "invalid point");
            }

            function _add(uint256[2] memory p, uint256[2] memory s) private view returns (uint256[2] memory q) {
                uint256[4] memory data = [p[0], p[1], s[0], s[1]];
                bool ok;
                assembly ("memory-safe") {
                    ok := staticcall(gas(), 6, data, 0x80, q, 0x40)
                    ok := and(ok, eq(returndatasize(), 0x40))
                }
                require(ok, "invalid point");
            }

            function _pairing(uint256[] memory m) private view returns (bool) {
                uint256[1] memory result;
                bool ok;
                assembly ("memory-safe") {
                    ok := staticcall(gas(), 8, add(m, 0x20), mul(mload(m), 0x20), result, 0x20)
                    ok := and(ok, eq(returndatasize(), 0x20))
                }
                require(ok, "invalid point");
                return result[0] == 1;
            }

        """
    }
}
