// SPDX-License-Identifier: Apache-2.0

/// The contract of a chain of states, whatever kind of proofs leads from one to the next.
enum VyperRounds {
    /// What a proof's public inputs are called in `submit_round`, in their order.
    static let inputs = ["old_state", "new_state", "clients"]

    /// The contract behind the constants and the functions that `check` calls.
    ///
    /// - Parameters:
    ///   - isAttested: whether the operator's word stands for the clients' proofs.
    ///   - proof: the parameters of `submit_round` that are the proof.
    ///   - check: statements that check a proof of `inputs` and leave the pairing's answer in `out`.
    static func text(isAttested: Bool, proof: String, check: String) -> String {
        let (who, refusal, permission) =
            isAttested
            ? (
                """
                # Who alone may submit rounds. ATTESTED: this contract takes the operator's word that the clients' proofs were verified.
                """,
                "    assert operator != empty(address), \"no operator\"\n",
                "    assert msg.sender == OPERATOR, \"not the operator\"\n"
            )
            : (
                "# Who may submit rounds; the zero address: anybody.", "",
                """
                    if OPERATOR != empty(address):
                        assert msg.sender == OPERATOR, "not the operator"

                """
            )
        return """
            event RoundSettled:
                old_state: uint256
                new_state: uint256

            event RegistryChanged:
                old_registry: uint256
                new_registry: uint256

            \(who)
            OPERATOR: public(immutable(address))
            # Who says who is a client; the zero address: nobody, and the registry stays as it is.
            REGISTRAR: public(immutable(address))
            # The state that the last settled round led to, below R. It is a hash of the state before, the model, the batch of updates,
            # the round's number, the task and the registry: to have these beside it would say nothing new, and cost gas.
            state: public(uint256)
            # The root of the registry of clients, below R, that the state of the next settled round has to hold. That round's own clients
            # are members under the registry of the state before it, so a change is for the clients of the round after it.
            registry: public(uint256)


            @deploy
            def __init__(genesis: uint256, first_registry: uint256, operator: address, registrar: address):
                assert genesis < R, "genesis out of range"
                assert first_registry < R, "registry out of range"
            \(refusal)\
                OPERATOR = operator
                REGISTRAR = registrar
                self.state = genesis
                self.registry = first_registry


            # Changes the registry, which the next settled round's state has to hold: its members are the clients of the round after
            # that one. A proof that was made for the registry before is of no use then.
            @external
            def set_registry(root: uint256):
                assert REGISTRAR != empty(address) and msg.sender == REGISTRAR, "not the registrar"
                assert root < R, "registry out of range"
                old_registry: uint256 = self.registry
                assert root != old_registry, "registry unchanged"
                self.registry = root
                log RegistryChanged(old_registry=old_registry, new_registry=root)


            # Settles the next round with a proof that leads from the stored state to `new_state`, which holds the stored registry.
            # Whatever is wrong reverts with a reason, and nothing has changed. A proof serves once: after it the stored state is another.
            @external
            def submit_round(\(proof), new_state: uint256):
            \(permission)\
                assert new_state < R, "new state out of range"
                old_state: uint256 = self.state
                assert new_state != old_state, "state unchanged"
                clients: uint256 = self.registry
            \(check)\
                assert convert(out, uint256) == 1, "invalid proof"
                self.state = new_state
                log RoundSettled(old_state=old_state, new_state=new_state)

            """
    }
}
