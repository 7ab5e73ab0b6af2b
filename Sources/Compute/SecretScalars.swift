// SPDX-License-Identifier: Apache-2.0

public import FiniteFields

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#else
    public import Darwin
#endif

/// Scalars that must not outlive their use, such as a witness: the memory is zeroed when the last reference
/// goes.
///
/// Values are canonical integers below the group order unless the holder says otherwise. The memory may be
/// written through `withMutableSpan` and `withUnsafeMutableElements` by one owner at a time.
///
/// Unchecked: there is one writer at a time, by contract.
public final class SecretScalars<Scalar: PrimeField>: @unchecked Sendable {
    @usableFromInline let buffer: UnsafeMutableBufferPointer<Scalar.Limbs>

    /// The number of scalars.
    @inlinable public var count: Int { buffer.count }

    /// `count` zeros.
    public init(count: Int) {
        buffer = .allocate(capacity: count)
        // Zeros of every width are bytes of zero, and other modules make scalars by this code as it stands,
        // for any field: element by element that would take some ten times as long.
        if let base = buffer.baseAddress { memset(base, 0, count * MemoryLayout<Scalar.Limbs>.stride) }
    }

    /// A copy of `values`. The array is the caller's: it is not overwritten.
    public convenience init(_ values: [Scalar.Limbs]) {
        self.init(count: values.count)
        _ = buffer.update(from: values)
    }

    deinit {
        overwrite(UnsafeMutableRawBufferPointer(buffer))
        buffer.deallocate()
    }

    /// Scalar `index`; an index outside stops the process.
    @inlinable
    public subscript(index: Int) -> Scalar.Limbs {
        precondition(index >= 0 && index < buffer.count)
        return buffer[index]
    }

    /// Calls `body` with the scalars.
    ///
    /// - Throws: what `body` throws.
    @inlinable
    public func withSpan<R, Failure: Error>(
        _ body: (Span<Scalar.Limbs>) throws(Failure) -> R
    ) throws(Failure) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeBufferPointer(buffer).span)
    }

    /// Calls `body` with the scalars for writing; no one else may use them meanwhile.
    ///
    /// - Throws: what `body` throws.
    @inlinable
    public func withMutableSpan<R, Failure: Error>(
        _ body: (inout MutableSpan<Scalar.Limbs>) throws(Failure) -> R
    ) throws(Failure) -> R {
        defer { withExtendedLifetime(self) {} }
        var span = buffer.mutableSpan
        return try body(&span)
    }

    /// Calls `body` with the scalars as kernels and devices take them. They must not be used after it
    /// returns: the memory may be gone by then.
    ///
    /// - Throws: what `body` throws.
    @inlinable
    public func withElements<R, Failure: Error>(
        _ body: (UnsafeBufferPointer<Scalar.Limbs>) throws(Failure) -> R
    ) throws(Failure) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeBufferPointer(buffer))
    }

    /// Calls `body` with the scalars for writing by kernels, or by threads that share them out; no one else
    /// may use them meanwhile.
    ///
    /// - Throws: what `body` throws.
    @inlinable
    public func withUnsafeMutableElements<R, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Scalar.Limbs>) throws(Failure) -> R
    ) throws(Failure) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(buffer)
    }
}

/// A value of few bytes that must not outlive its use, such as a contributor's secret: the memory is zeroed
/// when the last reference goes.
///
/// What a computation copies of it to registers and to the stack is out of its reach. The value is plain: it
/// holds no references.
///
/// Unchecked: the memory is written when made and when it goes, and at no time between.
public final class SecretValue<Value: Sendable>: @unchecked Sendable {
    private let memory: UnsafeMutablePointer<Value>

    /// Keeps a copy of `value`, which must hold no references.
    public init(_ value: Value) {
        memory = .allocate(capacity: 1)
        memory.initialize(to: value)
    }

    deinit {
        memory.deinitialize(count: 1)
        overwrite(UnsafeMutableRawBufferPointer(start: memory, count: MemoryLayout<Value>.size))
        memory.deallocate()
    }

    /// Where it is, for the test that looks there afterwards.
    package var address: UInt { UInt(bitPattern: memory) }

    /// A copy of what is kept.
    public var value: Value {
        defer { withExtendedLifetime(self) {} }
        return memory.pointee
    }
}

/// Fills memory that held something secret with zeros, by a call that the compiler cannot drop.
package func overwrite(_ bytes: UnsafeMutableRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    #if canImport(Darwin)
        _ = memset_s(base, bytes.count, 0, bytes.count)
    #else
        explicit_bzero(base, bytes.count)
    #endif
}
