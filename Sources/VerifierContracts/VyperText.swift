// SPDX-License-Identifier: Apache-2.0

/// A contract in Vyper 0.4.3.
///
/// Calls whose operands are the key's points and scalars below r use the built-in functions, which revert
/// when the precompile fails; calls with points from outside go through `raw_call`, so that a bad point
/// reverts with a reason. The length of what the pairing returns is checked, so a chain without the
/// precompiles accepts nothing.
struct VyperText {
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
        return [head, definitions, body].joined(separator: "\n")
    }

    private var head: String {
        let comment = ContractHeader.lines(constants, kind, origin).map { $0.isEmpty ? "#" : "# \($0)" }
        return (["# pragma version 0.4.3", "# pragma evm-version cancun", "# pragma optimize gas"] + comment)
            .joined(separator: "\n") + "\n"
    }

    private var definitions: String {
        var lines = ["# The group order.", "R: constant(uint256) = \(KeyConstants.order)"]
        if case .batch = kind {
            lines.append("ECADD: constant(address) = 0x0000000000000000000000000000000000000006")
            lines.append("ECMUL: constant(address) = 0x0000000000000000000000000000000000000007")
        }
        lines.append("PAIRING: constant(address) = 0x0000000000000000000000000000000000000008")
        lines += constants.entries.map { "\($0.name): constant(uint256) = \($0.value)" }
        let text = lines.joined(separator: "\n") + "\n"
        return constants.form == .table ? text + table : text
    }

    /// Statements that leave −L in `l`; `inputs` are the expressions of the public inputs.
    func linearCombination(_ inputs: [String]) -> String {
        var lines = ["l: uint256[2] = [IC0_X, IC0_Y]"]
        for (i, input) in inputs.enumerated() {
            lines.append("l = ecadd(l, ecmul([IC\(i + 1)_X, IC\(i + 1)_Y], \(input)))")
        }
        return lines.map { "    \($0)\n" }.joined()
    }

    /// Statements that check a proof (a, b, c) with −L in `l` and leave the precompile's answer in `out`.
    var pairingOfOneProof: String {
        """
            ok: bool = False
            out: Bytes[32] = b""
            ok, out = raw_call(
                PAIRING,
                abi_encode(
                    a[0], a[1], b[0][0], b[0][1], b[1][0], b[1][1],
                    ALPHA_X, ALPHA_Y, \(g2("BETA")),
                    l[0], l[1], \(g2("GAMMA")),
                    c[0], c[1], \(g2("DELTA")),
                ),
                max_outsize=32,
                is_static_call=True,
                revert_on_failure=False,
            )
            assert ok and len(out) == 32, "invalid point"

        """
    }

    func g2(_ name: String) -> String { KeyConstants.g2Names(name).joined(separator: ", ") }

    private func round(isAttested: Bool) -> String {
        VyperRounds.text(
            isAttested: isAttested, proof: "a: uint256[2], b: uint256[2][2], c: uint256[2]",
            check: linearCombination(VyperRounds.inputs) + pairingOfOneProof)
    }

    var singleComment: String {
        """
        # False for a public input that is not below R and where the pairing equation does not hold; reverts when a point is
        # not one of its group. The coordinates of `b` come as in snarkjs' calldata: c1 before c0.

        """
    }

    private var single: String {
        guard constants.form == .inline else { return singleWithTable }
        let count = constants.publicCount
        let inputs = (0..<count).map { "input[\($0)]" }
        let parameter = count == 0 ? "" : ", input: uint256[\(count)]"
        let checks = inputs.map { "    if \($0) >= R:\n        return False\n" }.joined()
        return """
            \(singleComment)@external
            @view
            def verify(a: uint256[2], b: uint256[2][2], c: uint256[2]\(parameter)) -> bool:
            \(checks)\(linearCombination(inputs))\(pairingOfOneProof)\
                return convert(out, uint256) == 1

            """
    }
}
