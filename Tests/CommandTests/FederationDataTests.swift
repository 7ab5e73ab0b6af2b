// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// What a data scientist does with `fl` before and after a federation's rounds, through the program itself.
@Suite struct FederationDataTests {
    private static let root = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()

    private static func document(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
    }

    /// The first block of a kind in docs/task.md.
    private static func sample(_ kind: String) throws -> String {
        let text = try document("task.md")
        let begin = try #require(text.firstRange(of: "\n```\(kind)\n"))
        let end = try #require(text[begin.upperBound...].firstRange(of: "\n```\n"))
        return String(text[begin.upperBound..<end.lowerBound]) + "\n"
    }

    /// A folder with the document's task and table.
    private struct Place {
        let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            try write(try FederationDataTests.sample("json"), "task.json")
            try write(try FederationDataTests.sample("csv"), "table.csv")
        }

        func write(_ text: String, _ name: String) throws {
            try text.write(toFile: folder.path(name), atomically: true, encoding: .utf8)
        }

        func read(_ name: String) throws -> String {
            try String(contentsOfFile: folder.path(name), encoding: .utf8)
        }

        func run(
            _ arguments: String..., expecting status: Int32 = 0,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws -> MartletCommand.Outcome {
            let outcome = try MartletCommand.run(
                ["fl"] + arguments.map { $0.replacing("@", with: folder.url.path + "/") })
            #expect(
                outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)",
                sourceLocation: sourceLocation)
            return outcome
        }
    }

    /// The table of docs/task.md names all members that its task has, and no others.
    @Test func everyMemberIsDocumented() throws {
        func names(_ value: Any, _ prefix: String) -> Set<String> {
            if let object = value as? [String: Any] {
                let own: Set<String> = prefix == "data" ? ["data"] : []
                return object.reduce(into: own) {
                    $0.formUnion(names($1.value, prefix.isEmpty ? $1.key : "\(prefix).\($1.key)"))
                }
            }
            if let list = value as? [Any], let first = list.first as? [String: Any] {
                return names(first, prefix).union([prefix])
            }
            return [prefix]
        }
        let object = try JSONSerialization.jsonObject(with: Data(try Self.sample("json").utf8))
        let text = try Self.document("task.md")
        let begin = try #require(text.firstRange(of: "| member | type |"))
        let rows = text[begin.lowerBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { $0.hasPrefix("|") }.dropFirst(2)
        let documented = rows.flatMap { row in
            row.split(separator: "|")[0].split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }
                .map { String($0.element) }
        }
        #expect(Set(documented) == names(object, ""))
    }

    @Test func theDocumentsTableIsPrepared() throws {
        let place = try Place()
        let prepared = try place.run(
            "prepare", "@table.csv", "--task", "@task.json", "--output", "@samples.csv", "--seed", "7")
        let console = try Self.sample("console").split(separator: "\n").dropFirst()
        #expect(
            prepared.output.replacing(place.folder.url.path + "/", with: "") == console.joined(
                separator: "\n")
                + "\n")
        let lines = try place.read("samples.csv").split(separator: "\n")
        #expect(lines[1] == "# shuffled with seed 7")
        #expect(lines.count == 12)
        // 4.7 of 4 to 8, 3.2 of 2 to 5, 1.3 of 0 to 7 and 0.2 of 0 to 3, in steps of 1/128 up to 127.
        #expect(lines.contains("-0.6484375,-0.1953125,-0.625,-0.859375,0"), "\(lines)")
        // The same seed, the same order; another one, another order.
        for (seed, same) in [("7", true), ("8", false)] {
            _ = try place.run(
                "prepare", "@table.csv", "--task", "@task.json", "--output", "@again.csv", "--seed", seed)
            #expect(try (place.read("again.csv") == place.read("samples.csv")) == same)
        }
        // Fewer rows than a client has; all of them for a test, with what is beyond in a file of its own.
        let short = try Self.sample("csv").split(separator: "\n").dropLast(2).joined(separator: "\n")
        try place.write(short, "short.csv")
        let few = try place.run(
            "prepare", "@short.csv", "--task", "@task.json", "--output", "@x.csv", expecting: 2)
        #expect(
            few.errors.contains("6 rows that can be used of 7, but the task needs 8: 2 batches of 4"),
            "\(few.errors)")
        let all = try place.run(
            "prepare", "@short.csv", "--task", "@task.json", "--output", "@x.csv", "--all", "--json")
        #expect(all.output.contains("\"used\" : 6"))
        try place.write(
            try Self.sample("csv").replacing(";NA", with: ";3.1") + "10;setosa;1.6;0.2;5;3\r\n", "more.csv")
        let more = try place.run(
            "prepare", "@more.csv", "--task", "@task.json", "--output", "@x.csv", "--rest", "@rest.csv")
        #expect(more.output.contains("left out: 2 rows, since the task takes 8 rows of each client"))
        #expect(try place.read("rest.csv").split(separator: "\n").count == 6)
    }

    /// What is in a table and cannot be meant, or cannot be used.
    @Test func whatIsRefused() throws {
        let place = try Place()
        let table = try Self.sample("csv")
        func expect(
            _ text: String, _ options: String..., reason: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            try place.write(text, "bad.csv")
            let outcome = try MartletCommand.run(
                [
                    "fl", "prepare", place.folder.path("bad.csv"), "--task", place.folder.path("task.json"),
                    "--output", place.folder.path("x.csv"),
                ] + options)
            #expect(
                outcome.status == 2 && outcome.errors.contains(reason), "\(outcome.output)\(outcome.errors)",
                sourceLocation: sourceLocation)
            #expect(
                !FileManager.default.fileExists(atPath: place.folder.path("x.csv")),
                sourceLocation: sourceLocation)
        }
        try expect(
            table.replacing("5.1;3.5", with: "5.1;9"),
            reason: "line 2, column 6 (\"sepal width\"): 9 is not in the task's range, from 2 to 5")
        try expect(
            table.replacing("5.1;3.5", with: "5.1;3,5"),
            reason: "line 2, column 6 (\"sepal width\"): \"3,5\" is no number: write a point for the comma")
        try expect(
            table.replacing("5.1;3.5", with: "5.1;1e999"),
            reason: "line 2, column 6 (\"sepal width\"): \"1e999\" is no number")
        try expect(
            table.replacing("7;versicolor", with: "7;virginica"),
            reason:
                "line 8, column 2 (\"species\"): the label \"virginica\" is none of the task's: \"setosa\", \"versicolor\""
        )
        try expect(
            table.replacing("petal width", with: "width"), reason: "there is no column \"petal width\"")
        try expect(
            table.replacing("versicolor", with: "setosa"),
            reason: "all rows are of one class, \"setosa\" (--yes goes on all the same)")
        try expect(
            table.replacing("NA", with: "3"), "--keep-order",
            reason: "the rows are sorted by label: 1 of 2 batches have rows of one class only")
        try expect(table, "--label", "plant", reason: "line 2, column 1 (\"plant\"): the label \"1\" is none")
        try expect(table, "--label", "petal width", reason: "is a feature of the task")
        try expect(
            table.replacing("\"", with: ""), "--separator", "comma",
            reason: "there is no column \"sepal length\"")
        try expect(
            try place.read("task.json"), reason: "holds the task of a federation, where a table of samples")
        let constant = table.split(separator: "\n").map { line in
            line.hasPrefix("plant")
                ? String(line) : line.split(separator: ";").dropLast().joined(separator: ";") + ";3"
        }
        try expect(
            constant.joined(separator: "\n"),
            reason: "the feature \"sepal width\" has one value in all rows")
        // Clipped, where that is asked for.
        try place.write(table.replacing("5.1;3.5", with: "5.1;9"), "far.csv")
        let clipped = try place.run(
            "prepare", "@far.csv", "--task", "@task.json", "--output", "@x.csv", "--clip")
        #expect(clipped.output.contains("sepal width: 1 value beyond the range and clipped"))
        // A task that does not fit itself, and one without tables.
        let task = try Self.sample("json")
        for (text, by, reason) in [
            ("\"max\": 8", "\"max\": 4", "data.features[0].max: 4.0 is not above min, 4.0"),
            ("[\"setosa\", ", "[", "data.labels (their number): 1 is not 2"),
            ("\"leave-out\"", "\"zero\"", "data.missing: 0 is not in the range of \"sepal length\""),
            ("\"leave-out\"", "\"skip\"", "\"skip\" is not \"refuse\""),
            ("\"sepal width\"", "\"species\"", "\"species\" is there already"),
            ("\"setosa\"", "\"NA\"", "stands for a value that is missing"),
            ("\"label\"", "\"lable\"", "lable"),
        ] {
            try place.write(task.replacing(text, with: by), "other.json")
            let outcome = try place.run(
                "prepare", "@table.csv", "--task", "@other.json", "--output", "@x.csv", expecting: 2)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        }
        let end = try #require(task.firstRange(of: ",\n  \"data\""))
        try place.write(task[..<end.lowerBound] + "\n}\n", "other.json")
        let without = try place.run(
            "prepare", "@table.csv", "--task", "@other.json", "--output", "@x.csv", expecting: 2)
        #expect(without.errors.contains("the task has no \"data\""), "\(without.errors)")
    }

    /// What becomes of missing values, by the task's rule.
    @Test func missingValues() throws {
        let place = try Place()
        let task = try Self.sample("json").replacing("\"min\": 4", with: "\"min\": -4").replacing(
            "\"min\": 2", with: "\"min\": -5")
        let table = try Self.sample("csv").replacing("8;versicolor", with: "8;")
        // Of 3.1: the mean of the widths that are there is 25.1 / 8 = 3.1375, of −5 to 5.
        for (rule, words, cell) in [
            ("zero", "sepal width: 1 value missing and filled", ",0,"),
            ("mean", "sepal width: 1 value missing and filled", ",0.625,"),
            ("leave-out", "left out: 1 row, since a value is missing", nil),
        ] as [(String, String, String?)] {
            try place.write(task.replacing("leave-out", with: rule), "task.json")
            try place.write(table, "table.csv")
            let outcome = try place.run(
                "prepare", "@table.csv", "--task", "@task.json", "--output", "@x.csv", "--all")
            #expect(
                outcome.output.contains(words)
                    && outcome.output.contains("left out: 1 row, since the label is missing"),
                "\(outcome.output)")
            if let cell {
                let samples = try place.read("x.csv")
                #expect(samples.contains(cell), "\(samples)")
            }
        }
        try place.write(task.replacing("leave-out", with: "refuse"), "task.json")
        let refused = try place.run(
            "prepare", "@table.csv", "--task", "@task.json", "--output", "@x.csv", expecting: 2)
        #expect(
            refused.errors.contains("line 5, column 6 (\"sepal width\"): the value is missing"),
            "\(refused.errors)")
    }

    /// A task that is made from a table takes this table.
    @Test func aTaskForATable() throws {
        let place = try Place()
        var table = try Self.sample("csv").replacing(";NA", with: ";3.1")
        let made = try place.run(
            "task", "new", "--from", "@table.csv", "--label", "species", "--output", "@mine.json",
            "--hidden", "8,4", "--batch", "4", "--clients", "3", "--without", "plant", "--missing", "mean")
        #expect(made.output.contains("mine, 81 weights") && made.output.contains("datasetDepth: 1"))
        #expect(made.errors.contains("everybody sees them"))
        let task = try place.read("mine.json")
        #expect(task.contains("\"min\" : 4.5") || task.contains("\"min\" : 4.6"), "\(task)")
        table += "10;setosa;1.6;0.2;5;3\n"
        try place.write(table, "table.csv")
        _ = try place.run(
            "prepare", "@table.csv", "--task", "@mine.json", "--output", "@samples.csv", "--seed", "1")
        // It can be proved.
        let circuits = try place.run("circuits", "--task", "@mine.json", "--json")
        #expect(circuits.output.contains("\"sigmoid\""))
        let json = try place.run(
            "task", "new", "--from", "@table.csv", "--label", "species", "--output", "@mine.json", "--batch",
            "4", "--without", "plant", "--json")
        #expect(json.output.contains("\"choices\"") && json.output.contains("\"setosa\""))
        for (options, reason) in [
            (["--hidden", "8,"], "--hidden: '' is no number of units"),
            (["--hidden", "1,1,1,1,1,1,1,1"], "7 hidden layers at most"),
            (["--batch", "5000"], "a batch has 1 to 4096 samples"),
            (["--missing", "guess"], "guess"),
        ] {
            let outcome = try MartletCommand.run(
                [
                    "fl", "task", "new", "--from", place.folder.path("table.csv"), "--label", "species",
                    "--output", place.folder.path("x.json"),
                ] + options)
            #expect(outcome.status == 2 && outcome.errors.contains(reason), "\(outcome.errors)")
        }
    }

    private static let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    private struct Measures: Decodable, Equatable {
        var loss: Double
        var accuracy: Double
        var precision: Double?
        var recall: Double?
        var auc: Double?
    }

    private struct Predictions: Decodable {
        struct Answer: Decodable {
            var line: Int
            var `class`: String?
            var outputs: [Double]?
        }
        var answers: [Answer]
        var state: String
        var metrics: Measures?
    }

    private static func decode<T: Decodable>(_: T.Type, _ text: String) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(text.utf8))
    }

    /// A model with a hidden layer, after one round: its answers, measures and drawing, what is exported, and
    /// a federation that begins with it.
    @Test func afterARound() throws {
        let place = try Place()
        let task = try Self.sample("json").replacing("[4, 1]", with: "[4, 5, 1]").replacing(
            "\"plain\"", with: "\"attested\""
        ).replacing("\"minimumClients\": 2", with: "\"minimumClients\": 1")
        try place.write(task, "task.json")
        _ = try place.run("init", "@fed", "--task", "@task.json", "--insecure-dev")
        _ = try place.run(
            "prepare", "@table.csv", "--task", "@task.json", "--output", "@samples.csv", "--keep-order",
            "--yes")
        // A row more than a client has is left out, and that is said.
        try place.write(try place.read("samples.csv") + "0,0,0,0,1\n", "longer.csv")
        let enrolled = try place.run("identity", "@ann", "--federation", "@fed", "--data", "@longer.csv")
        #expect(enrolled.errors.contains("the last 1 sample left out, since a client of the task has 2 · 4"))
        _ = try place.run("register", "@fed", "@ann/registration.json")
        _ = try place.run("start", "@fed")
        _ = try place.run("train", "@ann", "--federation", "@fed", "--output", "@u.json")
        _ = try place.run("round", "@fed", "@u.json")
        let raw = try Self.decode(
            Predictions.self, try place.run("predict", "@fed", "@table.csv", "--json").output)
        let prepared = try Self.decode(
            Predictions.self, try place.run("predict", "@fed", "@samples.csv", "--json").output)
        // The same rows but for the one that the task leaves out.
        #expect(raw.answers.map(\.line) == Array(2...10) && raw.answers[3].class == nil)
        #expect(raw.answers.compactMap(\.outputs) == prepared.answers.compactMap(\.outputs))
        let classes = prepared.answers.map { ($0.outputs ?? [])[0] >= 0.5 ? "versicolor" : "setosa" }
        #expect(prepared.answers.map(\.class) == classes)
        let truth = ["setosa", "versicolor"].flatMap { [$0, $0, $0, $0] }
        let metrics = try #require(raw.metrics)
        #expect(metrics == prepared.metrics)
        #expect(metrics.accuracy == Double(zip(classes, truth).count { $0 == $1 }) / 8)
        // A table without labels gets the same answers, as a table.
        let unlabelled = try Self.sample("csv").replacing(";species", with: ";kind")
        try place.write(unlabelled, "unlabelled.csv")
        _ = try place.run("predict", "@fed", "@unlabelled.csv", "--output", "@answers.csv")
        let lines = try place.read("answers.csv").split(separator: "\n")
        #expect(lines[0] == "line,class,score" && lines[4] == "5,," && lines.count == 10)
        #expect(lines[1].hasPrefix("2,\(classes[0]),0."))
        try place.write(
            try place.read("samples.csv").split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                $0.split(separator: ",").dropLast().joined(separator: ",")
            }.joined(separator: "\n"), "bare.csv")
        let bare = try Self.decode(
            Predictions.self, try place.run("predict", "@fed", "@bare.csv", "--json").output)
        #expect(bare.answers.map(\.outputs) == prepared.answers.map(\.outputs) && bare.metrics == nil)
        // The state's file with the task, and the state by its hash, are the same model.
        let state = try place.run(
            "predict", "@fed/rounds/1/state.json", "@table.csv", "--task", "@task.json", "--json")
        #expect(try Self.decode(Predictions.self, state.output).metrics == metrics)
        let first = try place.run("log", "@fed", "--data", "@table.csv", "--json", "--plot", "@log.svg")
        let entries = try Self.decode([Measures].self, first.output)
        #expect(entries.count == 2 && entries[1] == metrics && entries[0] != metrics)
        let drawing = try place.read("log.svg")
        #expect(drawing.contains(">AUC</text>") && drawing.contains(">cross entropy</text>"))
        let hash = try #require(
            (try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [[String: Any]])?[0]["state"]
                as? String)
        let old = try place.run("predict", "@fed", "@table.csv", "--state", hash, "--json")
        #expect(try Self.decode(Predictions.self, old.output).metrics == entries[0])
        let table = try place.run("log", "@fed", "--data", "@samples.csv").output
        #expect(table.contains("LOSS") && table.contains("AUC"))
        // Exported and brought back.
        let export = try place.run(
            "export", "@fed", "--onnx", "@model.onnx", "--npz", "@model.npz", "--json-model", "@model.json",
            "--json")
        try place.write(export.output, "export.json")
        #expect(try place.read("model.json").contains("\"activation\":\"relu\""))
        func weights(_ path: String) throws -> [Int] {
            let object =
                try JSONSerialization.jsonObject(with: Data(try place.read(path).utf8)) as? [String: Any]
            return try #require(object?["weights"] as? [Int])
        }
        for (file, folder) in [("@model.npz", "fed2"), ("@model.onnx", "fed3")] {
            let begun = try place.run(
                "init", "@\(folder)", "--task", "@task.json", "--insecure-dev", "--weights", file)
            #expect(begun.output.contains("no weight is rounded"), "\(begun.output)")
            #expect(try weights("\(folder)/states/0.json") == weights("fed/rounds/1/state.json"))
        }
        for (arguments, reason) in [
            (["predict", "@fed", "@table.csv", "--state", "7"], "no round led to the state 7"),
            (["predict", "@fed", "@table.csv", "--state", "x"], "is no state"),
            (["predict", "@fed/states/0.json", "@table.csv"], "it is no directory"),
            (["predict", "@fed", "@table.csv", "--state", "7", "--task", "@task.json"], "--state is for"),
            (["predict", "@fed", "@fed/task.json"], "holds the task of a federation"),
            (["log", "@fed", "--plot", "@x.svg"], "give that, too"),
            (["log", "@fed", "--data", "@unlabelled.csv"], "there is no column \"species\""),
            (["export", "@fed"], "Give --onnx, --npz or --json-model"),
            (
                ["init", "@x", "--task", "@task.json", "--insecure-dev", "--weights", "@table.csv"],
                "no model of ONNX"
            ),
            (
                ["init", "@x", "--task", "@task.json", "--insecure-dev", "--weights", "@task.json"],
                "holds the task of a federation, where a network as npz or ONNX is wanted"
            ),
        ] {
            let outcome = try MartletCommand.run(
                ["fl"] + arguments.map { $0.replacing("@", with: place.folder.url.path + "/") })
            #expect(
                outcome.status == 2 && outcome.errors.contains(reason), "\(arguments): \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: place.folder.path("x")))
        }
        try place.write(task.replacing("[4, 5, 1]", with: "[4, 6, 1]"), "other.json")
        let layers = try place.run(
            "init", "@x", "--task", "@other.json", "--insecure-dev", "--weights", "@model.npz", expecting: 2)
        #expect(layers.errors.contains("its layers, 4, 5, 1, are not the task's, 4, 6, 1"))
        // In others' words, where there are others.
        guard let python = Self.python else { return }
        try place.write(
            try place.run("predict", "@fed", "@samples.csv", "--json").output, "predictions.json")
        let check = try MartletCommand.run(
            URL(filePath: "/usr/bin/env"),
            [
                python, Self.root.appending(path: "Tests/Scripts/check_model_files.py").path,
                place.folder.url.path,
            ])
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let changed = try place.run(
            "init", "@fed4", "--task", "@task.json", "--insecure-dev", "--weights", "@changed.npz")
        #expect(changed.output.contains("rounded by 0.000"), "\(changed.output)")
        let compressed = try place.run(
            "init", "@x", "--task", "@task.json", "--insecure-dev", "--weights", "@compressed.npz",
            expecting: 2)
        #expect(compressed.errors.contains("not savez_compressed"), "\(compressed.errors)")
    }
}
