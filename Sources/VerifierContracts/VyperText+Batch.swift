// SPDX-License-Identifier: Apache-2.0

extension VyperText {
    /// One pairing call for the whole batch, with N + 3 pairs:
    ///
    /// Π e(zᵢAᵢ, Bᵢ) · e(−Σzᵢ·α, β) · e(−Σzᵢ·Lᵢ, γ) · e(Σzᵢ·Cᵢ, −δ) = 1 with zᵢ = ρⁱ and ρ a hash of all
    /// proofs and inputs.
    func batch(maximum: Int) -> String {
        let count = constants.publicCount
        let hasTable = constants.form == .table
        let field = count == 0 ? "" : "\n    input: uint256[\(count)]"
        let checks =
            hasTable
            ? batchInputsWithTable
            : (0..<count).map { "        if item.input[\($0)] >= R:\n            return False\n" }.joined()
        let sums = count == 0 ? "" : "    s: uint256[\(count)] = empty(uint256[\(count)])\n"
        let additions =
            hasTable
            ? ""
            : (0..<count).map {
                "        s[\($0)] = uint256_addmod(s[\($0)], uint256_mulmod(z, item.input[\($0)], R), R)\n"
            }.joined()
        let terms =
            hasTable
            ? batchTermsWithTable
            : "    l: uint256[2] = ecmul([IC0_X, IC0_Y], total)\n"
                + (0..<count).map {
                    "    l = ecadd(l, ecmul([IC\($0 + 1)_X, IC\($0 + 1)_Y], s[\($0)]))\n"
                }.joined()
        return """
            # The most proofs of one call.
            MAXIMUM: constant(uint256) = \(maximum)

            struct Item:
                a: uint256[2]
                b: uint256[2][2]
                c: uint256[2]\(field)

            \(VyperPoints.functions)
            # True when every proof is valid. False for a public input that is not below R and where the equation of the batch does
            # not hold, without saying whose fault it is; reverts for an empty batch, for more than MAXIMUM proofs and when a point is
            # not one of its group.
            #
            # Proof i counts rho^i times. rho is a hash of all proofs and inputs, so a batch with an invalid proof passes for at most
            # MAXIMUM - 1 of the R values that rho can have: some 2^253 / MAXIMUM hashes to find one.
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
                pairs: DynArray[uint256[6], MAXIMUM + 3] = []
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
                pairs.append([alpha[0], alpha[1], \(g2("BETA"))])
                pairs.append([l[0], l[1], \(g2("GAMMA"))])
                pairs.append([c[0], c[1], \(g2("DELTA"))])
                # Without the offset and the length that the encoding begins with.
                data: Bytes[192 * (MAXIMUM + 3) + 64] = abi_encode(pairs)
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
