// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
#include "martlet_field.h"

const martlet_field4 martlet_bn254_fp_constants = {
    .modulus = {{0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029}},
    .inv = 0x87d20782e4866389,
    .one = {{0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f}},
    .r_squared = {{0xf32cfc5b538afa89, 0xb5e71911d44501fb, 0x47ab1eff0a417ff6, 0x06d89f71cab8351f}},
    .two_adic_root = {{0x68c3488912edefaa, 0x8d087f6872aabf4f, 0x51e1a24709081231, 0x2259d6b14729c0fa}},
    .two_adicity = 1,
    .bit_width = 254,
    .inv62 = 0x382df87d1b799c77,
    .modulus62 = {0x3c208c16d87cfd47, 0x1e05aa45a1c72a34, 0x05045b68181585d9, 0x19139cb84c680a6e, 0x0000000000000030},
};

const martlet_field4 martlet_bn254_fr_constants = {
    .modulus = {{0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029}},
    .inv = 0xc2e1f593efffffff,
    .one = {{0xac96341c4ffffffb, 0x36fc76959f60cd29, 0x666ea36f7879462e, 0x0e0a77c19a07df2f}},
    .r_squared = {{0x1bb8e645ae216da7, 0x53fe3ab1e35c59e3, 0x8c49833d53bb8085, 0x0216d0b17f4e44a5}},
    .two_adic_root = {{0x636e735580d13d9c, 0xa22bf3742445ffd6, 0x56452ac01eb203d8, 0x1860ef942963f9e7}},
    .two_adicity = 28,
    .bit_width = 254,
    .inv62 = 0x3d1e0a6c10000001,
    .modulus62 = {0x03e1f593f0000001, 0x20cfa121e6e5c245, 0x05045b68181585d2, 0x19139cb84c680a6e, 0x0000000000000030},
};

const martlet_field4 martlet_bls12_381_fr_constants = {
    .modulus = {{0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48}},
    .inv = 0xfffffffeffffffff,
    .one = {{0x00000001fffffffe, 0x5884b7fa00034802, 0x998c4fefecbc4ff5, 0x1824b159acc5056f}},
    .r_squared = {{0xc999e990f3f29c6d, 0x2b6cedcb87925c23, 0x05d314967254398f, 0x0748d9d99f59ff11}},
    .two_adic_root = {{0x9cab6d5c0c17f47c, 0x1ce1e93dfd4b71e5, 0x0d6db230471dd505, 0x3f0ee990743a3b6a}},
    .two_adicity = 32,
    .bit_width = 255,
    .inv62 = 0x0000000100000001,
    .modulus62 = {0x3fffffff00000001, 0x0ef6900bfff96ffb, 0x339d80809a1d8055, 0x3b69d4ca675f520c, 0x0000000000000073},
};

const martlet_field6 martlet_bls12_381_fp_constants = {
    .modulus = {{0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624, 0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a}},
    .inv = 0x89f3fffcfffcfffd,
    .one = {{0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba, 0x77ce585370525745, 0x5c071a97a256ec6d, 0x15f65ec3fa80e493}},
    .r_squared = {{0xf4df1f341c341746, 0x0a76e6a609d104f1, 0x8de5476c4c95b6d5, 0x67eb88a9939d83c0, 0x9a793e85b519952d, 0x11988fe592cae3aa}},
    .two_adic_root = {{0x43f5fffffffcaaae, 0x32b7fff2ed47fffd, 0x07e83a49a2e99d69, 0xeca8f3318332bb7a, 0xef148d1ea0f4c069, 0x040ab3263eff0206}},
    .two_adicity = 1,
    .bit_width = 381,
    .inv62 = 0x360c000300030003,
    .modulus62 = {0x39feffffffffaaab, 0x3aaffffac54ffffe, 0x330d2a0f6b0f6241, 0x1dd2e13ce144afd9, 0x1ba7b6434bacd764, 0x0447a8e5ff9a692c, 0x00000000000001a0},
};

const martlet_field4 martlet_bls12_377_fr_constants = {
    .modulus = {{0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556}},
    .inv = 0x0a117fffffffffff,
    .one = {{0x7d1c7ffffffffff3, 0x7257f50f6ffffff2, 0x16d81575512c0fee, 0x0d4bda322bbb9a9d}},
    .r_squared = {{0x25d577bab861857b, 0xcc2c27b58860591f, 0xa7cc008fe5dc8593, 0x011fdae7eff1c939}},
    .two_adic_root = {{0x3c3d3ca739381fb2, 0x9a14cda3ec99772b, 0xd7aacc7c59724826, 0x0d1ba211c5cc349c}},
    .two_adicity = 47,
    .bit_width = 253,
    .inv62 = 0x35ee800000000001,
    .modulus62 = {0x0a11800000000001, 0x26a9dbfb40000004, 0x0b44d1e5c37b0015, 0x2ad957a68b295598, 0x0000000000000012},
};

const martlet_field6 martlet_bls12_377_fp_constants = {
    .modulus = {{0x8508c00000000001, 0x170b5d4430000000, 0x1ef3622fba094800, 0x1a22d9f300f5138f, 0xc63b05c06ca1493b, 0x01ae3a4617c510ea}},
    .inv = 0x8508bfffffffffff,
    .one = {{0x02cdffffffffff68, 0x51409f837fffffb1, 0x9f7db3a98a7d3ff2, 0x7b4e97b76e7c6305, 0x4cf495bf803c84e8, 0x008d6661e2fdf49a}},
    .r_squared = {{0xb786686c9400cd22, 0x0329fcaab00431b1, 0x22a5f11162d6b46d, 0xbfdf7d03827dc3ac, 0x837e92f041790bf9, 0x006dfccb1e914b88}},
    .two_adic_root = {{0x68f876aa8bb191f2, 0x254e4780a6722e51, 0xa818ea191f8a0eaf, 0x2c1a6dd31d8d5057, 0xcce5a0cba0df931b, 0x00ba7904c8cf8495}},
    .two_adicity = 46,
    .bit_width = 377,
    .inv62 = 0x3af7400000000001,
    .modulus62 = {0x0508c00000000001, 0x1c2d7510c0000002, 0x2f3622fba0948001, 0x08b67cc03d44e3c7, 0x3b05c06ca1493b1a, 0x38e9185f1443ab18, 0x000000000000001a},
};

const martlet_field4 martlet_babyjubjub_fr_constants = {
    .modulus = {{0x677297dc392126f1, 0xab3eedb83920ee0a, 0x370a08b6d0302b0b, 0x060c89ce5c263405}},
    .inv = 0x532ce5aebc48f5ef,
    .one = {{0x073315dea08f9c76, 0xe7acffc6a098f24b, 0xf85a9201d818f015, 0x01f16424e1bb7724}},
    .r_squared = {{0x35e44abee7ecb21e, 0x74646cacf5f84ec4, 0xe472df203faa158f, 0x0445b524f1ba50a8}},
    .two_adic_root = {{0x2fb01b009b1974ef, 0x723c0b735eb3e91a, 0x341f16b7f0533dec, 0x04edaec309cf7bc1}},
    .two_adicity = 4,
    .bit_width = 251,
    .inv62 = 0x2cd31a5143b70a11,
    .modulus62 = {0x277297dc392126f1, 0x2cfbb6e0e483b829, 0x30a08b6d0302b0ba, 0x03227397098d014d, 0x0000000000000006},
};
