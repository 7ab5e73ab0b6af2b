// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

/// Parts of circuits with emulated arithmetic that several threads make.
@Suite struct PartsTests {
    typealias Field = EmulatedField<BN254.Fp>
    typealias Element = EmulatedElement<BN254.Fp>

    /// Sums, products, selections and canonical limbs of what is around the part and of its own.
    private func part(_ field: Field, _ index: Int, _ x: [Element], _ bit: Linear) -> Element {
        let y = field.hinted { BN254.Fp(UInt64(index + 3)) }
        var product = field.multiply(field.select(bit, x[0] + y, x[1]), y - x[2] * 3)
        // So many products with constants that they share its multiples by τ.
        for constant in 1...4 {
            let factor = BN254.Fp(UInt64(constant)).inverse()! + BN254.Fp(UInt64(index))
            product = product + field.reduced(field.product(x[0], Element(factor)))
        }
        let chosen = field.select(bit, field.select(bit, y, product), x[1])
        field.enforceEqual(field.canonical(field.inverse(y)).element, field.inverse(y))
        return field.reduced(field.product(product - chosen, x[1]) + x[0])
    }

    private enum Form: CaseIterable {
        case one, ofOneShape, nested
    }

    private func build(
        _ mode: CircuitBuilder.Mode, _ source: Source, _ form: Form, threads: Int, values: [BN254.Fp],
        tampering: Tampering? = nil
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(mode, publicCount: 0, names: true, challenger: .standIn)
        let emulation = Emulation(
            builder, source == .commitment ? .commitment : .poseidon, chunkBits: 8, groupSize: 9,
            Parallel(threads: threads), tampering: tampering)
        let field = Field(emulation)
        let x = values.map { value in field.hinted { value } }
        let bit = emulation.boundBit(true)
        let results: [Element]
        switch form {
        case .one: results = (0..<4).map { part(field, $0, x, bit) }
        case .ofOneShape: results = field.inParallel(4) { part($0, $1, x, bit) }
        case .nested:
            // The third and the fourth are parts of a part, which is told how large they are.
            let first = part(field, 0, x, bit)
            let before = field.sizes
            let second = part(field, 1, x, bit)
            let own = field.sizes - before
            results =
                [first, second]
                + field.inParallel([own + own]) { outer, _ in
                    outer.inParallel([Extent](repeating: own, count: 2)) { part($0, $1 + 2, x, bit) }
                }[0]
        }
        let sum = results.dropFirst().reduce(results[0]) { $0 + $1 }
        _ = field.canonical(field.reduced(sum))
        emulation.finish()
        return builder
    }

    /// The same systems, commitments, witnesses and names, however parts are made, and on however many
    /// threads. The first one makes nothing in parts, not even what `finish` makes.
    @Test(arguments: Source.allCases)
    func partsAreTheSameAsOneAfterAnother(source: Source) {
        var generator = SeededGenerator.fresh()
        let values = (0..<3).map { _ in BN254.Fp.random(using: &generator) }
        func witness(_ builder: CircuitBuilder) -> [Scalar.Limbs] {
            let secret = builder.witness()
            return (0..<secret.count).map { secret[$0] }
        }
        let plain = build(.both, source, .one, threads: 1, values: values, tampering: Tampering())
        let (system, expected) = (plain.constraintSystem(), witness(plain))
        #expect(system.firstViolated(by: expected.span) == nil)
        for (threads, form) in [1, 2, 3].flatMap({ threads in Form.allCases.map { (threads, $0) } }) {
            let made = build(.constraints, source, form, threads: threads, values: values)
            #expect(made.constraintSystem() == system, "\(form), \(threads) threads")
            let names = stride(from: 0, to: system.constraintCount, by: 1009).allSatisfy {
                made.scope(of: $0) == plain.scope(of: $0)
            }
            #expect(names)
            #expect(
                witness(build(.witness, source, form, threads: threads, values: values)) == expected,
                "\(form), \(threads) threads")
        }
        let both = build(.both, source, .ofOneShape, threads: 2, values: values)
        #expect(both.constraintSystem() == system && witness(both) == expected)
    }

    /// What a part must not do.
    @Test func partsKeepToThemselves() async {
        // A bound bit, which is the whole circuit's.
        await #expect(processExitsWith: .failure) {
            describe { field in _ = field.inParallel(2) { own, _ in own.emulation.boundBit(true) } }
        }
        // Also where the first part alone does it, or is the only one.
        await #expect(processExitsWith: .failure) {
            describe { field in _ = field.inParallel(1) { own, _ in own.emulation.boundBit(true) } }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                let x = field.builder.wire(.one)
                _ = field.inParallel(1) { own, _ in own.emulation.bind(x) }
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in _ = field.inParallel(1) { own, _ in own.emulation.bindPublic(.one) } }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                let none = field.extent(ofNew: 0)
                _ = field.inParallel([none]) { own, _ in own.emulation.bindPublic(.one) }
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in _ = field.inParallel(1) { own, _ in Field(own.emulation) } }
        }
        // Another number of elements, checks or products than the first.
        await #expect(processExitsWith: .failure) {
            describe { field in
                _ = field.inParallel(2) { own, index in (0...index).map { _ in own.hinted { .one } } }
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                _ = field.inParallel(2) { own, index in
                    for _ in 0...index { own.enforceZero(.init(Element.zero)) }
                }
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                let x = field.hinted { .one }
                _ = field.inParallel(2) { own, index in (0...index).map { _ in own.product(x, x) } }
            }
        }
        // Orders to the field around it.
        await #expect(processExitsWith: .failure) {
            describe { field in
                let none = field.extent(ofNew: 0)
                _ = field.inParallel([none]) { _, _ in field.enforceZero(.init(Element.zero)) }
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                let (x, none) = (field.hinted { .one }, field.extent(ofNew: 0))
                _ = field.inParallel([none]) { _, _ in field.product(x, x) }
            }
        }
        // Fewer products are well.
        await #expect(processExitsWith: .success) {
            describe { field in
                let x = field.hinted { .one }
                _ = field.inParallel(2) { own, index in (index..<2).map { _ in own.product(x, x) } }
            }
        }
    }

    /// What a part's field is asked after the part would be in no check.
    @Test func partsTakeNoOrdersAfterTheirEnd() async {
        await #expect(processExitsWith: .failure) {
            describe { field in
                kept(field).enforceEqual(.one, Element(BN254.Fp(2)))
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                let (x, bit) = (field.hinted { .one }, field.emulation.boundBit(true))
                _ = kept(field).select(bit, x, .zero)
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in
                let x = field.hinted { .one }
                _ = kept(field).product(x, x)
            }
        }
        await #expect(processExitsWith: .failure) {
            describe { field in _ = kept(field).element(bit: .one) }
        }
        await #expect(processExitsWith: .success) { describe { field in _ = kept(field) } }
    }

    /// A leaf that another part was to make is a new element, or nobody knows its weight.
    @Test func promisedLeavesAreNewElements() async {
        await #expect(processExitsWith: .success) {
            describe { field in
                promised(field, field.extent(ofNew: 1)) { own in own.hinted { .zero } }
            }
        }
        let selection = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            describe { field in
                let (x, bit) = (field.hinted { .one }, field.emulation.boundBit(true))
                promised(field, leaf(field)) { own in own.select(bit, x * 1000, x) }
            }
        }
        #expect(text(selection).contains("is no new element"))
        await #expect(processExitsWith: .failure) {
            describe { field in
                promised(field, leaf(field)) { own in own.element(bit: .one) }
            }
        }
        // One that nobody makes.
        await #expect(processExitsWith: .failure) {
            describe { field in _ = field.element(newLeaf: field.leafCount) { .zero } }
        }
    }
}

private func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}

/// One leaf without wires.
private func leaf(_ field: EmulatedField<BN254.Fp>) -> Extent {
    var extent = field.extent(ofNew: 0)
    extent.leaves = 1
    return extent
}

/// Two parts, of which the second one, in a part of its own, takes what the first makes for a new element.
private func promised(
    _ field: EmulatedField<BN254.Fp>, _ extent: Extent,
    _ first: (EmulatedField<BN254.Fp>) -> EmulatedElement<BN254.Fp>
) {
    let number = field.leafCount
    let none = field.extent(ofNew: 0)
    _ = field.inParallel([extent, none]) { own, index in
        if index == 0 { return first(own) }
        return own.inParallel([none]) { own, _ in own.element(newLeaf: number) { .zero } }[0]
    }
}

/// The field of a part that has ended.
private func kept(_ field: EmulatedField<BN254.Fp>) -> EmulatedField<BN254.Fp> {
    field.inParallel([field.extent(ofNew: 0)]) { own, _ in own }[0]
}

/// A circuit of nothing but parts.
private func describe(_ body: (EmulatedField<BN254.Fp>) -> Void) {
    let builder = CircuitBuilder(.witness, publicCount: 0, challenger: .standIn)
    let emulation = Emulation(builder, .commitment, chunkBits: 8)
    body(EmulatedField<BN254.Fp>(emulation))
    emulation.finish()
}
