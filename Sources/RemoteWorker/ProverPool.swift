// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundation
import ProvingEngine

/// The worker's provers: one process for each job at a time, started when it is needed and again when it has
/// died.
package actor ProverPool {
    private let start: @Sendable () throws(JobFailure) -> ProverChild
    private var idle: [ProverChild] = []
    private var busy: [ProverChild] = []
    /// How many more jobs may have a prover.
    private var free: Int
    private var waiting: [(id: UUID, turn: CheckedContinuation<Bool, Never>)] = []
    private var isClosed = false

    package init(size: Int, start: @escaping @Sendable () throws(JobFailure) -> ProverChild) {
        free = size
        self.start = start
    }

    /// A prover for one proof, if possible one that has loaded the circuit's key; waits for its turn. Give it
    /// back.
    ///
    /// - Throws: `.infrastructure` when none can be started, or the task is cancelled while it waits.
    package func take(_ circuit: String) async throws(JobFailure) -> ProverChild {
        guard await turn() else {
            throw JobFailure(code: .infrastructure, message: "the job was stopped before its proof began")
        }
        idle.removeAll { !$0.isAlive }
        let best = idle.firstIndex { $0.circuits.contains(circuit) } ?? idle.indices.first
        do {
            let child = if let best { idle.remove(at: best) } else { try start() }
            busy.append(child)
            return child
        } catch {
            pass()
            throw error
        }
    }

    /// Takes a prover back, dead or alive.
    package func give(_ child: ProverChild) {
        busy.removeAll { $0 === child }
        if isClosed { child.kill() } else if child.isAlive { idle.append(child) }
        pass()
    }

    /// Another prover, which has nothing loaded, in the place of this one, which is ended.
    package func replace(_ child: ProverChild) throws(JobFailure) -> ProverChild {
        busy.removeAll { $0 === child }
        child.kill()
        do {
            let fresh = try start()
            busy.append(fresh)
            return fresh
        } catch {
            pass()
            throw error
        }
    }

    /// Ends a prover instead of taking it back.
    package func discard(_ child: ProverChild) {
        busy.removeAll { $0 === child }
        child.kill()
        pass()
    }

    /// The digests of keys that a prover has loaded.
    var circuits: [String] { Array(Set((idle + busy).filter(\.isAlive).flatMap(\.circuits))).sorted() }

    /// Ends all provers.
    package func close() {
        isClosed = true
        for child in idle + busy { child.kill() }
        idle = []
    }

    private func turn() async -> Bool {
        if free > 0 {
            free -= 1
            return true
        }
        let id = UUID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { turn in
                if Task.isCancelled { turn.resume(returning: false) } else { waiting.append((id, turn)) }
            }
        } onCancel: {
            Task { await self.drop(id) }
        }
    }

    private func drop(_ id: UUID) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).turn.resume(returning: false)
    }

    private func pass() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().turn.resume(returning: true) }
    }
}
