// SPDX-License-Identifier: Apache-2.0

import COpenCLKernels
package import FiniteFields

/// How products of field elements are computed in a program.
package enum ProductVariant: String, Sendable, CaseIterable, Codable {
    /// 64-bit limbs by the high half of `ulong` products: what CPUs do best.
    case limbs64
    /// 32-bit limbs by `ulong` multiply-add: any GPU.
    case limbs32
    /// 32-bit limbs by carry chains in PTX: NVIDIA.
    case ptx

    /// The variants that suit a device, the best first. Those that fail their known-answer tests are passed
    /// over.
    package static func candidates(for device: Device) -> [ProductVariant] {
        if device.isCPU { return [.limbs64, .limbs32] }
        return device.isNVIDIA ? [.ptx, .limbs32] : [.limbs32]
    }
}

extension PrimeField {
    /// Whether the kernels have elements of this width: 8 or 12 words of which the top bit is free.
    package static var hasDeviceKernels: Bool { [4, 6].contains(Limbs.count) && bitWidth < 64 * Limbs.count }
}

/// What a program is built from: files of Kernels/opencl behind definitions for one field.
package struct ProgramDescription: Sendable {
    /// What it is called in messages and in the cache, such as "bn254-g1".
    package var name: String
    /// The files, in order.
    package var files: [String]
    /// `#define` lines: name and value.
    package var definitions: [(name: String, value: String)]
    /// The local size of all its kernels.
    package var workGroup: Int
    /// Why it cannot be built: its field's width.
    var obstacle: String?

    package init(
        name: String, files: [String], definitions: [(name: String, value: String)], workGroup: Int
    ) {
        self.name = name
        self.files = files
        self.definitions = definitions
        self.workGroup = workGroup
    }

    /// A program over one prime field: its constants before `definitions` (see Kernels/opencl/field.cl).
    ///
    /// Over a field whose elements the kernels do not have (`hasDeviceKernels`) it can be described, not
    /// built.
    package init<F: PrimeField>(
        name: String, files: [String], field: F.Type, variant: ProductVariant,
        definitions: [(name: String, value: String)] = [], workGroup: Int
    ) {
        self.init(
            name: name, files: variant == .ptx ? ["field_ptx.cl"] + files : files,
            definitions: Self.definitions(of: F.self, variant: variant) + definitions, workGroup: workGroup)
        if !F.hasDeviceKernels {
            obstacle = """
                \(F.name) has \(F.bitWidth) bits; kernels have fields of 4 or 6 limbs with a bit to spare
                """
        }
    }

    /// The text of the program.
    var source: String {
        var text = definitions.map { "#define \($0.name) \($0.value)\n" }.joined()
        text += "#define WORK_GROUP \(workGroup)\n"
        for file in files {
            guard let source = martlet_opencl_source(file) else {
                preconditionFailure("Kernels/opencl has no \(file)")
            }
            let bytes = UnsafeRawBufferPointer(start: source.pointee.text, count: source.pointee.length)
            text += "#line 1 \"\(file)\"\n" + String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    private static func definitions<F: PrimeField>(
        of field: F.Type, variant: ProductVariant
    ) -> [(name: String, value: String)] {
        let negativeInverse = negativeInverse(of: F.modulus[0])
        let rSquared = F(canonical: F.one.montgomery)?.montgomery ?? .zero
        return [
            ("FIELD_WORDS", "\(2 * F.Limbs.count)"),
            ("FIELD_MODULUS", words(F.modulus)),
            ("FIELD_ONE", words(F.one.montgomery)),
            ("FIELD_R2", words(rSquared)),
            ("FIELD_INVERSE32", hexadecimal(UInt32(truncatingIfNeeded: negativeInverse)) + "u"),
            ("FIELD_INVERSE64", hexadecimal(negativeInverse) + "ul"),
            ("FIELD_LIMB_BITS", variant == .limbs64 ? "64" : "32"),
            ("FIELD_PTX", variant == .ptx ? "1" : "0"),
        ]
    }

    /// −m⁻¹ mod 2⁶⁴ by Newton's iteration; m is odd.
    private static func negativeInverse(of m: UInt64) -> UInt64 {
        var inverse = m  // right to 3 bits
        for _ in 0..<5 { inverse &*= 2 &- m &* inverse }
        return 0 &- inverse
    }

    /// The 32-bit words of an integer, least significant first, as an initialiser's list.
    private static func words(_ limbs: some FixedLimbs) -> String {
        limbs.words.flatMap { [UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32)] }
            .map { hexadecimal($0) + "u" }.joined(separator: ", ")
    }

    private static func hexadecimal(_ value: some FixedWidthInteger) -> String {
        "0x" + String(value, radix: 16)
    }
}
