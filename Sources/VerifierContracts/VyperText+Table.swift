// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// Contracts whose IC points are a table in their code: an immutable, which Vyper puts behind the
/// instructions when the contract is made. The constructor takes no arguments; its numbers are the text's.
extension VyperText {
    var table: String {
        let points = constants.ic.map { "        [\($0.x.decimal), \($0.y.decimal)],\n" }.joined()
        return """
            # The IC points, -IC0 first. They lie in this contract's code, behind its instructions.
            IC: immutable(uint256[2][\(constants.ic.count)])


            @deploy
            def __init__():
                IC = [
            \(points)\
                ]

            """
    }

    /// `verify` with a loop over the inputs, each of which is compared with R before it counts.
    var singleWithTable: String {
        """
        \(singleComment)@external
        @view
        def verify(a: uint256[2], b: uint256[2][2], c: uint256[2], input: uint256[\(constants.publicCount)]) -> bool:
            l: uint256[2] = IC[0]
            i: uint256 = 1
            for value: uint256 in input:
                if value >= R:
                    return False
                l = ecadd(l, ecmul(IC[i], value))
                i += 1
        \(pairingOfOneProof)\
            return convert(out, uint256) == 1

        """
    }

    /// Statements of a batch that check the inputs of one proof and add them to the sums.
    var batchInputsWithTable: String {
        """
                i: uint256 = 0
                for value: uint256 in item.input:
                    if value >= R:
                        return False
                    s[i] = uint256_addmod(s[i], uint256_mulmod(z, value, R), R)
                    i += 1

        """
    }

    /// Statements of a batch that leave −L of all proofs in `l`.
    var batchTermsWithTable: String {
        """
            l: uint256[2] = ecmul(IC[0], total)
            j: uint256 = 1
            for sum: uint256 in s:
                l = ecadd(l, ecmul(IC[j], sum))
                j += 1

        """
    }
}
