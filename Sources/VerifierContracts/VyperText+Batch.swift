// SPDX-License-Identifier: Apache-2.0

extension VyperText {
    /// One pairing call for the whole batch, with N + 3 pairs:
    ///
    /// Π e(zᵢAᵢ, Bᵢ) · e(−Σzᵢ·α, β) · e(−Σzᵢ·Lᵢ, γ) · e(Σzᵢ·Cᵢ, −δ) = 1 with zᵢ = ρⁱ and ρ a hash of all
    /// proofs and inputs.
    func batch(maximum: Int) -> String {
        let count = constants.publicCount
        let hasTable = constants.form == .table
        let batch = VyperBatch(
            maximum: maximum, fields: count == 0 ? "" : "\n    input: uint256[\(count)]",
            comment: """
                # Proof i counts rho^i times. rho is a hash of all proofs and inputs, so a batch with an invalid proof passes for at most
                # MAXIMUM - 1 of the R values that rho can have: some 2^253 / MAXIMUM hashes to find one.
                """,
            sums: count == 0 ? "" : "    s: uint256[\(count)] = empty(uint256[\(count)])\n",
            checks: hasTable
                ? batchInputsWithTable
                : (0..<count).map { "        if item.input[\($0)] >= R:\n            return False\n" }
                    .joined(),
            additions: hasTable
                ? ""
                : (0..<count).map {
                    "        s[\($0)] = uint256_addmod(s[\($0)], uint256_mulmod(z, item.input[\($0)], R), R)\n"
                }.joined(),
            terms: hasTable
                ? batchTermsWithTable
                : "    l: uint256[2] = ecmul([IC0_X, IC0_Y], total)\n"
                    + (0..<count).map {
                        "    l = ecadd(l, ecmul([IC\($0 + 1)_X, IC\($0 + 1)_Y], s[\($0)]))\n"
                    }.joined())
        return batch.text(beta: g2("BETA"), gamma: g2("GAMMA"), delta: g2("DELTA"))
    }
}
