// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Where the program's results go and its inputs come from, by the shell's own means.
@Suite struct OutputTests {
    private let folder: TemporaryFolder
    private let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")

    init() throws { folder = try TemporaryFolder() }

    /// Runs a script of bash in the folder: `$M` is the program, `$V` the folder of a circuit's files.
    private func bash(_ script: String) throws -> MartletCommand.Outcome {
        try MartletCommand.run(
            URL(filePath: "/bin/bash"), ["-c", "cd \"$D\" || exit 99\n" + script],
            environment: [
                "M": try BuiltProgram.url("martlet").path, "V": circuit.path, "D": folder.url.path,
                "TMPDIR": folder.url.path,
            ])
    }

    private func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: folder.path(name)))
    }

    private func vector(_ name: String) throws -> Data { try Data(contentsOf: circuit.appending(path: name)) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    }

    // MARK: Outputs

    @Test(arguments: [
        "$M export vkey --zkey $V/circuit_final.zkey --vkey - >out",
        "$M export vkey --zkey $V/circuit_final.zkey --vkey /dev/stdout >out",
        "$M export vkey --zkey $V/circuit_final.zkey --vkey /dev/fd/3 3>out",
        "$M export vkey --zkey $V/circuit_final.zkey --vkey /proc/self/fd/3 3>out",
        "$M export vkey --zkey $V/circuit_final.zkey --vkey >(cat >out; touch ended); until [ -e ended ]; do sleep 0.02; done; rm ended",
        "mkfifo pipe; cat pipe >out & $M export vkey --zkey $V/circuit_final.zkey --vkey pipe || exit 1; wait; test -p pipe && rm pipe",
        "mkfifo pipe; ln -s pipe link; cat pipe >out & $M export vkey --zkey $V/circuit_final.zkey --vkey link || exit 1; wait; test -p pipe -a -L link && rm pipe link",
    ])
    func whatIsNoFileIsWrittenInPlace(script: String) throws {
        let outcome = try bash(script)
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
        #expect(try data("out") == vector("verification_key.json"))
        #expect(try names() == ["out"])
    }

    @Test func whatIsAppendedToStays() throws {
        let outcome = try bash(
            "echo before >out; $M export vkey --zkey $V/circuit_final.zkey --vkey /dev/fd/3 3>>out")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try data("out") == Data("before\n".utf8) + vector("verification_key.json"))
    }

    /// Keys are written section by section, with jumps; a pipe gets them whole all the same, and nothing
    /// else.
    @Test func aKeyGoesThroughAPipe() throws {
        let outcome = try bash(
            """
            $M setup groth16 --insecure-dev --r1cs $V/circuit.r1cs --zkey - >first.zkey 2>notes || exit 1
            $M zkey contribute --zkey first.zkey --name n --output - 2>>notes | cat >second.zkey
            $M prove --zkey second.zkey --witness $V/witness.wtns --proof - --public public.json >proof.json &&
            $M export vkey --zkey second.zkey --vkey - | $M verify --vkey - --proof proof.json --public public.json
            """)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome.errors)")
        let notes = String(decoding: try data("notes"), as: UTF8.self)
        #expect(notes.contains("constraints") && notes.contains("contribution 1"), "\(notes)")
    }

    @Test func linksAreFollowedAndTheirTargetsReplaced() throws {
        let outcome = try bash(
            """
            mkdir sub; echo old >sub/target; chmod 600 sub/target; ln sub/target other; ln -s sub/target link
            ln -s sub/missing dangling; ln -s ../link sub/second
            $M export vkey --zkey $V/circuit_final.zkey --vkey link || exit 1
            $M export vkey --zkey $V/circuit_final.zkey --vkey dangling || exit 1
            test -L link && test -L dangling && stat -c %a sub/target && cat other
            rm sub/target; $M export vkey --zkey $V/circuit_final.zkey --vkey sub/second && test -L sub/second && test -f sub/target
            """)
        #expect(outcome.status == 0 && outcome.output == "600\nold\n", "\(outcome.output)\(outcome.errors)")
        let key = try vector("verification_key.json")
        #expect(try data("sub/target") == key && data("sub/missing") == key)
        #expect(try names() == ["dangling", "link", "other", "sub"])
    }

    /// Refused before anything is read: the inputs are none.
    @Test(arguments: [
        "prove --zkey z --witness w --proof x --public x",
        "prove --zkey z --witness w --proof x --public ./sub/../x",
        "prove --zkey z --witness w --proof new --public sub/../new",
        "prove --zkey z --witness w --proof x --public link",
        "prove --zkey z --witness w --proof x --public hard",
        "prove --zkey z --witness w --proof new --public dangling",
        "prove --zkey z --witness w --proof x --public w",
        "prove --zkey z --witness w --r1cs r --proof r --public p",
        "prove --zkey z --witness w --proof - --public -",
        "prove --zkey z --witness w --proof - --public /dev/stdout",
        "prove --zkey z --witness w --proof /dev/stdout --public /dev/fd/1",
        "prove --zkey z --witness w --proof - --json",
        "zkey contribute --zkey z --output z",
        "zkey contribute --zkey z --output - --json",
        "setup groth16 --insecure-dev --r1cs r --zkey r",
        "setup groth16 --ptau x --r1cs r --zkey hard",
        "export vkey --zkey x --vkey hard",
        "export verifier --lang vyper --vkey x --output link",
        "aggregate key --ptau x --ptau z --output hard",
        "aggregate prove --vkey z --ptau r --ptau w --list list --output x",
        "bench --suite field --output-json x --output-csv hard",
        "bench --suite field --compare x --report x",
    ])
    func outputsThatAreNotTheirOwnAreRefused(arguments: String) throws {
        let outcome = try bash(
            """
            mkdir sub; for f in z w r x; do echo $f >$f; done; ln x hard; ln -s x link; ln -s new dangling; echo 'x z' >list
            $M \(arguments) | cat; exit ${PIPESTATUS[0]}
            """)
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(
            outcome.errors.contains("the same file as")
                || outcome.errors.contains("prints to standard output"),
            "\(outcome.errors)")
        // But for the error itself, where it is asked for in JSON.
        #expect(
            arguments.contains("--json")
                ? outcome.output.contains("martlet-error/1") : outcome.output.isEmpty)
        #expect(try names() == ["dangling", "hard", "link", "list", "r", "sub", "w", "x", "z"])
        for name in ["z", "w", "r", "x"] { #expect(try data(name) == Data("\(name)\n".utf8)) }
    }

    /// Both ends of a pipe have names.
    @Test(arguments: [
        (
            "prove --zkey z --witness - --proof - --public -",
            "standard output: the same file as standard output"
        ),
        ("verify --vkey - --public - --proof p", "standard input: the same as standard input"),
        ("verify --vkey v --list -", "standard input:1: 3 paths, not two"),
        ("prove --zkey - --witness w", "standard input: not a regular file"),
        ("setup groth16 --insecure-dev --r1cs - --zkey k", "standard input: not a regular file"),
        (
            "submit --queue spool:s --zkey - --witness $V/witness.wtns",
            "standard input: a proving key has to be a regular file"
        ),
    ])
    func standardInputIsCalledThat(arguments: String, reason: String) throws {
        let outcome = try bash("echo a b c | $M \(arguments)")
        #expect(outcome.status == 2 && outcome.errors.contains(reason), "\(outcome.errors)")
    }

    /// Nobody minds how often a result is thrown away.
    @Test func theNullDeviceMayBeNamedTwice() throws {
        let outcome = try bash(
            "$M prove --zkey $V/circuit_final.zkey --witness $V/witness.wtns --proof /dev/fd/3 --public /dev/fd/4 3>/dev/null 4>/dev/null"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(arguments: [
        "$M prove --zkey $V/circuit_final.zkey --witness $V/witness.wtns --proof - --public public.json >/dev/full",
        "$M prove --zkey $V/circuit_final.zkey --witness $V/witness.wtns --public - --proof proof.json >/dev/full",
        "$M export vkey --zkey $V/circuit_final.zkey --vkey /dev/full",
        "$M setup groth16 --insecure-dev --r1cs $V/circuit.r1cs --zkey - 2>&1 >/dev/full | grep -v '^\\*' >&2; exit ${PIPESTATUS[0]}",
        "$M info $V/circuit.r1cs >/dev/full",
        "$M info --json $V/circuit.r1cs >/dev/full",
        "$M verify --vkey $V/verification_key.json --public $V/public.json --proof $V/proof.json >/dev/full",
        "$M export calldata --public $V/public.json --proof $V/proof.json >/dev/full",
        "$M export verifier --lang vyper --vkey $V/verification_key.json >/dev/full",
        "$M --help >/dev/full",
        "$M info $V/circuit.r1cs >&-",
        "$M export vkey --zkey $V/circuit_final.zkey --vkey - >&-",
    ])
    func aResultThatDoesNotArriveEndsWithThree(script: String) throws {
        let outcome = try bash(script)
        #expect(outcome.status == 3, "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                script.contains("--vkey /dev/full") ? "/dev/full: cannot be written" : "standard output: "),
            "\(outcome.errors)")
        // Not half a result: where one of two does not arrive, neither is written.
        #expect(try names().isEmpty)
    }

    /// A reader that has gone is no fault to talk of, but not success either.
    @Test func aReaderThatIsGoneEndsQuietly() throws {
        let outcome = try bash(
            "{ sleep 0.3; $M info $V/circuit.r1cs; echo $? >status; } | true; until [ -s status ]; do sleep 0.02; done; cat status"
        )
        #expect(outcome.output == "3\n" && outcome.errors == "", "\(outcome.errors)")
    }

    // MARK: Inputs

    @Test(arguments: [
        "$M verify --vkey <(cat $V/verification_key.json) --public <(cat $V/public.json) --proof - <$V/proof.json",
        "cat $V/proof.json | $M verify --vkey $V/verification_key.json --public $V/public.json --proof -",
        "mkfifo p; cat $V/proof.json >p & $M verify --vkey $V/verification_key.json --public $V/public.json --proof p",
        "printf '%s %s\\r\\n\\r\\n%s\\t%s\\r\\n' $V/proof.json $V/public.json $V/proof.json $V/public.json >list; $M verify --vkey $V/verification_key.json --list list",
        "echo $V/proof.json $V/public.json | $M verify --vkey $V/verification_key.json --list -",
        "cp $V/proof.json $V/public.json .; $M verify --vkey $V/verification_key.json --list <(printf '\\xef\\xbb\\xbfproof.json public.json')",
        "cat $V/witness.wtns | $M prove --zkey $V/circuit_final.zkey --witness - --proof p.json --public q.json && $M verify --vkey $V/verification_key.json --public q.json --proof p.json",
        "$M prove --zkey $V/circuit_final.zkey --r1cs $V/circuit.r1cs --witness <(cat $V/witness.wtns) --proof p.json --public - | { cat >q; $M verify --vkey $V/verification_key.json --public - --proof p.json <q; }",
    ])
    func pipesAreRead(script: String) throws {
        let outcome = try bash("set -o pipefail\n" + script)
        #expect(
            outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome.output)\(outcome.errors)")
    }

    @Test func allThatIsReadWholeMayBeAPipe() throws {
        let outcome = try bash(
            """
            set -e
            $M export calldata --public <(cat $V/public.json) --proof - <$V/proof.json >calldata
            $M export verifier --lang vyper --vkey - <$V/verification_key.json | grep -q 'def verify'
            $M info - <$V/proof.json | grep -q groth16
            $M submit --queue spool:spool --zkey $V/circuit_final.zkey --witness - --id a <$V/witness.wtns
            cat $V/witness.wtns | $M submit --queue spool:spool --zkey $V/circuit_final.zkey --witness - --id b
            $M submit --queue spool:spool --zkey $V/circuit_final.zkey --witness <(cat $V/witness.wtns) --id a
            cmp spool/new/*.a/witness.wtns $V/witness.wtns; cmp spool/new/*.b/witness.wtns $V/witness.wtns
            """)
        #expect(outcome.status == 0 && outcome.output == "a\nb\na\n", "\(outcome.output)\(outcome.errors)")
        #expect(String(decoding: try data("calldata"), as: UTF8.self).hasPrefix("[\"0x1361bf"))
    }

    @Test(arguments: [
        ("$M prove --zkey <(cat $V/circuit_final.zkey) --witness $V/witness.wtns", "not a regular file"),
        (
            "$M prove --zkey $V/circuit_final.zkey --r1cs <(cat $V/circuit.r1cs) --witness $V/witness.wtns",
            "not a regular file"
        ),
        ("$M export vkey --zkey . --vkey x", "it is a directory"),
        (
            "$M verify --vkey $V/verification_key.json --proof - --public - <$V/proof.json",
            "can be read only once"
        ),
        (
            "cat $V/proof.json | $M verify --vkey /dev/stdin --proof - --public $V/public.json",
            "can be read only once"
        ),
        (
            "$M verify --vkey $V/verification_key.json --public $V/public.json --proof <(head -c 200M /dev/zero)",
            "that such a file may have"
        ),
        ("$M prove --zkey $V/circuit_final.zkey --witness /dev/zero", "that such a file may have"),
        (
            "$M prove --zkey $V/circuit_final.zkey --witness - <$V/circuit.r1cs",
            "standard input: holds a circuit (r1cs), where a witness (wtns) is wanted"
        ),
        (
            "printf 'a b c\\r\\n' >list; $M verify --vkey $V/verification_key.json --list list",
            "list:1: 3 paths"
        ),
        (
            "$M submit --queue spool:spool --zkey $V/circuit_final.zkey --witness - <$V/circuit.r1cs",
            "standard input: not a wtns file"
        ),
    ])
    func whatCannotBeReadIsRefused(script: String, message: String) throws {
        let outcome = try bash(script)
        #expect(outcome.status == 2 && !outcome.timedOut && outcome.seconds < 20, "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    /// A key that went to standard output has no name that another command could take.
    @Test func aKeyOnStandardOutputIsCalledThat() throws {
        let outcome = try bash(
            "$M setup groth16 --insecure-dev --r1cs $V/circuit.r1cs --zkey - >k && $M export vkey --zkey k --vkey v"
        )
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("INSECURE: standard output\n"), "\(outcome.errors)")
        #expect(outcome.errors.contains("\nstandard output: 2 constraints, "), "\(outcome.errors)")
        #expect(!outcome.errors.contains("-: ") && !outcome.errors.contains("--zkey -"), "\(outcome.errors)")
    }

    /// 64 bytes would end in the middle of a letter, and in the middle of a flag of two code points.
    @Test func namesAreCutBetweenCharacters() throws {
        let outcome = try bash(
            """
            $M setup groth16 --insecure-dev --r1cs $V/circuit.r1cs --zkey a.zkey 2>/dev/null >&2
            $M zkey contribute --zkey a.zkey --output b.zkey --name xüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü >/dev/null
            $M zkey contribute --zkey b.zkey --output c.zkey --name 0123456789012345678901234567890123456789012345678901234567🇦🇹🇦🇹 >/dev/null
            $M zkey verify --r1cs $V/circuit.r1cs --zkey c.zkey --json 2>/dev/null; true
            """)
        #expect(
            outcome.output.contains("\"x" + String(repeating: "ü", count: 31) + "\""), "\(outcome.output)")
        #expect(
            outcome.output.contains("\"0123456789012345678901234567890123456789012345678901234567\""),
            "\(outcome.output)")
    }
}
