// SPDX-License-Identifier: Apache-2.0

/// Functions of contracts in Vyper for points from outside, which revert where a point is none of its group.
enum VyperPoints {
    /// `_multiply` and `_add`; ECADD and ECMUL are the precompiles.
    static let functions = """
        @internal
        @view
        def _multiply(p: uint256[2], s: uint256) -> uint256[2]:
            ok: bool = False
            out: Bytes[64] = b""
            ok, out = raw_call(
                ECMUL, abi_encode(p, s), max_outsize=64, is_static_call=True, revert_on_failure=False
            )
            assert ok and len(out) == 64, "invalid point"
            return abi_decode(out, uint256[2])


        @internal
        @view
        def _add(p: uint256[2], q: uint256[2]) -> uint256[2]:
            ok: bool = False
            out: Bytes[64] = b""
            ok, out = raw_call(
                ECADD, abi_encode(p, q), max_outsize=64, is_static_call=True, revert_on_failure=False
            )
            assert ok and len(out) == 64, "invalid point"
            return abi_decode(out, uint256[2])


        """
}
