// SPDX-License-Identifier: Apache-2.0

import Curves
import Foundation
import Groth16
import ProofFixtures
import TestSupport
import Testing
import VerifierContracts

/// Rules that the text of every contract keeps. For Solidity they are all the checking there is where
/// `MARTLET_SOLC` names no compiler.
@Suite struct ContractRulesTests {
    /// The rules that a text breaks.
    ///
    /// - Parameter commitments: how many a proof has; in Solidity only.
    static func violations(
        _ text: String, _ language: ContractLanguage, publicCount: Int, commitments: Int = 0,
        _ kind: ContractKind
    ) -> [String] {
        switch language {
        case .solidity: solidity(text, publicCount: publicCount, commitments: commitments, kind)
        case .vyper: vyper(text, publicCount: publicCount, kind)
        }
    }

    private static func code(_ text: String, comment: String) -> String {
        text.components(separatedBy: "\n").map { $0.components(separatedBy: comment)[0] }.joined(
            separator: "\n")
    }

    /// Public inputs as the contract names them; each has to be compared with R.
    private static func inputs(_ count: Int, _ kind: ContractKind, item: String) -> [String] {
        switch kind {
        case .single: (0..<count).map { "input[\($0)]" }
        case .batch: (0..<count).map { "\(item).input[\($0)]" }
        case .round, .attestedRound: ["new_state", "root", "genesis", "first_registry"]
        }
    }

    private static func solidity(
        _ text: String, publicCount: Int, commitments: Int, _ kind: ContractKind
    ) -> [String] {
        var found: [String] = []
        func rule(_ name: String, _ holds: Bool) { if !holds { found.append(name) } }
        let code = code(text, comment: "//")
        func count(_ part: String) -> Int { code.components(separatedBy: part).count - 1 }
        rule("one pragma, of one version", count("pragma") == 1 && code.contains("pragma solidity 0.8.28;"))
        rule("says how far it is tested", text.contains("// With solc 0.8.28 it did"))
        for word in [
            "delegatecall", "callcode", "selfdestruct", ".call(", "call(gas", "create", "tx.origin",
            "unchecked",
            "sstore", "sload", "tstore", "payable", "block.", "transfer", "gasleft", "import", " is ",
        ] {
            // staticcall(gas() is the one call that there is.
            let allowed = word == "call(gas" ? count("staticcall(gas") : 0
            rule("no \(word)", count(word) == allowed)
        }
        // Each call of a precompile: success, then the length, in two statements (arguments are evaluated
        // from the right).
        let calls = [
            "staticcall(gas(), 7, data, 0x60, q, 0x40)", "staticcall(gas(), 6, data, 0x80, q, 0x40)",
        ]
        for call in calls {
            rule(
                "checks \(call)",
                count(
                    "ok := \(call)\n            ok := and(ok, eq(returndatasize(), 0x40))\n        }\n        require(ok,"
                ) == 1)
        }
        let pairing = "staticcall(gas(), 8, add(m, 0x20), mul(mload(m), 0x20), result, 0x20)"
        rule(
            "checks the pairing",
            count(
                "ok := \(pairing)\n            ok := and(ok, eq(returndatasize(), 0x20))\n        }\n        require(ok,"
            ) == 1)
        rule("no other call", count("staticcall") == 3 && count("assembly (\"memory-safe\")") == 3)
        rule("the pairing's answer counts", count("return result[0] == 1;") == 1)
        if publicCount > VerifierContract.inlineLimit {
            let (all, points) = ("< \(publicCount); ", "uint256[2][\(publicCount + 1)]")
            let (input, sums, at) =
                kind == .single ? ("input[i]", "input[i]", "i") : ("items[i].input[k]", "sums.s[k]", "k")
            rule("all inputs are below R", count("if (\(input) >= R) return false;") == 1)
            rule("all loops are over all inputs", count(all) == count("for (") - (kind == .single ? 0 : 2))
            rule("the table", count("\(points) memory ic = abi.decode(IC, (\(points)));") == 1)
            rule("IC0 is used", count(kind == .single ? "l = ic[0];" : "_multiply(ic[0], sums.total)") == 1)
            rule("all points are used", count("l = _add(l, _multiply(ic[\(at) + 1], \(sums)));") == 1)
            rule("the table is whole", count("hex\"") == publicCount + 1)
        } else {
            for input in inputs(publicCount, kind, item: "items[i]") {
                let check =
                    ContractTextTests.isRound(kind)
                    ? "require(\(input) < R," : "if (\(input) >= R) return false;"
                rule("\(input) is below R", count(check) == 1)
            }
            for i in 0..<(publicCount + commitments) {
                rule("IC\(i + 1) is used", count("[IC\(i + 1)_X, IC\(i + 1)_Y]") == 1)
            }
        }
        if commitments > 0 {
            found += committed(code, publicCount: publicCount, commitments: commitments, kind)
        }
        rule("balanced", count("{") == count("}") && count("(") == count(")") && count("[") == count("]"))
        return found
            + state(
                code, kind, assignment: "registry = ",
                permissions: [
                    "require(REGISTRAR != address(0) && msg.sender == REGISTRAR,",
                    kind == .round
                        ? "require(OPERATOR == address(0) || msg.sender == OPERATOR,"
                        : "require(msg.sender == OPERATOR,",
                    kind == .round ? "" : "require(operator != address(0),",
                ],
                set: [
                    "require(REGISTRAR", "require(root < R", "= registry;", "registry = root",
                    "emit RegistryChanged",
                ],
                submit: [
                    "msg.sender == OPERATOR", "require(new_state", "= state;",
                    commitments == 0
                        ? "_check(a, b, c, _linear(old_state, new_state, registry))"
                        : "_verify(Proof(a, b, c, d, pok), [old_state, new_state, registry])",
                    "state = new_state", "emit RoundSettled",
                ])
    }

    /// Rules of contracts for proofs with commitments, in Solidity.
    private static func committed(
        _ code: String, publicCount: Int, commitments: Int, _ kind: ContractKind
    ) -> [String] {
        var found: [String] = []
        func rule(_ name: String, _ holds: Bool) { if !holds { found.append(name) } }
        func count(_ part: String) -> Int { code.components(separatedBy: part).count - 1 }
        let isBatch = if case .batch = kind { true } else { false }
        let (owner, total) = (isBatch ? "item." : "proof.", publicCount + commitments)
        rule("all scalars have a place", count("uint256[\(total)] memory x;") == 1)
        for i in 0..<total {
            rule("scalar \(i) is set", count("            x[\(i)] = ") + count("\n        x[\(i)] = ") == 1)
        }
        for k in 0..<commitments {
            let (name, sigma) = commitments == 1 ? ("d", "SIGMA") : ("d[\(k)]", "SIGMA\(k)")
            rule(
                "\(name) is hashed",
                count("h[0] = \(owner)\(name)[0];") == 1 && count("h[1] = \(owner)\(name)[1];") == 1)
            rule("\(name) has a multiple", count("_multiply(\(owner)\(name), ") == (isBatch ? 2 : 1))
            rule("\(sigma) is paired", count("[\(sigma)_X1, \(sigma)_X0, \(sigma)_Y1, \(sigma)_Y0]);") == 1)
            let sum =
                isBatch
                ? "sums.l, _multiply(item.\(name), z)"
                : k == 0 ? "[IC0_X, IC0_Y], proof.\(name)" : "l, proof.\(name)"
            rule("\(name) is in the sum", count("_add(\(sum))") == 1)
        }
        rule("the proof of knowledge counts", count("_multiply(\(owner)pok, ") == 1)
        let given = publicCount == 0 ? "proof" : "proof, input"
        let coefficient = isBatch ? "abi.encode(items)" : "abi.encode(\(given))"
        rule("the coefficient is of all that is given", count("keccak256(\(coefficient))) % R") == 1)
        rule(
            "the folding factor is of all challenges",
            count("_expand(abi.encode(f), FOLD_TAG)") == (commitments > 1 ? 1 : 0))
        return found
    }

    private static func vyper(_ text: String, publicCount: Int, _ kind: ContractKind) -> [String] {
        var found: [String] = []
        func rule(_ name: String, _ holds: Bool) { if !holds { found.append(name) } }
        let code = code(text, comment: "#")
        func count(_ part: String) -> Int { code.components(separatedBy: part).count - 1 }
        rule("one version", text.hasPrefix("# pragma version 0.4.3\n"))
        for word in [
            "is_delegate_call", "selfdestruct", "create_", "tx.origin", "unsafe_", "raw_log", "@payable",
            "block.", "send(",
            "nonreentrant", "import",
        ] { rule("no \(word)", count(word) == 0) }
        let calls = count("raw_call(")
        rule(
            "static calls", count("is_static_call=True") == calls && count("revert_on_failure=False") == calls
        )
        let checks = count("assert ok and len(out) == 32,") + count("assert ok and len(out) == 64,")
        rule("checked calls", checks == calls && calls == (count("ECMUL,") > 0 ? 3 : 1))
        rule("checked lengths", count("max_outsize=32") == count("len(out) == 32"))
        let answer =
            ContractTextTests.isRound(kind)
            ? "assert convert(out, uint256) == 1," : "return convert(out, uint256) == 1"
        rule("the pairing's answer counts", count(answer) == 1)
        if publicCount > VerifierContract.inlineLimit {
            let inputs = kind == .single ? "input" : "item.input"
            rule(
                "all inputs are below R",
                count("for value: uint256 in \(inputs):\n") == 1
                    && count("if value >= R:\n\(kind == .single ? "" : "    ")            return False\n")
                        == 1
            )
            let sum = kind == .single ? "ecmul(IC[i], value)" : "ecmul(IC[j], sum)"
            rule("all points are used", count(sum) == 1)
            rule("IC0 is used", count(kind == .single ? "= IC[0]\n" : "= ecmul(IC[0], total)\n") == 1)
            rule("the table is whole", count("        [") == publicCount + 1)
            rule("the text alone makes the table", count("def __init__():") == 1 && count("IC = [") == 1)
        } else {
            for input in inputs(publicCount, kind, item: "item") {
                let pattern = ContractTextTests.isRound(kind) ? "assert \(input) < R," : "if \(input) >= R:\n"
                rule("\(input) is below R", count(pattern) == 1)
            }
            for i in 0..<publicCount {
                rule("IC\(i + 1) is used", count("ecmul([IC\(i + 1)_X, IC\(i + 1)_Y]") == 1)
            }
        }
        return found
            + state(
                code, kind, assignment: "self.registry = ",
                permissions: [
                    "assert REGISTRAR != empty(address) and msg.sender == REGISTRAR,",
                    kind == .round
                        ? "    if OPERATOR != empty(address):\n        assert msg.sender == OPERATOR,"
                        : "\n    assert msg.sender == OPERATOR,",
                    kind == .round ? "" : "\n    assert operator != empty(address),",
                ],
                set: [
                    "assert REGISTRAR", "assert root < R", "= self.registry", "self.registry = root",
                    "log RegistryChanged",
                ],
                submit: [
                    "msg.sender == OPERATOR", "assert new_state", "= self.state", "= self.registry",
                    "raw_call(", "assert convert(out", "self.state = new_state", "log RoundSettled",
                ])
    }

    /// A round is settled, and a registry changed, by whom it may be and after all checks, and nowhere else.
    private static func state(
        _ code: String, _ kind: ContractKind, assignment: String, permissions: [String], set: [String],
        submit: [String]
    ) -> [String] {
        guard ContractTextTests.isRound(kind) else { return [] }
        guard let begin = code.range(of: "set_registry"), let next = code.range(of: "submit_round") else {
            return ["the functions are there"]
        }
        func ordered(_ parts: [String], _ body: Substring) -> Bool {
            var rest = body
            for part in parts {
                guard let place = rest.range(of: part) else { return false }
                rest = rest[place.upperBound...]
            }
            return true
        }
        var found: [String] = []
        for permission in permissions where !permission.isEmpty && !code.contains(permission) {
            found.append("there is \(permission)")
        }
        if !ordered(set, code[begin.upperBound..<next.lowerBound]) {
            found.append("checks come before the registry")
        }
        if !ordered(submit, code[next.upperBound...]) { found.append("checks come before the state") }
        for (name, assignment) in [
            ("registry", assignment),
            ("state", assignment.replacingOccurrences(of: "registry", with: "state")),
        ] {
            // In the constructor and in one function.
            let places = code.components(separatedBy: assignment).dropLast().filter { before in
                !before.hasSuffix("_") && !before.hasSuffix("uint256 ")
            }
            if places.count != 2 { found.append("\(name) is set in two places") }
        }
        return found
    }

    @Test(arguments: ContractTextTests.kinds, ContractLanguage.allCases)
    func everyContractKeepsThem(_ kind: ContractKind, _ language: ContractLanguage) throws {
        var generator = SeededGenerator.fresh()
        let counts =
            ContractTextTests.isRound(kind)
            ? [ContractKind.roundInputs] : [0, 1, 2, 5, VerifierContract.inlineLimit + 1, 200]
        for count in counts {
            let key = SimulatedKey<BN254>(publicCount: count, using: &generator).verifyingKey
            let text = try ContractKeys.text(key, kind, language)
            #expect(Self.violations(text, language, publicCount: count, kind) == [])
        }
    }

    /// Contracts in Solidity of keys with commitments keep them, and are seen where they do not.
    @Test(arguments: ContractTextTests.kinds, [true, false])
    func contractsWithCommitmentsKeepThem(_ kind: ContractKind, _ sharesGamma: Bool) throws {
        var generator = SeededGenerator.fresh()
        let isRound = ContractTextTests.isRound(kind)
        for (hash, hashed) in [
            (CommitmentHash.keccak256, [[1, 2, 3]]), (.sha256, [[1, 2, 3]]),
            (.sha256, [[1, 2, 3], [4, 1]]),
        ] {
            for publicCount in isRound ? [3] : [3, 5] {
                let key = try SimulatedCommittedKey<BN254>(
                    publicCount: publicCount, hashed: hashed, hash: hash, sharesGamma: sharesGamma,
                    using: &generator
                ).verifyingKey
                let text = try ContractKeys.text(key, kind, .solidity)
                func violations(_ text: String) -> [String] {
                    Self.violations(
                        text, .solidity, publicCount: publicCount, commitments: hashed.count, kind)
                }
                #expect(violations(text) == [])
                #expect(text.contains("G_X1") == !sharesGamma)
                let owner = isRound || kind == .single ? "proof." : "item."
                for (old, new) in [
                    ("\(owner)pok, ", "\(owner)c, "), ("abi.encode(proof, input)", "abi.encode(proof)"),
                    ("abi.encode(items)", "abi.encode(items[0])"), ("SIGMA_X1, ", "BETA_X1, "),
                    ("SIGMA1_X1, ", "SIGMA0_X1, "), ("[IC4_X, IC4_Y]", "[IC3_X, IC3_Y]"),
                    ("h[1] = \(owner)d", "h[1] = \(owner)c"), ("return result[0] == 1", "return true"),
                    ("_expand(abi.encode(f), FOLD_TAG)", "x[0]"), ("x[3] = ", "x[2] = "),
                    ("state, registry]", "state, old_state]"),
                ] where text.contains(old) {
                    #expect(violations(text.replacingOccurrences(of: old, with: new)) != [], "\(old)")
                }
            }
        }
    }

    /// The rules see what they are for.
    @Test(arguments: ContractTextTests.kinds)
    func brokenContractsAreSeen(_ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let count = ContractTextTests.publicCount(kind)
        let key = SimulatedKey<BN254>(publicCount: count, using: &generator).verifyingKey
        let isRound = ContractTextTests.isRound(kind)
        let rounds: [(ContractLanguage, String, String)] = [
            (.solidity, "REGISTRAR != address(0) && ", ""), (.solidity, "&& msg.sender == REGISTRAR", ""),
            (.solidity, "msg.sender == OPERATOR, ", "true, "),
            (.solidity, "new_state, registry)", "new_state, old_state)"),
            (.solidity, "\n        state = new_state", "\n        registry = new_state"),
            (.solidity, "        registry = root;\n", ""), (.solidity, "uint256 old_state = state;\n", ""),
            (.vyper, "REGISTRAR != empty(address) and ", ""), (.vyper, "and msg.sender == REGISTRAR", ""),
            (.vyper, "assert msg.sender == OPERATOR", "assert msg.sender != OPERATOR"),
            (.vyper, "clients: uint256 = self.registry", "clients: uint256 = new_state"),
            (.vyper, "self.state = new_state", "self.registry = new_state"),
            (.vyper, "    self.registry = root\n", ""), (.vyper, "= self.state\n", "= new_state\n"),
        ]
        let attested: [(ContractLanguage, String, String)] = [
            (.solidity, "        require(operator != address(0), \"no operator\");\n", ""),
            (.vyper, "    assert operator != empty(address), \"no operator\"\n", ""),
        ]
        let changes: [(ContractLanguage, String, String)] = [
            (.solidity, "pragma solidity 0.8.28", "pragma solidity ^0.8.0"),
            (.solidity, "// With solc 0.8.28 it did", "// It did"),
            (.solidity, "            ok := and(ok, eq(returndatasize(), 0x20))\n", ""),
            (.solidity, "ok := staticcall(gas(), 7", "let s := staticcall(gas(), 7"),
            (.solidity, "staticcall(gas(), 8", "delegatecall(gas(), 8"),
            (.solidity, "require(ok, \"invalid point\");\n        return", "return"),
            (.solidity, "return result[0] == 1", "return true"),
            (.solidity, "_multiply([IC2_X, IC2_Y]", "_multiply([IC1_X, IC1_Y]"),
            (.vyper, "# pragma version 0.4.3", "# pragma version ^0.4.0"),
            (.vyper, "is_static_call=True,\n", "is_delegate_call=True,\n"),
            (.vyper, "assert ok and len(out) == 32", "assert ok"),
            (.vyper, "convert(out, uint256) == 1", "convert(out, uint256) != 2"),
            (.vyper, "ecmul([IC2_X, IC2_Y]", "ecmul([IC1_X, IC1_Y]"),
        ]
        for (language, old, new) in changes + (isRound ? rounds : [])
            + (kind == .attestedRound ? attested : [])
        {
            let text = try ContractKeys.text(key, kind, language)
            let changed = text.replacingOccurrences(of: old, with: new)
            #expect(changed != text, "\(old)")
            #expect(Self.violations(changed, language, publicCount: count, kind) != [], "\(old) → \(new)")
        }
        let names =
            isRound ? ["new_state", "root", "genesis", "first_registry"] : ["input[0]", "input[1]"]
        for language in ContractLanguage.allCases {
            let text = try ContractKeys.text(key, kind, language)
            for name in names {
                let changed = text.replacingOccurrences(of: "\(name) < R", with: "\(name) < 2 * R")
                    .replacingOccurrences(of: "\(name) >= R", with: "\(name) > R")
                #expect(Self.violations(changed, language, publicCount: count, kind) != [], "\(name)")
            }
        }
    }

    /// The rules see what they are for in contracts with a table, too.
    @Test(arguments: [ContractKind.single, .batch(maximum: 7)])
    func brokenTablesAreSeen(_ kind: ContractKind) throws {
        var generator = SeededGenerator.fresh()
        let count = VerifierContract.inlineLimit + 4
        let key = SimulatedKey<BN254>(publicCount: count, using: &generator).verifyingKey
        let isSingle = kind == .single
        let changes: [(ContractLanguage, String, String)] = [
            (.solidity, " >= R) return false", " > R) return false"),
            (.solidity, "i < \(count); i++", "i < \(count - 1); i++"),
            (.solidity, "k < \(count); k++", "k < \(count - 1); k++"),
            (.solidity, isSingle ? "ic[i + 1]" : "ic[k + 1]", isSingle ? "ic[i]" : "ic[k]"),
            (.solidity, "ic[0]", "ic[1]"), (.solidity, "[2][\(count + 1)] memory", "[2][\(count)] memory"),
            (.vyper, "if value >= R", "if value > R"), (.vyper, "IC[0]", "IC[1]"),
            (.vyper, isSingle ? "IC[i]" : "IC[j]", "IC[1]"),
            (.vyper, "def __init__():", "def __init__(a: uint256):"),
            (.vyper, "in \(isSingle ? "" : "item.")input:", "in []:"),
        ]
        for (language, old, new) in changes {
            let text = try ContractKeys.text(key, kind, language)
            let changed = text.replacingOccurrences(of: old, with: new)
            // Single contracts have no k, batches loop over it.
            guard changed != text else {
                #expect(old.hasPrefix(isSingle ? "k <" : "i <"), "\(old)")
                continue
            }
            #expect(Self.violations(changed, language, publicCount: count, kind) != [], "\(old) → \(new)")
        }
    }
}
