extension SolidityText {
    var round: String {
        """
            event RoundSettled(uint256 old_state, uint256 new_state, uint256 batch_digest);

            // Who may submit rounds; the zero address: anybody.
            address public immutable OPERATOR;
            // The state that the last settled round led to, below R. It is a hash of, among others, the state before, the round's number
            // and the batch: a counter beside it would say nothing new, and cost 5,000 gas a round.
            uint256 public state;

            constructor(uint256 genesis, address operator) {
                require(genesis < R, "genesis out of range");
                OPERATOR = operator;
                state = genesis;
            }

            // Settles the next round with a proof that leads from the stored state to new_state. Whatever is wrong reverts with
            // a reason, and nothing has changed. A proof serves once: after it the stored state is another.
            function submit_round(
                uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c, uint256 new_state,
                uint256 batch_digest
            ) external {
                require(OPERATOR == address(0) || msg.sender == OPERATOR, "not the operator");
                require(new_state < R, "new state out of range");
                require(batch_digest < R, "batch digest out of range");
                uint256 old_state = state;
                require(new_state != old_state, "state unchanged");
                require(_check(a, b, c, _linear(old_state, new_state, batch_digest)), "invalid proof");
                state = new_state;
                emit RoundSettled(old_state, new_state, batch_digest);
            }

            function _linear(
                uint256 old_state, uint256 new_state, uint256 batch_digest
            ) private view returns (uint256[2] memory) {
        \(linearCombination(["old_state", "new_state", "batch_digest"]))\
                return l;
            }

        \(check)
        """
    }
}
