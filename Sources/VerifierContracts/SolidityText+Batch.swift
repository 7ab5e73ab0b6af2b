// SPDX-License-Identifier: Apache-2.0

extension SolidityText {
    /// As `VyperText.batch(maximum:)`.
    func batch(maximum: Int) -> String {
        let count = constants.publicCount
        let hasTable = constants.form == .table
        let field = count == 0 ? "" : "\n        uint256[\(count)] input;"
        let checks =
            hasTable
            ? batchChecksWithTable
            : (0..<count).map { "            if (items[i].input[\($0)] >= R) return false;\n" }.joined()
        let sums = count == 0 ? "" : "\n        uint256[\(count)] s;"
        let additions =
            hasTable
            ? batchAdditionsWithTable
            : (0..<count).map {
                "        sums.s[\($0)] = addmod(sums.s[\($0)], mulmod(z, item.input[\($0)], R), R);\n"
            }.joined()
        let terms =
            hasTable
            ? batchTermsWithTable
            : "        uint256[2] memory l = _multiply([IC0_X, IC0_Y], sums.total);\n"
                + (0..<count).map {
                    "        l = _add(l, _multiply([IC\($0 + 1)_X, IC\($0 + 1)_Y], sums.s[\($0)]));\n"
                }.joined()
        let b = ["item.b[0][0]", "item.b[0][1]", "item.b[1][0]", "item.b[1][1]"]
        return """
                // The most proofs of one call.
                uint256 private constant MAXIMUM = \(maximum);

                struct Item {
                    uint256[2] a;
                    uint256[2][2] b;
                    uint256[2] c;\(field)
                }

                struct Sums {
                    uint256 total;
                    uint256[2] c;\(sums)
                }

                // True when every proof is valid. False for a public input that is not below R and where the equation of the
                // batch does not hold; reverts for an empty batch, for more than MAXIMUM proofs and when a point is not one of
                // its group. Proof i counts rho^i times; rho is a hash of all proofs and inputs.
                function verify_batch(Item[] calldata items) external view returns (bool) {
                    require(items.length != 0, "empty batch");
                    require(items.length <= MAXIMUM, "batch too large");
            \(checks.isEmpty ? "" : Self.loop(checks))\
                    uint256[] memory m = new uint256[](6 * (items.length + 3));
                    Sums memory sums;
                    uint256 rho = uint256(keccak256(abi.encode(items))) % R;
                    uint256 z = 1;
                    for (uint256 i = 0; i < items.length; i++) {
                        _accumulate(items[i], z, m, 6 * i, sums);
                        z = mulmod(z, rho, R);
                    }
                    return _finish(m, 6 * items.length, sums);
                }

                function _accumulate(
                    Item calldata item, uint256 z, uint256[] memory m, uint256 at, Sums memory sums
                ) private view {
                    uint256[2] memory p = _multiply(item.a, z);
            \(Self.pair(at: "at", x: "p[0]", y: "p[1]", g2: b))\
                    sums.c = _add(sums.c, _multiply(item.c, z));
                    sums.total = addmod(sums.total, z, R);
            \(additions)\
                }

                function _finish(
                    uint256[] memory m, uint256 at, Sums memory sums
                ) private view returns (bool) {
                    uint256[2] memory p = _multiply([ALPHA_X, ALPHA_Y], sums.total);
            \(terms)\
            \(Self.pair(at: "at", x: "p[0]", y: "p[1]", g2: g2("BETA")))\
            \(Self.pair(at: "at + 6", x: "l[0]", y: "l[1]", g2: g2("GAMMA")))\
            \(Self.pair(at: "at + 12", x: "sums.c[0]", y: "sums.c[1]", g2: g2("DELTA")))\
                    return _pairing(m);
                }

            """
    }

    static func loop(_ body: String) -> String {
        "        for (uint256 i = 0; i < items.length; i++) {\n\(body)        }\n"
    }
}
