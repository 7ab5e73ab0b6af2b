// SPDX-License-Identifier: Apache-2.0

/// The contract for batches, whatever kind of proofs they are of: one pairing call for all of them.
struct VyperBatch {
    let maximum: Int
    /// What an item has behind A, B and C, each line with a newline before it.
    var fields = ""
    /// What is said of the coefficients, and of how many of them let an invalid proof pass.
    let comment: String
    /// Statements before the loop, which declare what it adds to.
    var sums = ""
    /// Statements that check the inputs of `item`.
    var checks = ""
    /// Statements that add what `item` has beside A, B and C, whose coefficient is `z`. The next item's is
    /// what they leave in `z`, times rho.
    var additions = ""
    /// Statements behind the loop that leave the point of γ's pair in `l`.
    let terms: String
    /// Pairs behind those of α, γ and δ: what `pairs.append` is given.
    var others: [String] = []

    func text(beta: String, gamma: String, delta: String) -> String {
        let more = others.map { "    pairs.append([\($0)])\n" }.joined()
        let room = "MAXIMUM + \(3 + others.count)"
        return """
            # The most proofs of one call.
            MAXIMUM: constant(uint256) = \(maximum)

            struct Item:
                a: uint256[2]
                b: uint256[2][2]
                c: uint256[2]\(fields)

            \(VyperPoints.functions)
            # True when every proof is valid. False for a public input that is not below R and where the equation of the batch does
            # not hold, without saying whose fault it is; reverts for an empty batch, for more than MAXIMUM proofs and when a point is
            # not one of its group.
            #
            \(comment)
            @external
            @view
            def verify_batch(items: DynArray[Item, MAXIMUM]) -> bool:
                assert len(items) != 0, "empty batch"
                ok: bool = False
                out: Bytes[32] = b""
                z: uint256 = 1
                total: uint256 = 0
            \(sums)\
                c: uint256[2] = [0, 0]
                rho: uint256 = convert(keccak256(abi_encode(items)), uint256) % R
                pairs: DynArray[uint256[6], \(room)] = []
                for item: Item in items:
            \(checks)\
                    a: uint256[2] = item.a
                    if z == 1:
                        c = self._add(c, item.c)
                    else:
                        a = self._multiply(a, z)
                        c = self._add(c, self._multiply(item.c, z))
                    pairs.append([a[0], a[1], item.b[0][0], item.b[0][1], item.b[1][0], item.b[1][1]])
                    total = uint256_addmod(total, z, R)
            \(additions)\
                    z = uint256_mulmod(z, rho, R)
                alpha: uint256[2] = ecmul([ALPHA_X, ALPHA_Y], total)
            \(terms)\
                pairs.append([alpha[0], alpha[1], \(beta)])
                pairs.append([l[0], l[1], \(gamma)])
                pairs.append([c[0], c[1], \(delta)])
            \(more)\
                # Without the offset and the length that the encoding begins with.
                data: Bytes[192 * (\(room)) + 64] = abi_encode(pairs)
                ok, out = raw_call(
                    PAIRING,
                    slice(data, 64, 192 * len(pairs)),
                    max_outsize=32,
                    is_static_call=True,
                    revert_on_failure=False,
                )
                assert ok and len(out) == 32, "invalid point"
                return convert(out, uint256) == 1

            """
    }
}
