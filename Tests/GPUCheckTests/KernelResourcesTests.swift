// SPDX-License-Identifier: Apache-2.0

import OpenCLCompute
import Testing

@Suite struct KernelResourcesTests {
    @Test func logsOfNVIDIAsCompilerAreRead() {
        let log = """
            ptxas info    : 0 bytes gmem, 72 bytes cmem[3]
            ptxas info    : Compiling entry function 'msm_reduce' for 'sm_90'
            ptxas info    : Function properties for msm_reduce
            ptxas         .     832 bytes stack frame, 16 bytes spill stores, 20 bytes spill loads
            ptxas info    : Used 128 registers, 400 bytes cmem[0]
            ptxas info    : Compiling entry function 'ntt_pass' for 'sm_90'
            ptxas info    : Function properties for ntt_pass
                0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Function properties for fe_mul
                64 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 40 registers, 8192 bytes smem, 380 bytes cmem[0]
            """
        var found = KernelResources.parse(log)
        found.sort { $0.name < $1.name }
        #expect(found.map(\.name) == ["fe_mul", "msm_reduce", "ntt_pass"])
        #expect(found.map(\.registers) == [nil, 128, 40])
        #expect(found.map(\.stackBytes) == [64, 832, 0])
        #expect(found.map(\.spillStoreBytes) == [0, 16, 0])
        #expect(found.map(\.spillLoadBytes) == [0, 20, 0])
    }

    @Test func otherLogsSayNothing() {
        #expect(KernelResources.parse("") == [])
        #expect(KernelResources.parse("warning: 3 registers\nUsed registers, 4\n") == [])
    }
}
