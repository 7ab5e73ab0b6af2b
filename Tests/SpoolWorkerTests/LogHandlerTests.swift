// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import SpoolWorker
import Synchronization
import Testing

@Suite struct LogHandlerTests {
    final class Lines: Sendable {
        let list = Mutex<[String]>([])
        var output: LogOutput {
            LogOutput { line in self.list.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        }
        var all: [String] { list.withLock { $0 } }
    }

    private func logger(_ make: @escaping (LogOutput) -> any LogHandler, _ lines: Lines) -> Logger {
        var logger = Logger(label: "test") { _ in make(lines.output) }
        logger[metadataKey: "job"] = "123"
        return logger
    }

    @Test func everyEventIsOneObjectOnOneLine() throws {
        let lines = Lines()
        let logger = logger({ JSONLogHandler(label: "test", output: $0) }, lines)
        logger.info(
            "two\nlines \"quoted\" \u{7} \u{2028}",
            metadata: [
                "seconds": .stringConvertible(0.25), "attempt": .stringConvertible(2),
                "kept": .stringConvertible(true),
                "text": "7", "level": "mine", "list": ["a", "b"], "map": ["x": .stringConvertible(1)],
                "nan": .stringConvertible(Double.nan),
            ])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix("}\n") && line.split(separator: "\n").count == 1)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "two\nlines \"quoted\" \u{7} \u{2028}")
        #expect(object["level"] as? String == "info" && object["_level"] as? String == "mine")
        #expect(object["logger"] as? String == "test" && object["job"] as? String == "123")
        #expect(object["seconds"] as? Double == 0.25 && object["attempt"] as? Int == 2)
        #expect(object["kept"] as? Bool == true && object["text"] as? String == "7")
        #expect(object["list"] as? [String] == ["a", "b"] && object["nan"] as? String == "nan")
        #expect((object["map"] as? [String: Int])?["x"] == 1)
        let time = try #require(object["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(time)")
        #expect(line.hasPrefix(#"{"time":""#))
    }

    @Test func textStaysOnItsLine() throws {
        let lines = Lines()
        let logger = logger({ TextLogHandler(label: "test", output: $0) }, lines)
        logger.warning("a\nb\u{1b}[31m", metadata: ["reason": "x \"y\"\nz", "n": .stringConvertible(1)])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix(#" warning a\nb\u{1B}[31m job=123 n=1 reason="x \"y\"\nz""# + "\n"), "\(line)")
    }

    @Test func levelsAndOwnMetadataCount() {
        let lines = Lines()
        var logger = logger({ JSONLogHandler(label: "test", output: $0) }, lines)
        logger.debug("no")
        #expect(lines.all.isEmpty)
        logger.logLevel = .debug
        logger.debug("yes", metadata: ["job": "other"])
        #expect(lines.all.count == 1 && lines.all[0].contains(#""job":"other""#))
    }
}
