// SPDX-License-Identifier: Apache-2.0

extension CommittedVyperText {
    /// One pairing call for the whole batch. Each equation of each proof has a coefficient of its own: with
    /// zᵢ = ρ²ⁱ, yᵢ = ρ²ⁱ⁺¹ and ρ a hash of all proofs and inputs
    ///
    /// Π e(zᵢAᵢ, Bᵢ) · e(−Σzᵢ·α, β) · e(Σzᵢ·Lᵢ, −γ) · e(Σzᵢ·Cᵢ, −δ) · e(Σyᵢ·Pᵢ, G) ·
    /// Π e(Σyᵢfᵢᵏ·Dᵢₖ, −σₖ·G) = 1.
    func batch(maximum: Int) -> String {
        let publicCount = constants.publicCount
        let scalars = publicCount + count
        let inputs = (0..<publicCount).map { "item.input[\($0)]" }
        let challenges = (0..<count).map { name("challenge", $0) }
        let e = (0..<count).map { name("e", $0) }
        let input = publicCount == 0 ? "" : "\n    input: uint256[\(publicCount)]"
        let commitments = count == 1 ? "uint256[2]" : "uint256[2][\(count)]"
        let points = ["l"] + e + (constants.sharesGamma ? [] : ["p"])
        let sums = (inputs + challenges).enumerated().map {
            "    s[\($0)] = uint256_addmod(s[\($0)], uint256_mulmod(z, \($1), R), R)\n"
        }
        let products = (0..<count).map { "    l = self._add(l, self._multiply(item.\(commitment($0)), z))\n" }
        // In γ's pair, whose point is negated, proofs of knowledge have the sign of −y.
        let knowledge =
            constants.sharesGamma
            ? "    l = self._add(l, self._multiply(item.pok, R - z))\n"
            : "    p = self._add(p, self._multiply(item.pok, z))\n"
        let statements =
            self.challenges(inputs, of: "item.") + (sums + products).joined()
            + "    # The proof of knowledge has a coefficient of its own.\n    z = uint256_mulmod(z, rho, R)\n"
            + knowledge + multiples(of: "item.", by: "z") { "    \(e[$0]) = self._add(\(e[$0]), \($1))\n" }
        let batch = VyperBatch(
            maximum: maximum, fields: "\n    d: \(commitments)\n    pok: uint256[2]\(input)",
            comment: """
                # The two equations of proof i count rho^(2i) and rho^(2i + 1) times. rho is a hash of all proofs and inputs, so a batch with
                # an invalid proof passes for at most 2 * MAXIMUM - 1 of the R values that rho can have: some 2^252 / MAXIMUM hashes to find
                # one.
                """,
            sums: "    s: uint256[\(scalars)] = empty(uint256[\(scalars)])\n"
                + points.map { "    \($0): uint256[2] = [0, 0]\n" }.joined(),
            checks: inputs.map { "        if \($0) >= R:\n            return False\n" }.joined(),
            additions: statements.split(separator: "\n").map { "    \($0)\n" }.joined(),
            terms: "    l = self._add(l, ecmul([IC0_X, IC0_Y], total))\n"
                + (0..<scalars).map {
                    "    l = ecadd(l, ecmul([IC\($0 + 1)_X, IC\($0 + 1)_Y], s[\($0)]))\n"
                }.joined(),
            others: e.enumerated().map {
                "\($1)[0], \($1)[1], \(g2(CommittedConstants.sigma($0, of: count)))"
            } + (constants.sharesGamma ? [] : ["p[0], p[1], \(g2("G"))"]))
        return batch.text(beta: g2("BETA"), gamma: g2("GAMMA"), delta: g2("DELTA"))
    }
}
