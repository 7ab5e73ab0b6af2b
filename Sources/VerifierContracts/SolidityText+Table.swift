// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields
import Foundations

/// Contracts whose IC points are a table in their code: a constant of many bytes, which the compiler puts
/// behind the instructions.
extension SolidityText {
    /// The table's type: x and y of every point.
    private var tableType: String { "uint256[2][\(constants.ic.count)]" }

    var table: String {
        let points = constants.ic.map { "        hex\"\(Self.hex($0.x))\(Self.hex($0.y))\"" }
        return """
                // The IC points, -IC0 first: x and y, 32 bytes each.
                bytes private constant IC =
            \(points.joined(separator: "\n"));

            """
    }

    /// A statement that brings the table into memory; it reverts where the constant has another length.
    var tableInMemory: String {
        "        \(tableType) memory ic = abi.decode(IC, (\(tableType)));\n"
    }

    /// `verify` with a loop over the inputs, each of which is compared with R before it counts.
    var singleWithTable: String {
        let count = constants.publicCount
        return """
            \(singleComment)    function verify(
                    uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c, uint256[\(count)] calldata input
                ) external view returns (bool) {
                    for (uint256 i = 0; i < \(count); i++) {
                        if (input[i] >= R) return false;
                    }
                    return _check(a, b, c, _linear(input));
                }

                function _linear(uint256[\(count)] calldata input) private view returns (uint256[2] memory l) {
            \(tableInMemory)\
                    l = ic[0];
                    for (uint256 i = 0; i < \(count); i++) {
                        l = _add(l, _multiply(ic[i + 1], input[i]));
                    }
                }

            \(check)
            """
    }

    /// A loop of a batch that checks the inputs of proof i.
    var batchChecksWithTable: String {
        """
                    for (uint256 k = 0; k < \(constants.publicCount); k++) {
                        if (items[i].input[k] >= R) return false;
                    }

        """
    }

    /// A loop of a batch that adds the inputs of one proof to the sums.
    var batchAdditionsWithTable: String {
        """
                for (uint256 k = 0; k < \(constants.publicCount); k++) {
                    sums.s[k] = addmod(sums.s[k], mulmod(z, item.input[k], R), R);
                }

        """
    }

    /// Statements of a batch that leave −L of all proofs in `l`.
    var batchTermsWithTable: String {
        """
        \(tableInMemory)\
                uint256[2] memory l = _multiply(ic[0], sums.total);
                for (uint256 k = 0; k < \(constants.publicCount); k++) {
                    l = _add(l, _multiply(ic[k + 1], sums.s[k]));
                }

        """
    }

    private static func hex(_ value: some PrimeField) -> String {
        value.bigEndianBytes.hexadecimal
    }
}
