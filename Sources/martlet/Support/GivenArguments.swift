// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// What the parser lets pass although somebody means something else by it.
enum GivenArguments {
    /// The option that is given twice and of which the command takes one, as it is typed: the parser takes
    /// the last one.
    static func repeated(in arguments: [String], of command: any ParsableCommand.Type) -> String? {
        var seen: Set<Substring> = []
        let twice = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
            .map { $0.prefix { $0 != "=" } }.filter { !seen.insert($0).inserted }
        // Mostly there is none, and the description of the command is not made.
        guard !twice.isEmpty,
            let tool = try? JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8))
        else { return nil }
        let single = (tool.command.arguments ?? []).filter { $0.kind == "option" && !$0.isRepeating }
            .flatMap { $0.names ?? [] }.map { "--" + $0.name }
        return twice.lazy.map(String.init).first(where: single.contains)
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

    /// What the parser writes of a command for other programs.
    private struct Tool: Decodable {
        struct Command: Decodable { var arguments: [Argument]? }
        struct Argument: Decodable {
            struct Name: Decodable { var name: String }
            var kind: String
            var isRepeating: Bool
            var names: [Name]?
        }
        var command: Command
    }
}
