// SPDX-License-Identifier: Apache-2.0

/// A short sum over a long row of numbers, to see whether anything in it has changed: FNV-1a of 64 bits
/// (Fowler, Noll and Vo), of each number's bytes, least significant first. No protection against intent.
package struct Fingerprint {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            value = (value ^ (number >> shift & 0xff)) &* 0x100_0000_01b3
        }
    }

    package mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }
}
