// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `Tools/import-graph.py` finds what is planted, and nothing where nothing is.
@Suite struct ImportGraphTests {
    private static let root = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()

    private func run(_ package: TemporaryFolder, _ arguments: [String] = []) throws -> MartletCommand.Outcome
    {
        try withExtendedLifetime(package) {
            let script = Self.root.appending(path: "Tools/import-graph.py").path
            return try MartletCommand.run(
                URL(filePath: "/usr/bin/env"),
                ["python3", script, "--package", package.url.path] + arguments)
        }
    }

    /// A package of two targets that has no fault, with some texts replaced: (file, text, by what); text ""
    /// for a whole file.
    private func package(_ changes: [(file: String, text: String, by: String)] = []) throws -> TemporaryFolder
    {
        var files = [
            "Package.swift": """
            // swift-tools-version: 6.1
            import PackageDescription

            let package = Package(
                name: "house",
                targets: [
                    .target(name: "Cellar"),
                    .target(name: "Hall", dependencies: ["Cellar"]),
                ])
            """,
            "docs/architecture.md": """
            # The house

            | target | purpose | imports |
            |---|---|---|
            | `Cellar` | wine | – |
            | `Hall` | guests | Cellar |

            """,
            "Sources/Cellar/Bottle.swift": """
            import Foundation

            public struct Bottle {
                public let year: Int
                public init(year: Int) { self.year = year }
                public func pour() -> Int { year }
            }
            """,
            "Sources/Cellar/Rack.swift": """
            struct Rack {
                var bottles: [Bottle]
                var oldest: Int { bottles.map(\\.year).min() ?? 0 }
            }
            """,
            "Sources/Cellar/Rack+Order.swift": """
            extension Rack {
                func ordered() -> [Int] { [oldest] }
                func total() -> Int { ordered().count }
            }
            """,
            "Sources/Hall/Guest.swift": """
            import Cellar

            struct Guest {
                let glass: Bottle
            }
            """,
        ]
        for change in changes {
            files[change.file] =
                change.text.isEmpty
                ? change.by
                : try #require(files[change.file]).replacing(change.text, with: change.by)
        }
        let folder = try TemporaryFolder()
        for (name, text) in files {
            let file = folder.url.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }
        return folder
    }

    @Test func nothingIsFoundWhereNothingIs() throws {
        let outcome = try run(try package(), ["--files"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors == "")
        #expect(outcome.output.contains("Hall        1       0  Cellar"), "\(outcome.output)")
        #expect(
            outcome.output.contains("Sources/Cellar/Rack.swift -> Bottle.swift: Bottle"), "\(outcome.output)")
    }

    /// Each: where, what is there, what comes in its place, what is said.
    @Test(arguments: [
        (
            "Package.swift", "dependencies: [\"Cellar\"]", "dependencies: []",
            "Sources/Hall/Guest.swift:1: Hall imports Cellar, which it does not declare in Package.swift"
        ),
        (
            "Package.swift", ".target(name: \"Cellar\")",
            ".target(name: \"Attic\"), .target(name: \"Cellar\", dependencies: [\"Attic\"])",
            "Package.swift: Cellar declares Attic, which no file of Sources/Cellar imports"
        ),
        (
            "docs/architecture.md", "guests | Cellar", "guests | –",
            "Hall imports Cellar (Sources/Hall/Guest.swift:1), which the table does not have"
        ),
        (
            "docs/architecture.md", "wine | –", "wine | Hall",
            "docs/architecture.md:5: the table has Cellar import Hall, which no file of it does"
        ),
        (
            "docs/architecture.md", "| `Cellar` | wine | – |\n| `Hall` | guests | Cellar |",
            "| `Hall` | guests | Cellar |\n| `Cellar` | wine | – |",
            "docs/architecture.md:5: Hall imports Cellar, which stands no higher in the table"
        ),
        (
            "docs/architecture.md", "| `Hall` | guests | Cellar |\n", "",
            "docs/architecture.md: Hall has no row in the table of targets"
        ),
        (
            "docs/architecture.md", "guests | Cellar", "guests | Cellar; swift-log",
            "the table has Hall import of the package swift-log, which no file of it does"
        ),
        (
            "docs/architecture.md", "# The house", "Circles between files are left in `Hall`.",
            "docs/architecture.md:1: Hall has no circle any more: take it out of the sentence"
        ),
        // A type and its member; a function at the top of a file; a member of an extension; a nested type.
        (
            "Sources/Cellar/Bottle.swift", "{ year }", "{ Rack(bottles: []).oldest }",
            "Bottle.swift -> Rack.swift: Rack (6), Rack.oldest (6)"
        ),
        (
            "Sources/Cellar/Bottle.swift", "func pour() -> Int { year }",
            "func pour() -> Int { price(of: self) }",
            "Bottle.swift -> Price.swift: price (6)"
        ),
        (
            "Sources/Cellar/Bottle.swift", "{ year }", "{ worth }",
            "Bottle.swift -> Price.swift: Bottle.worth (6)"
        ),
        (
            "Sources/Cellar/Bottle.swift", "{ year }", "{ Price.Kind.low.rawValue }",
            "Price.swift: Price (6), Price.Kind (6), Kind.low (6)"
        ),
    ])
    func aMistakeIsFound(file: String, text: String, by: String, words: String) throws {
        var changes = [(file: file, text: text, by: by)]
        if by.contains("Attic") { changes.append(("Sources/Attic/Attic.swift", "", "struct Attic {}")) }
        if words.contains("Price.swift") {
            changes.append(
                (
                    "Sources/Cellar/Price.swift", "",
                    """
                    struct Price {
                        let bottle: Bottle
                        enum Kind: Int { case low, high }
                    }

                    extension Bottle {
                        var worth: Int { 3 }
                    }

                    func price(of bottle: Bottle) -> Int { bottle.year }
                    """
                ))
        }
        let outcome = try run(try package(changes))
        #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        if words.contains("->") {
            #expect(outcome.errors.contains("Sources/Cellar: a circle of 2 files of Cellar: Bottle.swift, "))
        }
    }

    /// What looks like a use and is none: comments, texts, labels, locals, parameters, another type's member
    /// of the same name, a type
    /// parameter; and what stands in a text and is one.
    @Test(arguments: [
        ("// Rack\n    /* Rack(bottles: []) /* Rack */ */", false),
        (#"let text = "Rack""#, false),
        (#"let text = #"Rack \(Rack.self) "Rack""#, false),
        ("let text = \"\"\"\n        Rack\n        \"\"\"", false),
        ("func rack(oldest: Int) -> Int { oldest }", false),
        ("func rack() -> Int { let oldest = 1; return oldest }", false),
        ("struct Other { var oldest = 1 }\n    var rack: Int { Other().oldest }", false),
        ("func rack<Rack>(_ rack: Rack) -> Rack { rack }", false),
        ("struct Rack {}\n    var rack: Rack { Rack() }", false),
        (#"let text = "\(Rack.self)""#, true),
        ("let racks: [Int: Rack] = [:]", true),
        ("func rack(_ rack: borrowing Rack) {}", true),
    ])
    func usesAreToldApart(text: String, isUse: Bool) throws {
        let outcome = try run(
            try package([("Sources/Cellar/Bottle.swift", "    public func", "    \(text)\n    public func")]))
        #expect(outcome.status == (isUse ? 1 : 0), "\(outcome.errors)")
        #expect(outcome.errors.contains("Bottle.swift -> Rack.swift: Rack") == isUse, "\(outcome.errors)")
    }

    /// What extends a type in a file of its name may use that type and be used by it; a circle that leads
    /// through other files is one.
    @Test func filesOfOneTypeMayUseEachOther() throws {
        let mutual = (
            file: "Sources/Cellar/Rack.swift", text: "    var oldest",
            by: "    var sorted: [Int] { ordered() }\n    var oldest"
        )
        let family = try run(try package([mutual]), ["--files"])
        #expect(family.status == 0, "\(family.errors)")
        #expect(family.output.contains("Sources/Cellar/Rack.swift -> Rack+Order.swift: Rack.ordered"))
        let circle = try run(
            try package([
                mutual, ("Sources/Cellar/Bottle.swift", "{ year }", "{ Rack(bottles: []).total() }"),
            ])
        )
        #expect(circle.status == 1)
        #expect(
            circle.errors.contains(
                "a circle of 3 files of Cellar: Bottle.swift, Rack+Order.swift, Rack.swift"),
            "\(circle.errors)")
    }

    @Test func theGraphIsPrintedForPrograms() throws {
        let folder = try package([("Sources/Cellar/Bottle.swift", "{ year }", "{ Rack(bottles: []).oldest }")]
        )
        let json = try run(folder, ["--json"])
        let graph = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let targets = try #require(graph["targets"] as? [[String: Any]])
        #expect(targets.map { $0["name"] as? String } == ["Cellar", "Hall"])
        #expect((targets[0]["arrows"] as? [Any])?.count == 3)
        #expect((graph["findings"] as? [String])?.count == 1)
        #expect(try run(folder, ["--dot"]).output.contains("\"Hall\" -> \"Cellar\""))
        #expect(
            try run(folder, ["--dot", "Cellar"]).output.contains("\"Bottle.swift\" -> \"Rack.swift\""))
    }

    @Test func wrongUsageAndUnreadablePackagesEndWithTwo() throws {
        #expect(try run(try package(), ["Attic"]).status == 2)
        #expect(try run(try TemporaryFolder()).status == 2)
    }

    /// The project itself, with a circle in one target and an arrow that the table does not have.
    @Test func whatIsPlantedInACopyOfTheProjectIsFound() throws {
        let copy = try TemporaryFolder()
        let manager = FileManager.default
        for name in ["Package.swift", "docs", "Sources", "Kernels", "Benchmarks", "Examples"] {
            try manager.copyItem(at: Self.root.appending(path: name), to: copy.url.appending(path: name))
        }
        let tests = copy.url.appending(path: "Tests")
        try manager.createDirectory(at: tests, withIntermediateDirectories: false)
        for name in try manager.contentsOfDirectory(atPath: Self.root.appending(path: "Tests").path)
        where name != "Vectors" {
            try manager.copyItem(
                at: Self.root.appending(path: "Tests").appending(path: name), to: tests.appending(path: name))
        }
        let before = try run(copy)
        #expect(before.status == 0, "\(before.errors)")

        func add(_ text: String, _ path: String) throws {
            let file = copy.url.appending(path: path)
            let old = manager.contents(atPath: file.path) ?? Data()
            try (old + Data(text.utf8)).write(to: file)
        }
        try add("\nimport StrictJSON\n", "Sources/Groth16/Planted.swift")
        try add("\nextension Planted {}\n", "Sources/Groth16/Prover.swift")
        try add("\nstruct Planted { let key = ProvingKey.self }\n", "Sources/Groth16/Planted.swift")
        try add("\nextension ProvingKey { func planted(_ more: Planted) {} }\n", "Sources/Groth16/Keys.swift")

        let after = try run(copy, ["--quiet"])
        #expect(after.status == 1)
        #expect(after.output == "")
        let words = [
            "Planted.swift:2: Groth16 imports StrictJSON, which it does not declare in Package.swift",
            "Groth16 imports StrictJSON (Sources/Groth16/Planted.swift:2), which the table does not have",
            "Sources/Groth16: a circle of 2 files of Groth16: Keys.swift, Planted.swift",
            "Keys.swift -> Planted.swift: Planted (",
            "Planted.swift -> Keys.swift: ProvingKey (4)",
        ]
        for word in words { #expect(after.errors.contains(word), "\(word) is not in\n\(after.errors)") }
    }
}
