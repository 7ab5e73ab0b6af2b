// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `Tools/undocumented.py` finds what is planted, and nothing where nothing is.
@Suite struct UndocumentedTests {
    private static let root = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()

    private func run(_ package: TemporaryFolder, _ arguments: [String] = []) throws -> MartletCommand.Outcome
    {
        try withExtendedLifetime(package) {
            let script = Self.root.appending(path: "Tools/undocumented.py").path
            return try MartletCommand.run(
                URL(filePath: "/usr/bin/env"),
                ["python3", script, "--package", package.url.path] + arguments)
        }
    }

    /// A package of a library and a program that has no fault, with one text replaced.
    private func package(
        _ change: (file: String, text: String, by: String)? = nil
    ) throws -> TemporaryFolder {
        var files = [
            "Package.swift": """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "house",
                products: [.library(name: "Cellar", targets: ["Cellar"])],
                targets: [
                    .target(name: "Cellar"),
                    .executableTarget(name: "Hall", dependencies: ["Cellar"]),
                ])
            """,
            "Sources/Cellar/Drink.swift": """
            /// What is poured.
            public protocol Drink: Sendable {
                /// In years.
                associatedtype Age
                /// How old it is.
                var age: Age { get }
                /// Fills glasses, and says how many.
                func pour(into glasses: [String], _ count: Int) -> Int
            }
            """,
            "Sources/Cellar/Bottle.swift": """
            /** A bottle of it. */
            @frozen
            public struct Bottle<Grape: Sendable>: Drink, Hashable {
                /// What is pressed for it: { not code }.
                public enum Colour: String, CaseIterable, Sendable {
                    /// Pale.
                    case white, rosé
                    /// Dark.
                    case red = "noir"
                }

                public typealias Age = Int
                public let age: Int
                /// Where it stands: shelf, and place in it.
                public private(set) var shelf = 0, place = { 1 }()
                var cork = "public func pop() {}"

                /// A bottle of this age.
                @inlinable
                public init(age: Int, shelf: Int = 0) where Grape: Equatable {
                    self.age = age
                    public_ += 1
                }

                /// Bottle `index` beside it.
                public subscript(index: Int) -> Self { self }

                @discardableResult
                public func pour(into glasses: [String], _ count: Int) -> Int { min(count, glasses.count) }
                public func hash(into hasher: inout Hasher) { hasher.combine(age) }
                public static func == (a: Self, b: Self) -> Bool { a.age == b.age }
                /// The older one.
                public static func > (a: Self, b: Self) -> Bool { a.age > b.age }
            }

            private var public_ = 0
            """,
            "Sources/Cellar/Rack.swift": """
            struct Rack {
                public var count: Int
            }

            extension Rack {
                public func shake() {}
            }

            extension Drink {
                public func pour(into glasses: [String], _ count: Int) -> Int { glasses.count }
                func taste() {}
            }
            """,
            "Sources/Hall/Guest.swift": """
            import Cellar

            package struct Guest { package var thirst: Int }

            extension Bottle: CustomStringConvertible {
                public var description: String { "bottle" }
            }
            """,
        ]
        if let change {
            let text = try #require(files[change.file])
            try #require(text.contains(change.text), "\(change)")
            files[change.file] = text.replacing(change.text, with: change.by)
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

    /// 20 names, of which `Age`, `age`, `pour` twice, `hash` and `==` inherit what their protocols say.
    @Test func nothingIsFoundWhereNothingIs() throws {
        let outcome = try run(try package(), ["--list"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors == "")
        let row = outcome.output.split(separator: "\n").first { $0.hasPrefix("Cellar") }
        let numbers = try #require(row, "\(outcome.output)").split(separator: " ").dropFirst()
        #expect(numbers == ["20", "6", "0"], "\(outcome.output)")
        #expect(outcome.output.contains("public names: 20 in 1 library, all with a comment"))
    }

    /// Each: where, what is there, what comes in its place, what is said.
    @Test(arguments: [
        (
            "Sources/Cellar/Bottle.swift", "    /// Bottle `index` beside it.\n", "",
            "Sources/Cellar/Bottle.swift:25: Bottle.subscript(_:) has no comment"
        ),
        // A remark is no documentation, and neither is one with nothing in it.
        (
            "Sources/Cellar/Bottle.swift", "/// Bottle `index`", "// Bottle `index`",
            "Bottle.subscript(_:) has no comment"
        ),
        (
            "Sources/Cellar/Bottle.swift", "/// Bottle `index` beside it.", "///",
            "Bottle.subscript(_:) has no comment"
        ),
        ("Sources/Cellar/Bottle.swift", "/** A bottle of it. */\n", "", "swift:1: Bottle has no comment"),
        (
            "Sources/Cellar/Bottle.swift", "        /// Dark.\n", "",
            "Sources/Cellar/Bottle.swift:8: Bottle.Colour.red has no comment"
        ),
        ("Sources/Cellar/Bottle.swift", "        /// Pale.\n", "", "Bottle.Colour.rosé has no comment"),
        (
            "Sources/Cellar/Bottle.swift", "    /// Where it stands: shelf, and place in it.\n", "",
            "Bottle.place has no comment"
        ),
        (
            "Sources/Cellar/Bottle.swift", "    /// A bottle of this age.\n", "",
            "Sources/Cellar/Bottle.swift:18: Bottle.init(age:shelf:) has no comment"
        ),
        (
            "Sources/Cellar/Bottle.swift", "    /// The older one.\n", "", "Bottle.>(_:_:) has no comment"
        ),
        // Not the protocol's requirement; a requirement without a comment has none to give.
        (
            "Sources/Cellar/Bottle.swift", "public func pour(into glasses", "public func pour(from glasses",
            "Bottle.pour(from:_:) has no comment"
        ),
        (
            "Sources/Cellar/Drink.swift", "    /// How old it is.\n", "",
            "Sources/Cellar/Bottle.swift:13: Bottle.age has no comment"
        ),
        (
            "Sources/Cellar/Drink.swift", "    /// In years.\n", "",
            "Sources/Cellar/Drink.swift:3: Drink.Age has no comment"
        ),
        ("Sources/Cellar/Bottle.swift", ": Drink, Hashable", ": Hashable", "Bottle.age has no comment"),
        // Of a type that becomes public, and of an extension that gives its access to its members.
        ("Sources/Cellar/Rack.swift", "struct Rack", "public struct Rack", "Rack.shake() has no comment"),
        (
            "Sources/Cellar/Rack.swift", "extension Drink", "public extension Drink",
            "Drink.taste() has no comment"
        ),
        (
            "Sources/Cellar/Bottle.swift", "/// Where it stands: shelf, and place in it.",
            "/// The shelf of the bottle.", "the comment of Bottle.shelf only says its name"
        ),
        (
            "Sources/Cellar/Bottle.swift", "/// A bottle of this age.", "/// - Precondition: none.",
            "the comment of Bottle.init(age:shelf:) does not say what it is, before `- Precondition:`"
        ),
        (
            "Sources/Hall/Guest.swift", "package struct", "public struct",
            "Sources/Hall/Guest.swift:3: Guest is public, but Hall is in no library: `package` is enough"
        ),
    ])
    func whatIsPlantedIsFound(file: String, text: String, by: String, said: String) throws {
        let outcome = try run(try package((file, text, by)))
        #expect(outcome.status == 1, "\(outcome.output)")
        #expect(outcome.errors.contains(said), "\(outcome.errors)")
    }

    @Test func whatCannotBeReadIsSaid() throws {
        let lost = try run(try package(("Package.swift", "targets: [\"Cellar\"]", "targets: [\"Attic\"]")))
        #expect(lost.status == 2)
        #expect(lost.errors.contains("the library Cellar has Attic, which is no target"), "\(lost.errors)")
        let empty = try run(try TemporaryFolder())
        #expect(empty.status == 2)
        #expect(empty.errors.contains("undocumented: Package.swift: "), "\(empty.errors)")
    }
}
