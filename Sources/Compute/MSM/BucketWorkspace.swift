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

    init() {
        slots = .allocate(capacity: capacity)
        denominators = .allocate(capacity: capacity / 2)
        prefixes = .allocate(capacity: capacity / 2)
    }

    deinit {
        slots.deallocate()
        denominators.deallocate()
        prefixes.deallocate()
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
