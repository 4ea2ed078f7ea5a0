import Foundation
import TestSupport
import Testing

/// `spindle check` as people run it.
struct CheckCommandTests {
    private static let songs = Repository.sample + "/music"
    private static let sound = songs + "/Europe/Die Dachrinnen/Freude, lauter!/01 Freude!.mp3"

    private func json(_ line: some StringProtocol) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `a sound file ends with 0 and its duration`() throws {
        let result = try Program.spindle.run(["check", Self.sound])
        #expect(result.code == 0)
        #expect(result.stdout.hasPrefix("\(Self.sound): sound\n"))
        #expect(result.stdout.contains("MPEG 1 layer III, 44100 Hz"))
        #expect(result.stdout.contains("checksums: music ok, frames absent"))
        #expect(try Program.spindle.run(["check", "--quiet", Self.sound]).stdout.isEmpty)
    }

    @Test func `the sample is sound but for what it has on purpose`() throws {
        let folder = URL(filePath: Self.songs)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".mp3") }.sorted().map { Self.songs + "/" + $0 }
        let result = try Program.spindle.run(["check", "--json", "--quiet"] + paths)
        #expect(result.code == 65)
        let reports = try result.stdout.split(separator: "\n").map(json)
        let codes = reports.map { report -> String in
            let name = (report["file"] as! String).split(separator: "/").last!
            let counts = report["counts"] as? [String: Int] ?? [:]
            return "\(name) \(counts.keys.sorted()) \(report["content"] as? String ?? "")"
        }
        #expect(
            codes == [
                "not-an-mp3.mp3 [] looks like an HTML page", "truncated.mp3 [\"truncated\"] ",
                "zero-bytes.mp3 [] no bytes",
            ])
    }

    @Test func `damage is told by place, time and advice`() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.mp3"
            try write(
                MP3.id3v2([("TIT2", "A")]) + MP3.audio(frames: 100)
                    + [UInt8](repeating: 0, count: 4096) + MP3.audio(frames: 50), to: path)
            let text = try Program.spindle.run(["check", path])
            #expect(text.code == 65)
            #expect(text.stdout.contains("defects: zero_run"))
            #expect(text.stdout.contains("zero_run: 4096 zeros (at 41,755, 0:02.612)"))
            #expect(text.stdout.contains("hint: zero_run: fetch the file again"))
            let report = try json(try Program.spindle.run(["check", "--json", path]).stdout)
            let findings = try #require(report["findings"] as? [[String: Any]])
            #expect(findings.count == 1)
            #expect(findings[0]["offset"] as? Int == 41_755)
            #expect(findings[0]["bytes"] as? Int == 4096)
            #expect(report["frames"] as? Int == 150)
            #expect(report["playable"] as? Bool == true)
        }
    }

    @Test func `a name that is not UTF-8 is a name`() throws {
        try withTemporaryFolder { folder in
            // The shell makes and names what Swift's strings cannot.
            let script = """
                export LC_ALL=C; cp "$1" "$(printf 'caf\\351.mp3')"; cp "$1" "$(printf 'caf\\350.mp3')"
                printf x >> "$(printf 'caf\\350.mp3')"; exec "$0" check --json *.mp3
                """
            let shell = Program(path: "/bin/sh")
            let result = try shell.run(
                ["-c", script, Program.spindle.path, Self.sound], in: folder)
            #expect(result.code == 65, "\(result.stderr)")
            let reports = try result.stdout.split(separator: "\n").map(json)
            #expect(
                reports.map { $0["file"] as? String } == ["caf\u{fffd}.mp3", "caf\u{fffd}.mp3"])
            #expect(reports.map { $0["sound"] as? Bool } == [false, true])
        }
    }

    @Test func `pipes and devices are not waited for`() throws {
        try withTemporaryFolder { folder in
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            for path in [pipe, "/dev/zero"] {
                let result = try Program.spindle.run(["check", path])
                #expect(result.code == 65)
                #expect(result.stderr.contains("\(path): is no file but a pipe or a device"))
            }
        }
    }

    @Test func `what is missing outweighs what is damaged, and stops nothing`() throws {
        let broken = Self.songs + "/Troublesome/truncated.mp3"
        let result = try Program.spindle.run(["check", "/no/such/file.mp3", broken, Self.sound])
        #expect(result.code == 66)
        #expect(result.stderr.contains("/no/such/file.mp3"))
        #expect(result.stderr.contains("hint: "))
        #expect(result.stdout.contains("truncated.mp3: defects: truncated"))
        #expect(result.stdout.contains(": sound"))
        #expect(try Program.spindle.run(["check"]).code == 64)
    }
}
