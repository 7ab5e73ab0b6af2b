// SPDX-License-Identifier: Apache-2.0

import Failures
public import Foundation
import Foundations

/// A worker's wish for a job.
public struct LeaseRequest: Sendable, Equatable, Codable {
    /// The worker's name, for people and metrics: `JobID`'s alphabet.
    public var worker: String
    /// Made anew whenever the worker starts: a repeated wish of one incarnation gets the lease that it holds
    /// already.
    public var incarnation: String
    /// Which of the worker's slots asks; each holds one lease.
    public var slot: Int
    /// What computes there.
    public var devices: [String]
    /// Digests of the circuits whose keys are loaded: preferred among jobs of one priority.
    public var loadedCircuits: [String]
    /// Memory that a job may take, in bytes; `nil` for no limit.
    public var freeBytes: Int64?
    /// Seconds that the answer may wait for a job, 0 to 60.
    public var wait: Double?
    /// A witness of at most so many bytes comes with the lease, unless that is more than the coordinator
    /// sends along.
    public var inlineWitness: Int64?
    /// Why the worker takes no jobs at the moment: then it is told to people, and the answer has no job.
    public var unready: String?

    public init(
        worker: String, incarnation: String, slot: Int = 0, devices: [String] = [],
        loadedCircuits: [String] = [], freeBytes: Int64? = nil, wait: Double? = nil,
        inlineWitness: Int64? = nil, unready: String? = nil
    ) {
        self.unready = unready
        self.worker = worker
        self.incarnation = incarnation
        self.slot = slot
        self.devices = devices
        self.loadedCircuits = loadedCircuits
        self.freeBytes = freeBytes
        self.wait = wait
        self.inlineWitness = inlineWitness
    }

    private enum CodingKeys: String, CodingKey {
        case worker, incarnation, slot, devices, loadedCircuits, freeBytes, wait, inlineWitness, unready
    }

    /// Fills in what is left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        worker = try container.decode(String.self, forKey: .worker)
        incarnation = try container.decode(String.self, forKey: .incarnation)
        slot = try container.decodeIfPresent(Int.self, forKey: .slot) ?? 0
        devices = try container.decodeIfPresent([String].self, forKey: .devices) ?? []
        loadedCircuits = try container.decodeIfPresent([String].self, forKey: .loadedCircuits) ?? []
        freeBytes = try container.decodeIfPresent(Int64.self, forKey: .freeBytes)
        wait = try container.decodeIfPresent(Double.self, forKey: .wait)
        inlineWitness = try container.decodeIfPresent(Int64.self, forKey: .inlineWitness)
        unready = try container.decodeIfPresent(String.self, forKey: .unready)
    }
}

/// A job in a worker's hands for `ttl` seconds, unless renewed.
public struct Lease: Sendable, Equatable, Codable {
    /// Names the job to worker endpoints; unlike the job's own id it is unique in the whole store.
    public var lease: String
    public var epoch: Int
    public var job: String
    public var circuit: Circuit
    /// With the key of its tag.
    public var witness: WitnessReference
    /// The witness itself, where the worker wished for it and it is small; base64 in JSON.
    public var witnessData: Data?
    /// Which try of the job this is, from 1.
    public var attempt: Int
    /// Seconds until the lease ends, from the answer on.
    public var ttl: Double
    /// Seconds between renewals.
    public var renewEvery: Double
    /// Seconds for which it is renewed at most.
    public var limit: Double?
    /// W3C trace context of the submission.
    public var traceparent: String?

    public init(
        lease: String, epoch: Int, job: String, circuit: Circuit, witness: WitnessReference, attempt: Int,
        ttl: Double, renewEvery: Double, limit: Double? = nil, traceparent: String? = nil,
        witnessData: Data? = nil
    ) {
        self.limit = limit
        self.lease = lease
        self.epoch = epoch
        self.job = job
        self.circuit = circuit
        self.witness = witness
        self.attempt = attempt
        self.ttl = ttl
        self.renewEvery = renewEvery
        self.traceparent = traceparent
        self.witnessData = witnessData
    }
}

/// A sign of life.
public struct Renewal: Sendable, Equatable, Codable {
    public var epoch: Int
    public var phase: String?
    /// From 0 to 1.
    public var progress: Double?

    public init(epoch: Int, phase: String? = nil, progress: Double? = nil) {
        self.epoch = epoch
        self.phase = phase
        self.progress = progress
    }

    /// As it is kept: a worker's word, so its text has an end.
    package var bounded: Renewal {
        Renewal(epoch: epoch, phase: phase?.bounded(bytes: 64), progress: progress)
    }
}

/// What a worker is to do with its job.
public enum LeaseOrder: String, Sendable, Codable {
    /// Go on.
    case `continue`
    /// Nobody wants it any more: stop, keep nothing.
    case cancel
    /// The lease was lost: another worker has the job. A proof still counts if it comes first.
    case lost
}

/// The answer to a renewal.
public struct RenewalAnswer: Sendable, Equatable, Codable {
    public var order: LeaseOrder
    /// Seconds until the lease ends, where it goes on.
    public var ttl: Double

    public init(order: LeaseOrder, ttl: Double) {
        self.order = order
        self.ttl = ttl
    }
}

/// Why a worker gives a job up; `code` is one of `FailureCode`.
public struct FailureReport: Sendable, Equatable, Codable {
    public var epoch: Int
    public var code: String
    public var message: String

    public init(epoch: Int, code: String, message: String) {
        self.epoch = epoch
        self.code = code
        self.message = message
    }

    /// As it is kept: a worker's word, so its text has an end.
    package var bounded: FailureReport {
        FailureReport(epoch: epoch, code: code, message: message.bounded(bytes: 2000))
    }
}

/// A lease given back with the attempt not counted.
public struct Release: Sendable, Equatable, Codable {
    public var epoch: Int

    public init(epoch: Int) { self.epoch = epoch }
}

/// A finished proof. Any epoch will do: the first that verifies wins.
public struct Completion: Sendable, Equatable, Codable {
    public var epoch: Int
    /// The text of snarkjs' `proof.json`.
    public var proof: String
    /// The text of snarkjs' `public.json`.
    public var publicInputs: String
    public var report: ProofReport

    public init(epoch: Int, proof: String, publicInputs: String, report: ProofReport) {
        self.epoch = epoch
        self.proof = proof
        self.publicInputs = publicInputs
        self.report = report
    }
}

/// What became of a completion.
public struct CompletionAnswer: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, Codable {
        /// This proof is the job's result.
        case accepted
        /// The job had a result, or an end, already.
        case ended
    }
    public var outcome: Outcome
    public var state: Job.State

    public init(outcome: Outcome, state: Job.State) {
        self.outcome = outcome
        self.state = state
    }
}

/// A registered circuit: what a proving key says of it.
public struct Circuit: Sendable, Equatable, Codable {
    /// SHA-256 of the proving key.
    public var digest: String
    /// Size of the proving key in bytes.
    public var zkeyBytes: Int64
    /// `groth16`.
    public var system: String
    /// `bn254`, `bls12381` or `bls12377`.
    public var curve: String
    public var variables: Int
    public var publics: Int
    /// A power of two.
    public var domainSize: Int
    /// What a proof of it takes in memory, in bytes, by estimate; workers with less do not get its jobs.
    public var memory: Int64

    public init(
        digest: String, zkeyBytes: Int64, system: String, curve: String, variables: Int, publics: Int,
        domainSize: Int, memory: Int64
    ) {
        self.digest = digest
        self.zkeyBytes = zkeyBytes
        self.system = system
        self.curve = curve
        self.variables = variables
        self.publics = publics
        self.domainSize = domainSize
        self.memory = memory
    }
}
