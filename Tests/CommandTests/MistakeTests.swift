// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Typical mistakes, through the program itself: the message names the file or the address and what was
/// probably meant, in our own words.
@Suite struct MistakeTests {
    private static let prove = "prove --backend cpu --proof {dir}/p.json --public {dir}/q.json"

    private static let tooLong = String(repeating: "a", count: 300)

    static let files: [Mistake] = [
        Mistake(
            "a proof as the verification key", "verify --vkey {proof} --public {public} --proof {proof}", 2,
            "{proof}", "holds a proof", "a verification key"),
        Mistake(
            "a proving key as the verification key", "verify --vkey {zkey} --public {public} --proof {proof}",
            2, "{zkey}", "holds a proving key (zkey)", "a verification key"),
        Mistake(
            "proof and public inputs swapped", "verify --vkey {vkey} --public {proof} --proof {public}", 2,
            "{proof}", "holds a proof", "public inputs"),
        Mistake(
            "the verification key as the proof", "verify --vkey {vkey} --public {public} --proof {vkey}", 2,
            "{vkey}", "holds a verification key", "a proof"),
        Mistake(
            "a key of another curve", "verify --vkey {bls-vkey} --public {public} --proof {proof}", 2,
            "{proof}", "bls12381"),
        Mistake(
            "a proof that is cut off", "verify --vkey {vkey} --public {public} --proof {broken}", 2,
            "{broken}", "JSON"),
        Mistake(
            "an empty proof", "verify --vkey {vkey} --public {public} --proof {empty}", 2, "{empty}"),
        Mistake(
            "a list with three paths a line", "verify --vkey {vkey} --list {three}", 2, "{three}:1", "3 paths"
        ),
        Mistake("a list that is not there", "verify --vkey {vkey} --list {dir}/none", 2, "{dir}/none"),
        Mistake(
            "a witness as the key", "\(prove) --zkey {wtns} --witness {wtns}", 2, "{wtns}",
            "holds a witness (wtns)", "a proving key (zkey)"),
        Mistake(
            "a key as the witness", "\(prove) --zkey {zkey} --witness {zkey}", 2, "{zkey}",
            "holds a proving key (zkey)", "a witness (wtns)"),
        Mistake(
            "the verification key as the proving key", "\(prove) --zkey {vkey} --witness {wtns}", 2, "{vkey}",
            "holds a verification key", "a proving key (zkey)"),
        Mistake(
            "a witness as the circuit", "\(prove) --zkey {zkey} --witness {wtns} --r1cs {wtns}", 2, "{wtns}",
            "a circuit (r1cs)"),
        Mistake(
            "a witness of another curve", "\(prove) --zkey {zkey} --witness {bls-wtns}", 2, "{bls-wtns}",
            "bls12381"),
        Mistake(
            "a key that is not there", "\(prove) --zkey {dir}/none.zkey --witness {wtns}", 2,
            "{dir}/none.zkey", "No such file"),
        Mistake(
            "a folder as the key", "\(prove) --zkey {folder} --witness {wtns}", 2, "{folder}",
            "it is a directory"),
        Mistake(
            "a folder as what may be a pipe", "verify --vkey {folder} --public {public} --proof {proof}", 2,
            "{folder}: it is a directory, where a file is wanted"),
        Mistake(
            "a file as the folder of the proof",
            "prove --zkey {zkey} --witness {wtns} --proof {vkey}/p.json --public {dir}/q.json", 2,
            "{vkey}/p.json", "{vkey} is no directory"),
        Mistake(
            "a name too long for a file",
            "prove --zkey {zkey} --witness {wtns} --proof {dir}/\(tooLong) --public {dir}/q.json", 2,
            "{dir}/",
            "File name too long"),
        Mistake(
            "a witness that the circuit does not take",
            "\(prove) --zkey {zkey} --witness {unsatisfied} --r1cs {r1cs}", 2,
            "martlet: {unsatisfied}: the witness violates constraint 0 of {r1cs}"),
        Mistake(
            "a file as a folder", "\(prove) --zkey {zkey}/key --witness {wtns}", 2, "{zkey}/key",
            "Not a directory"),
        Mistake(
            "no folder for the proof",
            "prove --zkey {zkey} --witness {wtns} --proof {dir}/none/p.json --public {dir}/q.json", 2,
            "{dir}/none/p.json", "there is no directory {dir}/none"),
        Mistake(
            "a folder where the proof goes",
            "prove --zkey {zkey} --witness {wtns} --proof {folder} --public {dir}/q.json", 2, "{folder}",
            "it is a directory"),
        Mistake(
            "kernels that there are not", "\(prove) --zkey {zkey} --witness {wtns}", 2, "MARTLET_CPU",
            "abacus",
            environment: ["MARTLET_CPU": "abacus"]),
        Mistake(
            "an OpenCL library that there is not", "prove --zkey {zkey} --witness {wtns} --backend opencl",
            3,
            "{dir}/libOpenCL.so", environment: ["MARTLET_OPENCL": "{dir}/libOpenCL.so"]),
        Mistake("a file of no known kind", "info {garbage}", 2, "{garbage}", "none of the known formats"),
        Mistake(
            "a folder to be told of", "info {folder}", 2, "{folder}", "it is a directory",
            "name one of the files"
        ),
        Mistake(
            "a key in place of the powers of tau",
            "setup groth16 --r1cs {r1cs} --ptau {zkey} --zkey {dir}/new.zkey", 2, "{zkey}",
            "holds a proving key (zkey)", "powers of tau (ptau)"),
        Mistake(
            "a proof to make a contract of", "export verifier --lang vyper --vkey {proof}", 2, "{proof}",
            "a verification key"),
        Mistake(
            "a contract for a curve that Ethereum has not", "export verifier --lang vyper --vkey {bls-vkey}",
            2,
            "{bls-vkey}", "BN254|bn254"),
        Mistake(
            "figures of peers that are not there", "bench --suite field --compare {dir}/none.csv", 2,
            "{dir}/none.csv", "No such file"),
        Mistake("a federation that is none", "fl log {folder}", 2, "{folder}", "there is no task.json in it"),
        Mistake(
            "a file in place of a federation", "fl verify {zkey}", 2, "{zkey}", "it is no directory",
            "the directory of a federation"),
        Mistake(
            "a key as the task", "fl circuits --task {zkey}", 2, "{zkey}", "holds a proving key (zkey)",
            "where the task of a federation is wanted"),
        Mistake(
            "a proof as the task", "fl init {dir}/f --task {proof} --insecure-dev", 2, "{proof}",
            "holds a proof", "where the task of a federation is wanted"),
        Mistake("a task that is cut off", "fl init {dir}/f --task {task} --insecure-dev", 2, "{task}"),
    ]

    /// No command makes the folder that its result is to go to.
    static let missingFolders: [Mistake] = [
        "export vkey --zkey {zkey} --vkey", "zkey contribute --zkey {zkey} --output",
        "zkey beacon --zkey {zkey} --beacon 00 --output", "setup powersoftau --insecure-dev --power 1 --ptau",
        "setup groth16 --r1cs {r1cs} --insecure-dev --zkey",
        "aggregate key --ptau {zkey} --ptau {zkey} --output",
        "aggregate prove --vkey {vkey} --ptau {zkey} --ptau {zkey} --public {public} --proof {proof} --output",
        "bench --suite field --output-csv", "bench --suite field --output-json",
        "bench --suite field --report",
        "example membership --r1cs", "example membership --witness",
        "export verifier --lang vyper --vkey {vkey} --output", "fl train {dir} --federation {dir} --output",
    ].map {
        Mistake(
            "no folder for the output of \($0)", "\($0) {dir}/none/out", 2, "{dir}/none/out",
            "there is no directory {dir}/none")
    }

    static let queues: [Mistake] = [
        Mistake(
            "a folder without the word spool", "submit --queue {folder} --zkey {zkey} --witness {wtns}", 2,
            "{folder}", "spool:DIR"),
        Mistake("an address without http", "jobs --queue 127.0.0.1:8080", 2, "127.0.0.1:8080", "http(s)://"),
        Mistake(
            "a spool that is not there", "jobs --queue spool:{dir}/none", 2, "{dir}/none", "no such directory"
        ),
        Mistake(
            "somebody's folder as a new spool", "worker --queue spool:{dir} --drain --backend cpu", 2,
            "{dir}",
            "not empty"),
        Mistake(
            "the same for a submitter", "submit --queue spool:{dir} --zkey {zkey} --witness {wtns}", 2,
            "{dir}", "no spool.json"),
        Mistake("a folder that is no spool", "jobs --queue spool:{folder}", 2, "{folder}", "spool"),
        Mistake(
            "a spool below folders that are not there",
            "submit --queue spool:{dir}/none/spool --zkey {zkey} --witness {wtns}", 2, "{dir}/none/spool",
            "there is no directory in which to make it"),
        Mistake(
            "a job with key and witness swapped",
            "submit --queue spool:{dir}/s --zkey {wtns} --witness {zkey}", 2,
            "{zkey}", "holds a proving key (zkey), where a witness (wtns) is wanted"),
        Mistake(
            "a witness of another curve for a spool",
            "submit --queue spool:{dir}/s --zkey {bls-zkey} --witness {wtns}", 2, "{wtns}", "bls12381"),
        Mistake(
            "a key of another proof system for a spool",
            "submit --queue spool:{dir}/s --zkey {plonk-zkey} --witness {wtns}", 2, "{plonk-zkey}", "plonk"),
        Mistake(
            "a deadline that has passed",
            "submit --queue spool:{dir}/s --zkey {zkey} --witness {wtns} --deadline 2020-01-01T00:00:00Z", 2,
            "--deadline", "has passed"),
        Mistake("a spool in a file", "jobs --queue spool:{vkey}/s", 2, "{vkey}/s", "no directory"),
        Mistake(
            "a name too long for a spool",
            "submit --queue spool:{dir}/\(tooLong) --zkey {zkey} --witness {wtns}", 2, "File name too long"),
        Mistake(
            "a circuit that is not there", "circuit add --queue http://127.0.0.1:1 {dir}/none", 2,
            "martlet: {dir}/none: cannot be read: No such file"),
        Mistake(
            "a folder as a circuit", "circuit add --queue http://127.0.0.1:1 {folder}", 2,
            "martlet: {folder}: it is a directory"),
        Mistake(
            "a file as a worker's folder",
            "worker --queue http://127.0.0.1:1 --data {vkey} --backend cpu", 2,
            "cannot make the directory {vkey}", "{vkey} is a file"),
        Mistake("a job's name with a slash", "job --queue spool:{dir}/s a/b", 2, "a/b"),
        Mistake("a state of before", "jobs --queue spool:{folder} --state running", 2, "running", "leased"),
        Mistake(
            "nobody listens", "jobs --queue http://127.0.0.1:1", 3, "http://127.0.0.1:1", "connection refused"
        ),
        Mistake(
            "a host that there is not", "jobs --queue http://martlet.invalid:8080", 3,
            "http://martlet.invalid:8080", "host"),
        Mistake(
            "a socket that there is not", "jobs --queue unix:{dir}/none", 3, "{dir}/none", "no such socket"),
        Mistake("a socket that is a file", "jobs --queue unix:{zkey}", 3, "{zkey}", "not a socket"),
        Mistake(
            "authorities that are no PEM", "jobs --queue https://127.0.0.1:1 --ca-file {vkey}", 2, "{vkey}",
            "not a PEM file"),
        Mistake(
            "authorities that are not there", "jobs --queue https://127.0.0.1:1 --ca-file {dir}/none", 2,
            "{dir}/none", "No such file"),
        Mistake(
            "a certificate as its key",
            "jobs --queue https://127.0.0.1:1 --client-cert {server.pem} --client-key {server.pem}", 2,
            "{server.pem}", "holds a certificate", "private key"),
        Mistake(
            "a key of another certificate",
            "jobs --queue https://127.0.0.1:1 --client-cert {server.pem} --client-key {other.key}", 2,
            "{other.key} is not the key of the certificate in {server.pem}"),
        Mistake(
            "a token's file that is not there", "jobs --queue http://127.0.0.1:1 --token-file {dir}/none", 2,
            "{dir}/none: cannot be read: No such file"),
        Mistake(
            "a folder as a token's file", "jobs --queue http://127.0.0.1:1 --token-file {folder}", 2,
            "{folder}: it is a directory"),
        Mistake(
            "a token of two words", "jobs --queue http://127.0.0.1:1", 2, "token",
            environment: ["MARTLET_TOKEN": "two words"]),
    ]

    /// Each with a folder of its own: no two stores may have one.
    private static func serve(_ name: String) -> String {
        "serve --data {dir}/data-\(name) --min-free-space 0 --store sqlite:{dir}/\(name).sqlite"
    }
    private static let serve = "serve --data {dir}/data --min-free-space 0"

    static let services: [Mistake] = [
        Mistake(
            "a store that is no database", "\(serve) --listen 127.0.0.1:0 --store sqlite:{vkey}", 2, "{vkey}",
            "not an SQLite database"),
        Mistake(
            "a folder as the store", "\(serve) --listen 127.0.0.1:0 --store sqlite:{folder}", 2, "{folder}",
            "it is a directory"),
        Mistake(
            "a file as the folder of the store",
            "\(serve) --listen 127.0.0.1:0 --store sqlite:{vkey}/jobs.sqlite",
            2, "{vkey} is a file"),
        Mistake(
            "a database that is not there",
            "\(serve) --listen 127.0.0.1:0 --store postgres://u:geheim@127.0.0.1:1/d", 3,
            "127.0.0.1:1/d|libpq.so.5"),
        Mistake(
            "a store without its kind", "\(serve) --store {dir}/jobs.sqlite", 2, "{dir}/jobs.sqlite",
            "sqlite:"),
        Mistake(
            "a file as the data folder",
            "serve --data {vkey} --listen 127.0.0.1:0 --store sqlite:{dir}/a.sqlite", 2,
            "cannot make the directory {vkey}", "{vkey} is a file"),
        Mistake(
            "an address that this machine has not", "\(serve) --listen 192.0.2.1:8080 --token-required=false",
            2,
            "token-required"),
        Mistake(
            "an address of another machine",
            "\(serve("b")) --listen 192.0.2.1:8080 --insecure-no-tokens", 3,
            "192.0.2.1:8080", "no such address"),
        Mistake(
            "a name that there is not",
            "\(serve("c")) --listen martlet.invalid:8080 --insecure-no-tokens", 2,
            "martlet.invalid:8080"),
        Mistake(
            "a socket in a folder that is not there",
            "\(serve("d")) --listen unix:{dir}/none/s", 2, "{dir}/none/s", "folder"),
        Mistake(
            "a file in place of a socket", "\(serve("k")) --listen unix:{vkey}", 2, "unix:{vkey}",
            "not a socket"),
        Mistake(
            "a certificate that is no PEM",
            "\(serve("e")) --listen 127.0.0.1:0 --tls-cert {vkey} --tls-key {server.key}",
            2,
            "{vkey}", "not a PEM file"),
        Mistake(
            "certificate and key swapped",
            "\(serve("f")) --listen 127.0.0.1:0 --tls-cert {server.key} --tls-key {server.pem}",
            2, "{server.key}", "holds a private key"),
        Mistake(
            "a key of another certificate",
            "\(serve("g")) --listen 127.0.0.1:0 --tls-cert {server.pem} --tls-key {other.key}",
            2, "{other.key}", "{server.pem}"),
        Mistake(
            "nobody may do anything", "\(serve("h")) --listen 0.0.0.0:0", 2,
            "martlet token create"),
        Mistake(
            "a whole token to revoke", "token revoke --store sqlite:{dir}/i.sqlite mtabc.s3cret", 2,
            "before the dot"),
        Mistake(
            "a role that there is not", "token create --role king --store sqlite:{dir}/i.sqlite", 2, "king",
            "operator"),
    ]

    /// With a coordinator at {plain}, and one with TLS at {tls}.
    static let answers: [Mistake] = [
        Mistake(
            "https in place of http", "jobs --queue https://{plain}", 3, "https://{plain}",
            "does not speak TLS", "http"),
        Mistake("http in place of https", "jobs --queue http://{tls}", 3, "http://{tls}", "https"),
        Mistake(
            "a certificate that is not trusted", "jobs --queue https://{tls}", 3, "https://{tls}", "--ca-file"
        ),
        Mistake(
            "the wrong authority", "jobs --queue https://{tls} --ca-file {other.pem}", 3, "https://{tls}",
            "not trusted"),
        Mistake(
            "a wrong token", "jobs --queue http://{plain} --token-file {token}", 2, "http://{plain}", "token"),
        Mistake("a job that there is not", "job --queue http://{plain} nobody", 2, "nobody"),
        Mistake(
            "the port is taken", "\(serve("j")) --listen {plain}", 3, "{plain}",
            "another program"),
        Mistake(
            "the port for a worker's health is taken",
            "worker --queue http://{plain} --data {dir}/w --health {plain} --backend cpu --log-level critical",
            3,
            "{plain}", "another program"),
        Mistake(
            "a store that a coordinator serves from",
            "serve --data {dir}/d2 --listen 127.0.0.1:0 --store sqlite:{dir}/plain.sqlite", 3,
            "{dir}/plain.sqlite", "another coordinator"),
        Mistake(
            "a result where the key is",
            "submit --queue http://{plain} --zkey {taken}/proof.json --witness {wtns} --wait --output {taken}",
            2, "{taken}/proof.json", "an output needs a file of its own"),
        Mistake(
            "a file as the folder for results",
            "submit --queue http://{plain} --zkey {zkey} --witness {wtns} --wait --output {vkey}", 2,
            "{vkey} is a file"),
        Mistake(
            "a requeue of what is not dead", "requeue --queue http://{plain} nobody", 2, "nobody"),
        Mistake(
            "a witness of another curve", "submit --queue http://{plain} --zkey {bls-zkey} --witness {wtns}",
            2,
            "{wtns}: section 1", "bls12381"),
        Mistake(
            "a key of another proof system",
            "submit --queue http://{plain} --zkey {plonk-zkey} --witness {wtns}", 2,
            "{plonk-zkey}: section 1",
            "plonk"),
        Mistake(
            "a deadline that has passed",
            "submit --queue http://{plain} --zkey {zkey} --witness {wtns} --deadline 2020-01-01T00:00:00Z", 2,
            "--deadline", "has passed"),
    ]

    @Test func filesAreConfused() throws {
        let files = try MistakenFiles()
        try Mistake.check(Self.files, files)
        // What cannot be proved leaves nothing.
        #expect(!FileManager.default.fileExists(atPath: files.folder.path("p.json")))
        #expect(!FileManager.default.fileExists(atPath: files.folder.path("new.zkey")))
    }

    @Test func foldersOfOutputsAreMissing() throws {
        let files = try MistakenFiles()
        try Mistake.check(Self.missingFolders, files)
        #expect(!FileManager.default.fileExists(atPath: files.folder.path("none")))
    }

    @Test func queuesAreMistaken() throws { try Mistake.check(Self.queues, MistakenFiles()) }

    @Test func servicesDoNotStart() throws { try Mistake.check(Self.services, MistakenFiles()) }

    @Test func coordinatorsAreMistaken() throws {
        let files = try MistakenFiles()
        let plain = try Listener(files, "plain", [])
        let tls = try Listener(
            files, "tls",
            ["--tls-cert", files.names["server.pem"] ?? "", "--tls-key", files.names["server.key"] ?? ""])
        try FileManager.default.createDirectory(
            atPath: files.folder.path("taken"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: files.names["zkey"] ?? "", toPath: files.folder.path("taken/proof.json"))
        try Mistake.check(
            Self.answers, files,
            [
                "plain": plain.address, "tls": tls.address, "taken": (files.names["dir"] ?? "") + "/taken",
            ])
        // None of the mistakes has become a job.
        let jobs = try MartletCommand.run(["jobs", "--queue", "http://\(plain.address)"])
        #expect(jobs.status == 0 && jobs.output.isEmpty, "\(jobs.output) \(jobs.errors)")
        // A coordinator is not harmed by those who mistake it.
        let right = try MartletCommand.run([
            "jobs", "--queue", "https://\(tls.address)", "--ca-file", files.names["server.pem"] ?? "",
        ])
        #expect(right.status == 0, "\(right.errors)")
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs to mount a file system"))
    func theDiskIsFull() throws {
        let disk = try SmallDisk(kibibytes: 64)
        try disk.fill()
        let full = Mistake(
            "the disk is full",
            "prove --zkey {zkey} --witness {wtns} --backend cpu --proof {disk}/p.json --public {disk}/q.json",
            3,
            "{disk}", "No space left")
        try Mistake.check([full], MistakenFiles(), ["disk": disk.path])
    }

    /// The table has the thirty that were asked for, and more.
    @Test func theTableIsLong() {
        #expect(Self.files.count + Self.queues.count + Self.services.count + Self.answers.count >= 60)
    }
}

/// A coordinator that runs for a test.
private final class Listener {
    private let process = Process()
    let address: String

    init(_ files: MistakenFiles, _ name: String, _ options: [String]) throws {
        let folder = files.folder
        process.executableURL = try BuiltProgram.url("martlet")
        process.arguments =
            [
                "serve", "--listen", "127.0.0.1:0", "--store", "sqlite:" + folder.path("\(name).sqlite"),
                "--data", folder.path(name), "--min-free-space", "0",
            ] + options
        let log = folder.path("\(name).log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        var found: Substring?
        let end = Date(timeIntervalSinceNow: 30)
        while found == nil, Date() < end {
            usleep(10_000)
            found = try String(contentsOfFile: log, encoding: .utf8).split(whereSeparator: \.isWhitespace)
                .first { $0.hasPrefix("address=") }
        }
        address = String(try #require(found, "no coordinator").dropFirst("address=".count))
    }

    deinit { kill(process.processIdentifier, SIGKILL) }
}
