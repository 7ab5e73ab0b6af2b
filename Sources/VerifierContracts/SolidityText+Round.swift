// SPDX-License-Identifier: Apache-2.0

extension SolidityText {
    var round: String {
        """
            event RoundSettled(uint256 old_state, uint256 new_state);

            // Who may submit rounds; the zero address: anybody.
            address public immutable OPERATOR;
            // The state that the last settled round led to, below R. It is a hash of the state before, the model, the batch of updates
            // and the round's number: to have these beside it would say nothing new, and cost gas.
            uint256 public state;

            constructor(uint256 genesis, address operator) {
                require(genesis < R, "genesis out of range");
                OPERATOR = operator;
                state = genesis;
            }

            // Settles the next round with a proof that leads from the stored state to new_state. Whatever is wrong reverts with
            // a reason, and nothing has changed. A proof serves once: after it the stored state is another.
            function submit_round(
                uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c, uint256 new_state
            ) external {
                require(OPERATOR == address(0) || msg.sender == OPERATOR, "not the operator");
                require(new_state < R, "new state out of range");
                uint256 old_state = state;
                require(new_state != old_state, "state unchanged");
                require(_check(a, b, c, _linear(old_state, new_state)), "invalid proof");
                state = new_state;
                emit RoundSettled(old_state, new_state);
            }

            function _linear(uint256 old_state, uint256 new_state) private view returns (uint256[2] memory) {
        \(linearCombination(["old_state", "new_state"]))\
                return l;
            }

        \(check)
        """
    }
}
