// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute
import Foundations
import SnarkFormats

/// The root command.
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Makes and verifies zk-SNARK proofs from circom and snarkjs files.",
        discussion: """
            Exit codes: 0 done, 1 a proof or check is invalid, 2 bad input or usage, 3 infrastructure.
            """,
        version: MartletVersion.current,
        subcommands: [
            DevicesCommand.self, ProveCommand.self, VerifyCommand.self, InfoCommand.self, ExportCommand.self,
            SubmitCommand.self, JobsCommand.self, JobCommand.self, WaitCommand.self, CancelCommand.self,
            RequeueCommand.self,
            CircuitCommand.self, WorkerCommand.self, WorkersCommand.self, SpoolCommand.self,
            ServeCommand.self, TokenCommand.self,
            SetupCommand.self, ZKeyCommand.self, AggregateCommand.self, RecurseCommand.self,
            FederationCommand.self,
            BenchCommand.self, ExampleCommand.self, DoctorCommand.self,
            ProverChildCommand.self,
        ])
}

@main
enum Main {
    /// Runs the command and maps every way to fail to an exit code.
    static func main() async {
        Console.prepare()
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if let word = GivenArguments.unknownCommand(in: arguments, below: Martlet.self) {
                throw ValidationError("no command is called '\(word)'")
            }
            var command = try parse(arguments)
            if let option = GivenArguments.repeated(in: arguments, of: type(of: command)) {
                Exit.withWrongUsage(
                    "\(option) is given twice, and one is wanted", of: type(of: command), below: Martlet.self)
            }
            if let name = GivenArguments.emptyPath(in: arguments, of: type(of: command)) {
                Exit.withWrongUsage(
                    "\(name) is empty, and a file or directory is wanted", of: type(of: command),
                    below: Martlet.self)
            }
            // What is wrong with the wish for kernels is among what the doctor tells.
            if isOurs(type(of: command)), !(command is DoctorCommand) { try requireKernels() }
            do {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let error as ValidationError {
                // Of a value that could not be judged before.
                Exit.withWrongUsage(error.message, of: type(of: command), below: Martlet.self)
            }
            Exit.end(0)
        } catch {
            Exit.with(error, of: Martlet.self)
        }
    }

    /// The command that the arguments name.
    ///
    /// A negative number behind an option is its value, as it is behind "=": the parser would say that there
    /// is none.
    ///
    /// - Throws: what the parser throws.
    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        do { return try Martlet.parseAsRoot(arguments) } catch {
            let joined = NegativeNumbers.joined(arguments)
            guard joined != arguments else { throw error }
            return try Martlet.parseAsRoot(joined)
        }
    }

    /// Whether a command does something: neither the parser's help nor one that only has others below it.
    private static func isOurs(
        _ command: any ParsableCommand.Type, below root: any ParsableCommand.Type = Martlet.self
    ) -> Bool {
        root.configuration.subcommands.contains {
            $0.configuration.subcommands.isEmpty ? $0 == command : isOurs(command, below: $0)
        }
    }

    /// Whatever a command computes, it does not by other kernels than those that `MARTLET_CPU` asks for.
    private static func requireKernels() throws(CPUWishError) { _ = try CPUPath.wished() }
}
