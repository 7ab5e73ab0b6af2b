// SPDX-License-Identifier: Apache-2.0

// What bounds the work: chains of plain integer multiply-adds, and copies within the device's memory.

// Chains of one work-item that do not depend on each other, and multiply-adds of each in one round.
#define CHAINS 8
#define CHAIN_STEPS 16

// 32-bit multiply-adds, the low words.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void mad_chain(
    __global uint *values, uint factor, uint addend, uint rounds) {
    uint i = get_global_id(0);
    uint x[CHAINS];
    for (uint j = 0; j < CHAINS; j++) x[j] = i + j;
#pragma unroll 1
    for (uint k = 0; k < rounds; k++) {
#pragma unroll
        for (uint s = 0; s < CHAIN_STEPS; s++) {
#pragma unroll
            for (uint j = 0; j < CHAINS; j++) x[j] = x[j] * factor + addend;
        }
    }
    uint sum = 0;
    for (uint j = 0; j < CHAINS; j++) sum += x[j];
    values[i] = sum;
}

// Products of two 32-bit words added to 64 bits: what field products are made of.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void wide_mad_chain(
    __global uint *values, uint factor, uint addend, uint rounds) {
    uint i = get_global_id(0);
    ulong x[CHAINS];
    for (uint j = 0; j < CHAINS; j++) x[j] = ((ulong)addend << 32) + i + j;
#pragma unroll 1
    for (uint k = 0; k < rounds; k++) {
#pragma unroll
        for (uint s = 0; s < CHAIN_STEPS; s++) {
#pragma unroll
            for (uint j = 0; j < CHAINS; j++) x[j] = (ulong)(uint)x[j] * factor + x[j];
        }
    }
    ulong sum = 0;
    for (uint j = 0; j < CHAINS; j++) sum += x[j];
    values[i] = (uint)sum ^ (uint)(sum >> 32);
}

__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void copy_words(
    __global const uint4 *from, __global uint4 *to, uint count) {
    uint i = get_global_id(0);
    if (i < count) to[i] = from[i];
}
