// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import StrictJSON

/// What the parser lets pass although somebody means something else by it.
enum GivenArguments {
    /// The option that is given twice and of which the command takes one, as it is typed: the parser takes
    /// the last one.
    static func repeated(in arguments: [String], of command: any ParsableCommand.Type) -> String? {
        var seen: Set<Substring> = []
        let twice = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
            .map { $0.prefix { $0 != "=" } }.filter { !seen.insert($0).inserted }
        // Mostly there is none, and the description of the command is not made.
        guard !twice.isEmpty else { return nil }
        let single = described(command).filter { $0.kind == "option" && !$0.isRepeating }
            .flatMap(\.options)
        return twice.lazy.map(String.init).first(where: single.contains)
    }

    /// The option or argument that takes a path and was given an empty text, as it is typed: a variable of a
    /// script that has no value, mostly. The parser itself refuses `--zkey=`.
    static func emptyPath(in arguments: [String], of command: any ParsableCommand.Type) -> String? {
        guard arguments.contains(where: \.isEmpty) else { return nil }
        let all = described(command)
        let paths = all.filter(\.takesPath)
        var isValue = false
        var before: String?
        for argument in arguments {
            defer { before = argument }
            // What stands behind an option that takes a value is that value.
            isValue =
                !isValue
                && before.map { before in
                    all.contains { $0.kind == "option" && $0.options.contains(before) }
                } == true
            guard argument.isEmpty else { continue }
            if isValue {
                if let before, paths.contains(where: { $0.options.contains(before) }) { return before }
            } else if let place = paths.first(where: { $0.kind == "positional" }) {
                return "<\(place.valueName ?? "file")>"
            }
        }
        return nil
    }

    /// The word that names no command, where help is asked for: the parser gives that of another command.
    static func unknownCommand(in arguments: [String], below root: any ParsableCommand.Type) -> String? {
        let wantsHelp = arguments.first == "help"
        guard wantsHelp || arguments.contains("--help") || arguments.contains("-h") else { return nil }
        var command = root
        for word in arguments.dropFirst(wantsHelp ? 1 : 0) {
            guard !word.hasPrefix("-") else { return nil }
            let subcommands = command.configuration.subcommands
            guard let next = subcommands.first(where: { $0.configuration.commandName == word }) else {
                // Arguments of a command are no words of this kind, but help has only commands' names.
                let takesArguments = subcommands.isEmpty || command.configuration.defaultSubcommand != nil
                return takesArguments && !wantsHelp ? nil : word
            }
            command = next
        }
        return nil
    }

    /// The options and arguments of a command.
    private static func described(_ command: any ParsableCommand.Type) -> [Tool.Argument] {
        let tool = try? StrictJSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8))
        return tool?.command.arguments ?? []
    }

    /// What the parser writes of a command for other programs.
    private struct Tool: Decodable {
        struct Command: Decodable { var arguments: [Argument]? }
        struct Argument: Decodable {
            struct Name: Decodable { var name: String }
            /// How a shell completes a value; of files and directories only the kind is looked at.
            struct Completion: Decodable {
                struct Anything: Decodable { init(from decoder: any Decoder) throws {} }
                var file: Anything?
                var directory: Anything?
            }
            var kind: String
            var isRepeating: Bool
            var names: [Name]?
            var valueName: String?
            var completionKind: Completion?

            var options: [String] { (names ?? []).map { "--" + $0.name } }
            var takesPath: Bool { completionKind?.file != nil || completionKind?.directory != nil }
        }
        var command: Command
    }
}
