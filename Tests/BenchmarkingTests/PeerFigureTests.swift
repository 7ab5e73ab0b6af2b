// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Curves
import Failures
import Testing

@Suite struct PeerFigureTests {
    private static let head = "peer,version,work,curve,log2_size,threads,cpu_seconds,machine"

    @Test func goodFile() throws {
        let text = """
            # a comment, with commas
            \(Self.head)
            gnark-crypto,e07d,msm-g1,bn254,14,1,0.121,quiet

            # another
            blst,1,pairing,bls12-381,,2,0.0009,"a ""busy"" one, shared"
            x,,ntt,bn128,18,1,1e-3,
            """
        let figures = try PeerFigure.parse(text, file: "peers.csv")
        #expect(figures.count == 3)
        #expect(figures[0].peer == "gnark-crypto")
        #expect(figures[0].logSize == 14)
        #expect(figures[0].cpuSeconds == 0.121)
        #expect(figures[1].curve == .suite(.bls12381))
        #expect(figures[1].logSize == nil)
        #expect(figures[1].threads == 2)
        #expect(figures[1].machine == "a \"busy\" one, shared")
        #expect(figures[2].curve == .suite(.bn254))
        #expect(figures[2].version.isEmpty)
    }

    @Test func otherLineEndsAndByteOrderMark() throws {
        let text = "\u{feff}# c\r\n\(Self.head)\r\na,1,ntt,bn254,18,1,0.5,m\r\n"
        #expect(try PeerFigure.parse(text, file: "f").map(\.machine) == ["m"])
    }

    @Test(arguments: [
        ("a,1,ntt,bn254,18,1,0.5", "7 fields"),
        ("a,1,ntt,bn254,18,1,0.5,m,more", "9 fields"),
        (",1,ntt,bn254,18,1,0.5,m", "peer"),
        ("a,1,,bn254,18,1,0.5,m", "work"),
        ("a,1,ntt,secp256k1,18,1,0.5,m", "curve"),
        ("a,1,ntt,bn254,x,1,0.5,m", "log2_size"),
        ("a,1,ntt,bn254,-1,1,0.5,m", "log2_size"),
        ("a,1,ntt,bn254,99999999999999999999,1,0.5,m", "log2_size"),
        ("a,1,ntt,bn254,18,0,0.5,m", "threads"),
        ("a,1,ntt,bn254,18,,0.5,m", "threads"),
        ("a,1,ntt,bn254,18,1,,m", "cpu_seconds"),
        ("a,1,ntt,bn254,18,1,0,m", "cpu_seconds"),
        ("a,1,ntt,bn254,18,1,-3,m", "cpu_seconds"),
        ("a,1,ntt,bn254,18,1,nan,m", "cpu_seconds"),
        ("a,1,ntt,bn254,18,1,inf,m", "cpu_seconds"),
        ("a,1,ntt,bn254,18,1,0.5,\"m", "quote"),
        ("a,1,ntt,bn254,18,1,0.5,\"m\"x", "quote"),
    ])
    func badLine(_ line: String, _ reason: String) {
        let error = #expect(throws: BenchmarkError.self) {
            try PeerFigure.parse(
                "# one\n\(Self.head)\na,1,ntt,bn254,18,1,0.5,m\n\(line)\n", file: "dir/peers.csv")
        }
        #expect(
            error?.message.hasPrefix("dir/peers.csv: line 4: ") == true, "\(String(describing: error))")
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.code.exitCode == 2)
    }

    @Test func badHead() {
        #expect(throws: BenchmarkError.self) { try PeerFigure.parse("", file: "f") }
        #expect(throws: BenchmarkError.self) { try PeerFigure.parse("# only a comment\n", file: "f") }
        let error = #expect(throws: BenchmarkError.self) {
            try PeerFigure.parse("a,1,ntt,bn254,18,1,0.5,m\n", file: "f")
        }
        #expect(error?.message.hasPrefix("f: line 1: the columns must be") == true)
    }

    @Test func fileThatIsNotThere() {
        let error = #expect(throws: BenchmarkError.self) { try PeerFigure.read(path: "/no/such/peers.csv") }
        #expect(error?.message.hasPrefix("/no/such/peers.csv") == true)
    }
}
