// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields
import OpenCLCompute
import Testing

@Suite struct MSMPlanTests {
    /// An accelerator with 80 GB, a graphics card of a desktop and a small CPU.
    private static let devices = [
        MSMDevice(
            isCPU: false, computeUnits: 132, maxAllocation: 20 << 30, memory: 72 << 30, segmentsPerUnit: 2048),
        MSMDevice(
            isCPU: false, computeUnits: 16, maxAllocation: 1 << 30, memory: 4 << 30, segmentsPerUnit: 2048),
        MSMDevice(
            isCPU: true, computeUnits: 2, maxAllocation: 2 << 30, memory: 8 << 30, segmentsPerUnit: 256),
    ]

    @Test(arguments: [0, 1, 2, 33, 1000, 1 << 16, 1 << 20, 1 << 24, 1 << 26], [true, false])
    func plansFit(terms: Int, areResident: Bool) {
        for device in Self.devices {
            for pointBytes in [[64], [64, 64, 128, 64], [96, 96, 192, 96]] {
                let plan = MSMPlan(
                    terms: terms, of: BN254.Fr.self,
                    tables: MSMTables(pointBytes: pointBytes, areResident: areResident, mostLevels: 24),
                    device: device)
                #expect(plan.byteCount <= device.memory)
                #expect(plan.chunks * plan.terms >= terms && (plan.chunks - 1) * plan.terms < max(terms, 1))
                #expect(plan.windows * plan.windowBits >= BN254.Fr.bitWidth)
                #expect(plan.levels * plan.groups >= plan.windows)
                #expect(plan.levels == 1 || areResident)
                #expect(plan.description.contains("\(plan.windowBits) bits"))
            }
        }
    }

    @Test func windowsHoldHalfTheOrder() {
        // Half of BN254's r has 253 bits, and the highest digit may be at most 2^(bits − 1).
        let tables = MSMTables(pointBytes: [64], areResident: false)
        let plan = MSMPlan(terms: 1 << 22, of: BN254.Fr.self, tables: tables, device: Self.devices[0])
        #expect(plan.windows == (254 + plan.windowBits - 1) / plan.windowBits)
    }

    /// Digits of a window of few bits meet at few counters.
    @Test func highestWindowsHaveBits() {
        let tables = MSMTables(pointBytes: [64], areResident: true)
        for log in 18...24 {
            let plan = MSMPlan(terms: 1 << log, of: BN254.Fr.self, tables: tables, device: Self.devices[0])
            // By additions alone 2^23 terms would have windows of 19 bits, the highest of 6.
            #expect(253 - plan.windowBits * (plan.windows - 1) > 8)
        }
    }

    @Test func memoryBuysLevels() {
        let roomy = Self.devices[0]
        var tight = roomy
        tight.memory = 300 << 20
        let tables = MSMTables(pointBytes: [64], areResident: true, mostLevels: 24)
        let many = MSMPlan(terms: 1 << 20, of: BN254.Fr.self, tables: tables, device: roomy)
        let few = MSMPlan(terms: 1 << 20, of: BN254.Fr.self, tables: tables, device: tight)
        #expect(many.levels > few.levels)
        #expect(many.buckets < few.buckets || many.windows < few.windows)
    }
}
