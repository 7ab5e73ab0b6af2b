// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Options that would be ignored are refused, by their names; and what else the arguments alone decide.
@Suite struct OptionTests {
    private static let prove = "prove --zkey {zkey} --witness {wtns}"
    private static let coordinator = "http://127.0.0.1:1"

    private static func refused(_ command: String, _ option: String, _ words: String...) -> Mistake {
        Mistake(
            command + " " + option, command + " " + option, 2,
            words: [option.split(separator: " ")[0].description] + words)
    }

    static let ofDevices: [Mistake] = [
        "--device 0", "--device-memory 1G", "--device-multiples", "--device-parts 1", "--split",
    ].flatMap { option in
        ["cpu", "cpu-portable"].map { refused("\(prove) --backend \($0)", option, "--backend opencl") }
            + [refused("worker --queue spool:{dir}/s --backend cpu", option, "--backend opencl")]
    }

    static let ofQueues: [Mistake] =
        [
            "--data x", "--key-disk 1G", "--memory 1G", "--prefetch 0", "--proof-timeout 5", "--name a",
            "--health 127.0.0.1:0",
        ].map { refused("worker --queue spool:{dir}/s", $0, "spool:{dir}/s") }
        + ["--keys {dir}", "--max-attempts 3"].map { refused("worker --queue \(coordinator)", $0, "spool") }
        + [
            "jobs --queue spool:{dir}/s", "job a --queue spool:{dir}/s", "wait a --queue spool:{dir}/s",
            "worker --queue spool:{dir}/s", "submit --queue spool:{dir}/s --zkey {zkey} --witness {wtns}",
            "fl train {dir} --federation {dir} --output {dir}/u --queue spool:{dir}/s",
        ].flatMap { command in
            ["--token-file {token}", "--ca-file {server.pem}"].map { refused(command, $0, "coordinator") }
        }
        + ["jobs", "workers", "circuit list", "job a"].map {
            refused("\($0) --queue \(coordinator)", "--ca-file {server.pem}", "https://")
        }
        + [
            refused(
                "jobs --queue unix:{dir}/s --client-key {server.key}", "--client-cert {server.pem}",
                "https://"),
            refused("fl train {dir} --federation {dir} --output {dir}/u", "--token-file {token}", "--queue"),
            refused("fl round {dir} {dir}/u", "--ca-file {server.pem}", "--queue"),
        ]
        + ["--backend cpu", "--threads 1", "--device 0"].map {
            refused("fl round {dir} {dir}/u --queue spool:{dir}/s", $0, "--queue")
        }

    static let ofOthers: [Mistake] =
        [
            refused("serve", "--currency EUR", "--cost-per-hour"),
            refused("serve", "--callback-allow public", "--callback-secret-file"),
            refused("token create --role worker", "--max-open-jobs 1"),
            refused("token create --role worker", "--expires 0", "positive"),
            refused("serve", "--keep 0s", "positive"),
            refused("spool requeue {dir} a", "--all", "not both"),
            refused("spool requeue {dir} --all", "--code nonsense", "worker-lost"),
            refused("spool status {dir} --counts", "--all", "--counts"),
            refused("zkey verify --r1cs {r1cs} --zkey {zkey}", "--beacon-limit 12", "--ptau"),
            refused("bench --suite field", "--circuit x", "--zkey"),
            refused("bench --suite field", "--key-multiples 1G", "--zkey"),
            refused("bench --suite field", "--group g1", "msm"),
            refused("bench --suite field,pairing", "--size 10", "msm, ntt, groth16"),
            refused("bench --suite ntt", "--scalars witness", "msm, groth16"),
            refused("bench --suite field --witness {wtns}", "--zkey {zkey}", "prove"),
            refused("bench --suite prove --zkey {zkey} --witness {wtns}", "--curve bn254", "groth16"),
        ]
        + ["--members 2", "--member 0", "--topic a", "--message b", "--seed 2"].map {
            refused("example membership --r1cs {dir}/c.r1cs", $0, "--witness")
        }

    /// What the parser would call a missing value.
    static let negative: [Mistake] = [
        refused("setup powersoftau --insecure-dev --ptau {dir}/p", "--power -3", "from 1 to 22"),
        refused(prove, "--threads -1", "from 0 to 4096"),
        refused("bench --suite field", "--runs -1", "from 1 to 10000"),
        refused("serve", "--min-free-space -1", "'-1'"),
        refused("spool purge {dir} --done", "--older-than -5", "'-5'"),
        refused("example membership --witness {dir}/w", "--seed -1", "'-1'"),
        refused("example membership --witness {dir}/w", "--member -.5", "'-.5'"),
        refused("zkey verify --r1cs {r1cs} --zkey {zkey} --ptau {zkey}", "--beacon-limit -1", "from 0 to 63"),
    ]

    /// The parser takes the last one.
    static let twice: [Mistake] = [
        refused("verify --vkey {folder} --public {public} --proof {proof}", "--vkey {vkey}", "given twice"),
        refused("\(prove) --threads=1", "--threads 1", "given twice"),
        refused(
            "zkey contribute --zkey {zkey} --output {dir}/k --name a", "--name b", "given twice",
            "zkey contribute"),
        refused("worker --queue spool:{dir}/s", "--queue spool:{dir}/t", "given twice"),
    ]

    /// The option is named as it is typed.
    static let values: [Mistake] = [
        refused("bench", "--runs 0", "from 1 to 10000"), refused("bench", "--size 40", "2^40"),
        refused("bench", "--size ten", "'ten'"),
        refused("bench", "--backend abacus", "'abacus'", "cpu-portable"),
        refused("bench", "--suite prove", "--zkey", "--witness"),
        refused("bench", "--zkey {zkey}", "--witness"),
        refused("jobs --queue spool:{folder}", "--state running", "leased", "martlet jobs --queue"),
        refused(
            "aggregate verify --vkey {vkey} --key {vkey} --aggregate {vkey}", "--threads 1",
            "One of --public and --list"),
    ]

    /// A variable of a script that has no value.
    @Test(arguments: [
        ["prove", "--zkey", "", "--witness", "w"], ["prove", "--witness", "w", "--zkey", ""],
        ["prove", "--zkey", "k", "--witness", "w", "--proof", ""],
        ["info", ""], ["fl", "log", ""], ["fl", "round", "d", "u", ""], ["spool", "status", ""],
        ["serve", "--store-file", ""], ["aggregate", "key", "--ptau", "a", "--ptau", "", "--output", "o"],
    ])
    func noPathIsEmpty(arguments: [String]) throws {
        let outcome = try MartletCommand.run(arguments + ["--json"].filter { _ in arguments[0] == "info" })
        #expect(outcome.status == 2 && outcome.errors.contains("is empty"), "\(outcome.errors)")
        #expect(outcome.errors.lowercased().contains("usage: martlet \(arguments[0])"), "\(outcome.errors)")
        #expect(outcome.output.contains("\"usage\"") == (arguments[0] == "info"), "\(outcome.output)")
    }

    /// What `prove` calls the CPU is one of the paths of `bench`.
    @Test func theCPUHasOneName() throws {
        func backends(_ name: String) throws -> [String] {
            let outcome = try MartletCommand.run(
                [
                    "bench", "--suite", "field", "--curve", "bn254", "--runs", "1", "--backend", name,
                    "--json",
                ], environment: ["MARTLET_CPU": "portable"])
            let report = try #require(
                JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any],
                "\(outcome.errors)")
            let results = try #require(report["results"] as? [[String: Any]])
            return Set(results.compactMap { $0["backend"] as? String }).sorted()
        }
        #expect(try backends("cpu") == ["cpu-portable"])
        #expect(try backends("cpu,cpu-portable") == ["cpu-portable"])
    }

    /// All defaults stand in brackets, as the parser writes them.
    @Test func defaultsAreSaidInOneWay() throws {
        let dump = try MartletCommand.run(["--experimental-dump-help"]).output
        let root = try #require(JSONSerialization.jsonObject(with: Data(dump.utf8)) as? [String: Any])
        var texts: [String] = []
        func collect(_ value: Any) {
            if let list = value as? [Any] { list.forEach(collect) }
            guard let object = value as? [String: Any] else { return }
            if object["kind"] as? String == "option", let text = object["abstract"] as? String {
                texts.append(text)
            }
            object.values.forEach(collect)
        }
        collect(root)
        #expect(texts.count > 100)
        for text in texts {
            #expect(!text.contains("Default"), "\(text)")
            // A default without the word.
            let bare = #"\((all|none|both|standard output|\d+|the .*)\)\.$"#
            #expect(text.range(of: bare, options: .regularExpression) == nil, "\(text)")
        }
    }

    /// Other texts may be.
    @Test func namesMayBeEmpty() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit_final.zkey").path
        let folder = try TemporaryFolder()
        let outcome = try MartletCommand.run([
            "zkey", "contribute", "--zkey", circuit, "--output", folder.path("k.zkey"), "--name", "",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// What is wrong with a value is said in one way, whoever finds it out.
    @Test(arguments: [
        "bench --size ten", "bench --backend abacus", "bench --suite kites", "bench --suite prove",
        "bench --suite field --group g1", "cancel --queue spool:s j", "workers --queue spool:s",
        "circuit list --queue spool:s", "export verifier --lang vyper --vkey v --kind batch --maximum 0",
        "prove --zkey k --witness w --backend abacus", "jobs --queue spool:s --state gone",
    ])
    func wrongValuesAreWrongUsage(arguments: String) throws {
        let words = arguments.split(separator: " ").map(String.init)
        let plain = try MartletCommand.run(words)
        #expect(plain.status == 2 && plain.errors.hasPrefix("Error: "), "\(plain.errors)")
        #expect(plain.errors.lowercased().contains("usage: martlet \(words[0])"), "\(plain.errors)")
    }

    @Test func optionsOfDevicesNeedDevices() throws { try Mistake.check(Self.ofDevices, MistakenFiles()) }

    @Test func optionsOfQueuesNeedTheirQueue() throws {
        let files = try MistakenFiles()
        try Mistake.check(Self.ofQueues, files)
        #expect(!FileManager.default.fileExists(atPath: files.folder.path("s")))
    }

    @Test func optionsThatNothingLooksAt() throws { try Mistake.check(Self.ofOthers, MistakenFiles()) }

    @Test func noOptionIsDroppedForItsSecond() throws {
        let files = try MistakenFiles()
        try Mistake.check(Self.twice, files)
        #expect(!FileManager.default.fileExists(atPath: files.folder.path("k")))
        // Lists take several.
        for arguments in [["jobs", "--state", "queued", "--state", "dead", "--queue", "spool:/nonexistent"]] {
            let outcome = try MartletCommand.run(arguments)
            #expect(!outcome.errors.contains("given twice"), "\(outcome.errors)")
        }
    }

    /// Help is that of a command that there is.
    @Test(arguments: ["help nope", "nope --help", "help prove nope", "zkey nope --help", "help zkey nope"])
    func thereIsNoHelpForNothing(arguments: String) throws {
        let outcome = try MartletCommand.run(arguments.split(separator: " ").map(String.init))
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.output)")
        #expect(outcome.errors.contains("'nope'"), "\(outcome.errors)")
    }

    @Test(arguments: [
        "help zkey verify", "zkey --help", "worker --help", "worker run --help", "info x --help",
    ])
    func thereIsHelpForCommands(arguments: String) throws {
        let outcome = try MartletCommand.run(arguments.split(separator: " ").map(String.init))
        #expect(outcome.status == 0 && outcome.output.contains("USAGE: martlet "), "\(outcome.errors)")
    }

    @Test func negativeNumbersAreValues() throws { try Mistake.check(Self.negative, MistakenFiles()) }

    @Test func valuesAreNamedWithTheirOptions() throws { try Mistake.check(Self.values, MistakenFiles()) }

    /// What is behind two dashes is nobody's value.
    @Test func argumentsBehindTwoDashesStay() throws {
        let outcome = try MartletCommand.run(["info", "--", "-5"])
        #expect(outcome.status == 2 && outcome.errors.hasPrefix("martlet: -5: "), "\(outcome.errors)")
    }

    /// Help does not compute.
    @Test(arguments: [
        "--help", "prove --help", "help prove", "zkey", "--version", "--experimental-dump-help",
    ])
    func helpComesWhateverKernelsAreAskedFor(arguments: String) throws {
        let outcome = try MartletCommand.run(
            arguments.split(separator: " ").map(String.init), environment: ["MARTLET_CPU": "abacus"])
        #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(outcome.errors)")
    }

    /// No usage line shows as free what is demanded.
    @Test func usageLinesAreRight() throws {
        for (command, words) in [
            ("bench", "martlet bench [<options>]"), ("serve", "martlet serve [<options>]"),
            ("aggregate key", "--ptau <file> --ptau <file>"),
            ("setup powersoftau", "martlet setup powersoftau --insecure-dev --power"),
            ("setup groth16", "(--ptau <file> | --insecure-dev)"),
            ("verify", "--list <file>)"), ("export verifier", "(--zkey <file> | --vkey <file>)"),
            ("export vkey", "(--zkey <file> | --gnark <file>"),
            ("spool purge", "(--done | --dead"), ("spool requeue", "| --all"),
        ] {
            let help = try MartletCommand.run(command.split(separator: " ").map(String.init) + ["--help"])
            let flat = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(flat.contains(words), "\(command): \(flat.prefix(600))")
        }
    }

    /// A name for each thing: a result that is not called by its kind is the output.
    @Test func resultsAreCalledOutput() throws {
        let dump = try MartletCommand.run(["--experimental-dump-help"]).output
        #expect(dump.contains("\"output\"") && !dump.contains("\"out\""))
    }
}
