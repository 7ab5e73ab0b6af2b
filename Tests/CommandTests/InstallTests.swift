// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

/// What `make install` leaves, by its script and the program that was built beside the tests; and the list of
/// what a release has in it.
@Suite struct InstallTests {
    private let tools = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Tools/package")
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func bash(_ arguments: [String], environment: [String: String] = [:]) throws
        -> MartletCommand.Outcome
    {
        try MartletCommand.run(URL(filePath: "/bin/bash"), arguments, environment: environment)
    }

    /// All files below a folder, by their paths in it.
    private func files(below path: String) -> Set<String> {
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        var isFolder: ObjCBool = false
        return Set(
            all.filter {
                FileManager.default.fileExists(atPath: "\(path)/\($0)", isDirectory: &isFolder)
                    && !isFolder.boolValue
            })
    }

    /// The commands that the program tells of, each as the words that call it.
    private static func commands(_ described: [String: Any], _ path: [String] = []) -> [[String]] {
        let below = described["subcommands"] as? [[String: Any]] ?? []
        return below.filter { $0["shouldDisplay"] as? Bool != false }.flatMap { command -> [[String]] in
            guard let name = command["commandName"] as? String, name != "help" else { return [] }
            return [path + [name]] + commands(command, path + [name])
        }
    }

    @Test func programCompletionsAndManualPagesAreInstalled() throws {
        let destination = folder.path("root")
        let program = try BuiltProgram.url("martlet").path
        let installed = try bash(
            [tools.appending(path: "install.sh").path, program, "/opt/martlet"],
            environment: ["DESTDIR": destination])
        #expect(installed.status == 0, "\(installed.errors)")
        let prefix = destination + "/opt/martlet"

        let version = try MartletCommand.run(URL(filePath: prefix + "/bin/martlet"), ["--version"])
        #expect(version.status == 0)
        #expect(version.output == (try MartletCommand.run(["--version"]).output))

        // Every command has its words on a manual page.
        let dump = try MartletCommand.run(["--experimental-dump-help"])
        let described = try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any]
        let commands = Self.commands(described?["command"] as? [String: Any] ?? [:])
        #expect(commands.count > 40 && commands.contains(["zkey", "verify"]))
        var expected: Set = [
            "bin/martlet", "share/bash-completion/completions/martlet",
            "share/zsh/site-functions/_martlet", "share/fish/vendor_completions.d/martlet.fish",
            "share/man/man1/martlet.1",
        ]
        let root = tools.deletingLastPathComponent().deletingLastPathComponent()
        let pages = ["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"]
        expected.formUnion(
            (pages + files(below: root.appending(path: "docs").path).map { "docs/\($0)" }).map {
                "share/doc/martlet/\($0)"
            })
        for command in commands {
            expected.insert("share/man/man1/martlet-\(command[0]).1")
            let page = try String(
                contentsOfFile: prefix + "/share/man/man1/martlet-\(command[0]).1", encoding: .utf8)
            let words = (["martlet"] + command).joined(separator: " ").replacing("-", with: "\\-")
            #expect(page.contains("\\fB\(words)\\fR"), "\(words)")
        }
        #expect(files(below: prefix) == expected)
        #expect(files(below: destination).count == expected.count)

        // And what bash offers behind two of them.
        let completions = prefix + "/share/bash-completion/completions/martlet"
        let offered = try bash(["-c", Self.completion, "bash", completions])
        #expect(offered.status == 0, "\(offered.errors)")
        #expect(
            offered.output
                == "prove\nverify\nbn254\nbls12381\nbls12377\nfield\ngroup\nmsm\nntt\npairing\ngroth16\nprove\n"
        )
        try linksLeadSomewhere(below: prefix + "/share/doc/martlet")
    }

    /// What an installed page points at is installed.
    private func linksLeadSomewhere(below path: String) throws {
        var count = 0
        for page in files(below: path) where page.hasSuffix(".md") {
            let text = try String(contentsOfFile: "\(path)/\(page)", encoding: .utf8)
            let folder = URL(filePath: "\(path)/\(page)").deletingLastPathComponent()
            for match in text.matches(of: #/\]\(([^()\s#]+)(#[^()\s]*)?\)/#) {
                let target = String(match.1)
                if target.contains(":") { continue }
                count += 1
                let place = folder.appending(path: target).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: place), "\(page): \(target)")
            }
        }
        #expect(count > 50)
    }

    private static let shells = ["zsh", "fish"].filter {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
    }

    /// What the completions that the program writes for zsh and fish make of lines, in these shells
    /// themselves.
    @Test(.enabled(if: InstallTests.shells.contains("zsh"), "needs zsh"))
    func zshCompletes() throws {
        let folder = folder.url.appending(path: "functions")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try completions(for: "zsh").write(
            to: folder.appending(path: "_martlet"), atomically: true, encoding: .utf8)
        let script = tools.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Tests/Scripts/complete.zsh").path
        let outcome = try run(
            "zsh",
            [
                "-f", script, folder.path, "martlet prov", "martlet zkey ver",
                "martlet setup powersoftau --curve bn", "martlet jobs --state rej",
            ])
        #expect(
            outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [
                "martlet prove", "martlet zkey verify", "martlet setup powersoftau --curve bn254",
                "martlet jobs --state rejected",
            ], "\(outcome.output) \(outcome.errors)")
    }

    @Test(.enabled(if: InstallTests.shells.contains("fish"), "needs fish"))
    func fishCompletes() throws {
        let path = folder.path("martlet.fish")
        try completions(for: "fish").write(toFile: path, atomically: true, encoding: .utf8)
        for (line, words) in [
            ("martlet prov", ["prove"]), ("martlet zkey ver", ["verify"]),
            ("martlet setup powersoftau --curve ", ["bls12377", "bls12381", "bn254"]),
            ("martlet jobs --state re", ["receiving", "rejected"]), ("martlet bench --group ", ["g1", "g2"]),
            ("martlet info \(folder.path("martlet.f"))", [path]),
            ("martlet verify --vkey \(folder.path("martlet.f"))", [path]),
        ] {
            let outcome = try run("fish", ["--no-config", "-c", "source '\(path)'; complete -C '\(line)'"])
            let offered = outcome.output.split(separator: "\n").compactMap { $0.split(separator: "\t").first }
            #expect(
                offered.map(String.init).sorted() == words, "\(line): \(outcome.output) \(outcome.errors)")
        }
    }

    private func completions(for shell: String) throws -> String {
        let outcome = try MartletCommand.run(["--generate-completion-script", shell])
        try #require(outcome.status == 0)
        return outcome.output
    }

    /// Runs a shell in which the program is on PATH.
    private func run(_ shell: String, _ arguments: [String]) throws -> MartletCommand.Outcome {
        let programs = try BuiltProgram.url("martlet").deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try MartletCommand.run(
            URL(filePath: "/usr/bin/\(shell)"), arguments,
            environment: ["PATH": "\(programs):\(path)", "HOME": folder.url.path], limit: 60)
    }

    /// Loads the completions, asks what may follow "martlet prov" and "martlet zkey ver".
    private static let completion = """
        set -e
        source "$1"
        complete -p martlet >/dev/null
        ask() {
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            COMPREPLY=()
            _martlet martlet "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
        }
        ask martlet prov
        ask martlet zkey ver
        ask martlet setup powersoftau --curve ""
        ask martlet bench --suite ""
        """

    /// A program that does not tell of itself leaves nothing behind.
    @Test func anotherProgramIsNotInstalled() throws {
        for program in ["/bin/true", "/bin/ls", "/bin/bash", folder.path("none"), folder.url.path] {
            let outcome = try bash([tools.appending(path: "install.sh").path, program, folder.path("prefix")])
            #expect(outcome.status == 2)
            #expect(
                outcome.errors.hasPrefix("install: ") && outcome.errors.contains(" is not ")
                    && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        let relative = try bash([
            tools.appending(path: "install.sh").path, try BuiltProgram.url("martlet").path, "some/where",
        ])
        #expect(relative.status == 2 && relative.errors.contains("absolute path"), "\(relative.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("prefix")))
    }

    /// Every pin is listed with its licence, and a licence that nobody has looked at is found.
    @Test func theBillOfMaterialsHasEveryPackage() throws {
        let location = "https://example.org/somebody/thing.git"
        let pins =
            #"{"pins": [{"identity": "thing", "kind": "remoteSourceControl", "location": "\#(location)", "state": {"revision": "abc", "version": "1.2.3"}}], "version": 3}"#
        try Data(pins.utf8).write(to: folder.url.appending(path: "resolved"))
        let checkout = folder.url.appending(path: "checkouts/thing")
        try FileManager.default.createDirectory(at: checkout, withIntermediateDirectories: true)
        let root = tools.deletingLastPathComponent().deletingLastPathComponent()
        let licence = try String(contentsOf: root.appending(path: "LICENSE"), encoding: .utf8)

        func list(_ licenceText: String?) throws -> MartletCommand.Outcome {
            let file = checkout.appending(path: "LICENSE")
            try? FileManager.default.removeItem(at: file)
            try licenceText.map { try Data($0.utf8).write(to: file) }
            return try MartletCommand.run(
                URL(filePath: "/usr/bin/env"),
                [
                    "python3", tools.appending(path: "sbom.py").path, "--resolved", folder.path("resolved"),
                    "--checkouts", folder.path("checkouts"), "--version", "0.1.0", "--swift-version", "6",
                    "--swift-license", root.appending(path: "LICENSE").path,
                    "--sbom", folder.path("sbom"), "--notices", folder.path("notices"),
                ])
        }

        #expect(try list(licence).status == 0)
        let sbom = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: folder.path("sbom"))))
        let document = try #require(sbom as? [String: Any])
        #expect(document["spdxVersion"] as? String == "SPDX-2.3")
        let packages = document["packages"] as? [[String: Any]] ?? []
        let thing = try #require(packages.first { $0["name"] as? String == "thing" })
        #expect(thing["versionInfo"] as? String == "1.2.3")
        #expect(thing["licenseConcluded"] as? String == "Apache-2.0")
        #expect(thing["downloadLocation"] as? String == "git+\(location)@abc")
        let relations = document["relationships"] as? [[String: String]] ?? []
        #expect(
            relations.contains([
                "spdxElementId": "SPDXRef-martlet", "relationshipType": "DEPENDS_ON",
                "relatedSpdxElement": "SPDXRef-thing",
            ]))
        let notices = try String(contentsOfFile: folder.path("notices"), encoding: .utf8)
        #expect(notices.contains("thing 1.2.3 (\(location))"))

        for unknown in ["All rights reserved.", nil] {
            let refused = try list(unknown)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("thing"))
        }
    }
}
