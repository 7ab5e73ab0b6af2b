// SPDX-License-Identifier: Apache-2.0

/// The contract of a chain of states, as `VyperRounds` has it.
enum SolidityRounds {
    /// The contract behind the constants.
    ///
    /// - Parameters:
    ///   - isAttested: whether the operator's word stands for the clients' proofs.
    ///   - proof: the parameters of `submit_round` that are the proof.
    ///   - check: an expression that is true for a proof of `old_state`, `new_state` and `registry`.
    ///   - functions: what `check` calls.
    static func text(isAttested: Bool, proof: String, check: String, functions: String) -> String {
        let (who, refusal, permission) =
            isAttested
            ? (
                """
                    // Who alone may submit rounds. ATTESTED: this contract takes the operator's word that the clients' proofs were verified.
                """,
                "        require(operator != address(0), \"no operator\");\n", "msg.sender == OPERATOR"
            )
            : (
                "    // Who may submit rounds; the zero address: anybody.", "",
                "OPERATOR == address(0) || msg.sender == OPERATOR"
            )
        return """
                event RoundSettled(uint256 old_state, uint256 new_state);
                event RegistryChanged(uint256 old_registry, uint256 new_registry);

            \(who)
                address public immutable OPERATOR;
                // Who says who is a client; the zero address: nobody, and the registry stays as it is.
                address public immutable REGISTRAR;
                // The state that the last settled round led to, below R. It is a hash of the state before, the model, the batch of updates,
                // the round's number, the task and the registry: to have these beside it would say nothing new, and cost gas.
                uint256 public state;
                // The root of the registry of clients, below R, that the state of the next settled round has to hold. That round's own
                // clients are members under the registry of the state before it, so a change is for the clients of the round after it.
                uint256 public registry;

                constructor(uint256 genesis, uint256 first_registry, address operator, address registrar) {
                    require(genesis < R, "genesis out of range");
                    require(first_registry < R, "registry out of range");
            \(refusal)\
                    OPERATOR = operator;
                    REGISTRAR = registrar;
                    state = genesis;
                    registry = first_registry;
                }

                // Changes the registry, which the next settled round's state has to hold: its members are the clients of the round after
                // that one. A proof that was made for the registry before is of no use then.
                function set_registry(uint256 root) external {
                    require(REGISTRAR != address(0) && msg.sender == REGISTRAR, "not the registrar");
                    require(root < R, "registry out of range");
                    uint256 old_registry = registry;
                    require(root != old_registry, "registry unchanged");
                    registry = root;
                    emit RegistryChanged(old_registry, root);
                }

                // Settles the next round with a proof that leads from the stored state to new_state, which holds the stored registry.
                // Whatever is wrong reverts with a reason, and nothing has changed. A proof serves once: after it the stored state is
                // another.
                function submit_round(
                    \(proof), uint256 new_state
                ) external {
                    require(\(permission), "not the operator");
                    require(new_state < R, "new state out of range");
                    uint256 old_state = state;
                    require(new_state != old_state, "state unchanged");
                    require(\(check), "invalid proof");
                    state = new_state;
                    emit RoundSettled(old_state, new_state);
                }

            \(functions)
            """
    }
}

extension SolidityText {
    func round(isAttested: Bool) -> String {
        SolidityRounds.text(
            isAttested: isAttested,
            proof: "uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c",
            check: "_check(a, b, c, _linear(old_state, new_state, registry))",
            functions: """
                    function _linear(
                        uint256 old_state, uint256 new_state, uint256 clients
                    ) private view returns (uint256[2] memory) {
                \(linearCombination(VyperRounds.inputs))\
                        return l;
                    }

                \(check)
                """)
    }
}
