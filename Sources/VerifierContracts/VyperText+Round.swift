extension VyperText {
    var round: String {
        """
        event RoundSettled:
            round: indexed(uint256)
            old_state: uint256
            new_state: uint256
            batch_digest: uint256

        # Who may submit rounds; the zero address: anybody.
        OPERATOR: public(immutable(address))
        # The state that the last settled round led to, below R.
        state: public(uint256)
        # The number of the round that is next; the first is 1.
        round: public(uint256)


        @deploy
        def __init__(genesis: uint256, operator: address):
            assert genesis < R, "genesis out of range"
            OPERATOR = operator
            self.state = genesis
            self.round = 1


        # Settles the next round with a proof that leads from the stored state to `new_state`. Whatever is wrong reverts with a
        # reason, and nothing has changed. A proof serves once: after it the stored state is another.
        @external
        def submit_round(
            a: uint256[2], b: uint256[2][2], c: uint256[2], new_state: uint256, batch_digest: uint256
        ):
            if OPERATOR != empty(address):
                assert msg.sender == OPERATOR, "not the operator"
            assert new_state < R, "new state out of range"
            assert batch_digest < R, "batch digest out of range"
            old_state: uint256 = self.state
            assert new_state != old_state, "state unchanged"
        \(linearCombination(["old_state", "new_state", "batch_digest"]))\(pairingOfOneProof)\
            assert convert(out, uint256) == 1, "invalid proof"
            number: uint256 = self.round
            self.state = new_state
            self.round = number + 1
            log RoundSettled(
                round=number, old_state=old_state, new_state=new_state, batch_digest=batch_digest
            )

        """
    }
}
