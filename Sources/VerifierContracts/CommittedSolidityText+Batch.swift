// SPDX-License-Identifier: Apache-2.0

extension CommittedSolidityText {
    /// As `CommittedVyperText.batch(maximum:)`.
    func batch(maximum: Int) -> String {
        let field = publicCount == 0 ? "" : "\n        uint256[\(publicCount)] input;"
        let own = constants.sharesGamma ? "" : "\n        uint256[2] p;"
        let checks = (0..<publicCount).map { "            if (items[i].input[\($0)] >= R) return false;\n" }
            .joined()
        let b = ["item.b[0][0]", "item.b[0][1]", "item.b[1][0]", "item.b[1][1]"]
        let pairs = 3 + count + (constants.sharesGamma ? 0 : 1)
        let commitments = (0..<count).map {
            "        sums.l = _add(sums.l, _multiply(item.\(commitment($0)), z));\n"
        }.joined()
        // In γ's pair, whose point is negated, proofs of knowledge have the sign of −y.
        let knowledge =
            constants.sharesGamma
            ? "        sums.l = _add(sums.l, _multiply(item.pok, R - y));\n"
            : "        sums.p = _add(sums.p, _multiply(item.pok, y));\n"
        let folded = multiples(of: "item.", by: "y") { "        \(sum($0)) = _add(\(sum($0)), \($1));\n" }
        let terms = (0..<scalarCount).map {
            "        l = _add(l, _multiply([IC\($0 + 1)_X, IC\($0 + 1)_Y], sums.s[\($0)]));\n"
        }.joined()
        let others = (0..<count).map { k in
            SolidityText.pair(
                at: "at + \(18 + 6 * k)", x: "\(sum(k))[0]", y: "\(sum(k))[1]", g2: sigma(k))
        }
        let last =
            constants.sharesGamma
            ? ""
            : SolidityText.pair(
                at: "at + \(6 * (pairs - 1))", x: "sums.p[0]", y: "sums.p[1]", g2: g2("G"))
        return """
                // The most proofs of one call.
                uint256 private constant MAXIMUM = \(maximum);

                struct Item {
                    uint256[2] a;
                    uint256[2][2] b;
                    uint256[2] c;
                    \(commitmentsType) d;
                    uint256[2] pok;\(field)
                }

                struct Sums {
                    uint256 total;
                    uint256[2] c;
                    uint256[2] l;\(own)
                    \(commitmentsType) e;
                    uint256[\(scalarCount)] s;
                }

                // True when every proof is valid. False for a public input that is not below R and where the equation of the
                // batch does not hold; reverts for an empty batch, for more than MAXIMUM proofs and when a point is not one of
                // its group. The two equations of proof i count rho^(2i) and rho^(2i + 1) times; rho is a hash of all proofs
                // and inputs.
                function verify_batch(Item[] calldata items) external view returns (bool) {
                    require(items.length != 0, "empty batch");
                    require(items.length <= MAXIMUM, "batch too large");
            \(checks.isEmpty ? "" : SolidityText.loop(checks))\
                    uint256[] memory m = new uint256[](6 * (items.length + \(pairs)));
                    Sums memory sums;
                    uint256 rho = uint256(keccak256(abi.encode(items))) % R;
                    uint256 z = 1;
                    for (uint256 i = 0; i < items.length; i++) {
                        _accumulate(items[i], z, m, 6 * i, sums);
                        uint256 y = mulmod(z, rho, R);
                        _commitments(items[i], z, y, sums);
                        z = mulmod(y, rho, R);
                    }
                    return _finish(m, 6 * items.length, sums);
                }

                function _accumulate(
                    Item calldata item, uint256 z, uint256[] memory m, uint256 at, Sums memory sums
                ) private view {
                    uint256[2] memory p = _multiply(item.a, z);
            \(SolidityText.pair(at: "at", x: "p[0]", y: "p[1]", g2: b))\
                    sums.c = _add(sums.c, _multiply(item.c, z));
                    sums.total = addmod(sums.total, z, R);
                }

                function _commitments(Item calldata item, uint256 z, uint256 y, Sums memory sums) private view {
            \(scalars((0..<publicCount).map { "item.input[\($0)]" }, of: "item."))\
                    for (uint256 k = 0; k < \(scalarCount); k++) {
                        sums.s[k] = addmod(sums.s[k], mulmod(z, x[k], R), R);
                    }
            \(commitments)\
                    // The proof of knowledge has a coefficient of its own.
            \(knowledge)\(folded)\
                }

                function _finish(
                    uint256[] memory m, uint256 at, Sums memory sums
                ) private view returns (bool) {
                    uint256[2] memory p = _multiply([ALPHA_X, ALPHA_Y], sums.total);
                    uint256[2] memory l = _add(sums.l, _multiply([IC0_X, IC0_Y], sums.total));
            \(terms)\
            \(SolidityText.pair(at: "at", x: "p[0]", y: "p[1]", g2: g2("BETA")))\
            \(SolidityText.pair(at: "at + 6", x: "l[0]", y: "l[1]", g2: g2("GAMMA")))\
            \(SolidityText.pair(at: "at + 12", x: "sums.c[0]", y: "sums.c[1]", g2: g2("DELTA")))\
            \(others.joined())\(last)\
                    return _pairing(m);
                }

            """
    }
}
