import CFieldKernels
import Curves
import EllipticCurves
import FiniteFields
import Synchronization

/// The memory of one bucket accumulation.
final class BucketWorkspace<Group: CurveGroup>: @unchecked Sendable {
    /// How many points are gathered at a time: as many as fill half of a usual 512 KiB level-2 cache.
    let capacity = 256 * 1024 / MemoryLayout<Affine<Group>>.stride
    let slots: UnsafeMutablePointer<Affine<Group>>
    let denominators: UnsafeMutablePointer<Group.BaseField>
    let prefixes: UnsafeMutablePointer<Group.BaseField>
    /// The slots of the pairs of a batch.
    let first: UnsafeMutablePointer<UInt32>
    let second: UnsafeMutablePointer<UInt32>
    /// What the kernel in lanes works in; nil where there is none for this group on this machine.
    private let scratch: UnsafeMutableRawPointer?

    init() {
        slots = .allocate(capacity: capacity)
        denominators = .allocate(capacity: capacity / 2)
        prefixes = .allocate(capacity: capacity / 2)
        first = .allocate(capacity: capacity / 2)
        second = .allocate(capacity: capacity / 2)
        #if arch(x86_64)
            scratch =
                Self.hasLanes && CPUPath.current == .avx2
                ? .allocate(byteCount: martlet_affine_add_batch4_avx2_scratch(capacity / 2), alignment: 64)
                : nil
        #else
            scratch = nil
        #endif
    }

    deinit {
        slots.deallocate()
        denominators.deallocate()
        prefixes.deallocate()
        first.deallocate()
        second.deallocate()
        scratch?.deallocate()
    }

    /// The kernel is for 4-limb base fields of at most 254 bits: BN254's G1.
    private static var hasLanes: Bool { Group.self == BN254.G1.self }

    /// Below this many pairs the scalar code is as fast: a call costs some 3 µs, and saves 80 ns a pair.
    private static var fewestPairs: Int { 32 }

    /// Adds the first `count` pairs in lanes; false, with nothing done, where that is not possible or does not pay.
    ///
    /// The pairs are regular: different x, neither the identity, no slot in two of them.
    func addInLanes(_ count: Int) -> Bool {
        #if arch(x86_64)
            guard Self.hasLanes, let scratch, count >= Self.fewestPairs else { return false }
            martlet_affine_add_batch4_avx2(
                UnsafeMutableRawPointer(slots).assumingMemoryBound(to: martlet_limbs4.self), first, second,
                count,
                scratch, martlet_bn254_fp())
            return true
        #else
            return false
        #endif
    }
}

/// Workspaces for the tasks of one sum, at most one a thread: fresh memory for every task took half as many page faults again.
final class BucketWorkspacePool<Group: CurveGroup>: Sendable {
    private let free = Mutex<[BucketWorkspace<Group>]>([])

    /// Calls `body` with a workspace of its own.
    func withWorkspace<R>(_ body: (BucketWorkspace<Group>) -> R) -> R {
        let workspace = free.withLock { $0.popLast() } ?? BucketWorkspace()
        defer { free.withLock { $0.append(workspace) } }
        return body(workspace)
    }
}
