// SPDX-License-Identifier: Apache-2.0

extension VyperText {
    var round: String {
        """
        event RoundSettled:
            old_state: uint256
            new_state: uint256

        # Who may submit rounds; the zero address: anybody.
        OPERATOR: public(immutable(address))
        # The state that the last settled round led to, below R. It is a hash of the state before, the model, the batch of updates and
        # the round's number: to have these beside it would say nothing new, and cost gas.
        state: public(uint256)


        @deploy
        def __init__(genesis: uint256, operator: address):
            assert genesis < R, "genesis out of range"
            OPERATOR = operator
            self.state = genesis


        # Settles the next round with a proof that leads from the stored state to `new_state`. Whatever is wrong reverts with a
        # reason, and nothing has changed. A proof serves once: after it the stored state is another.
        @external
        def submit_round(a: uint256[2], b: uint256[2][2], c: uint256[2], new_state: uint256):
            if OPERATOR != empty(address):
                assert msg.sender == OPERATOR, "not the operator"
            assert new_state < R, "new state out of range"
            old_state: uint256 = self.state
            assert new_state != old_state, "state unchanged"
        \(linearCombination(["old_state", "new_state"]))\(pairingOfOneProof)\
            assert convert(out, uint256) == 1, "invalid proof"
            self.state = new_state
            log RoundSettled(old_state=old_state, new_state=new_state)

        """
    }
}
