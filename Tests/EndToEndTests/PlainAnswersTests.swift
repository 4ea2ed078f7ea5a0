import Storage
import TestSupport
import Testing

/// Commands asked for what is not there, or not what it seems.
@Suite struct PlainAnswersTests {
    @Test func `a reason that nothing was set aside for is a usage error that lists the others`()
        throws
    {
        let warehouse = SampleNight.warehouse
        let result = try warehouse.spindle("rejects", "--reason", "no_such_reason")
        #expect(result.code == 64)
        #expect(result.stderr.contains("not_mpeg_audio"))
        #expect(try warehouse.spindle("rejects", "--reason", "empty").code == 0)
    }

    @Test func `a file is exported by its name below the current folder`() throws {
        let name = "Europe/Clara Wendt/Kleine Stücke/02 Für Elise.mp3"
        let folder = try TemporaryFolder()
        let output = folder / "out.mp3"
        let good = try Program.spindle.run(
            [
                "export", "02 Für Elise.mp3", "--output", output, "--warehouse",
                SampleNight.warehouse.path,
            ], in: FileSystem.parent(of: Repository.sample + "/music/" + name))
        #expect(good.code == 0, "\(good.stderr)")
        #expect(try contents(output) == contents(Repository.sample + "/music/" + name))
    }

    @Test func `one frame alone is too short to play`() throws {
        try withTemporaryFolder { folder in
            try write(MP3.id3v2([("TIT2", "Song")]) + MP3.audio(frames: 1), to: folder + "/a.mp3")
            let result = try Program.spindle.run(["check", folder + "/a.mp3"])
            #expect(result.code == 65)
            #expect(result.stdout.contains("single_frame"))
        }
    }

    @Test func `a listed name that is no file is named`() throws {
        let warehouse = try TestWarehouse()
        let list = warehouse.folder / "list"
        try write("/nowhere/a.mp3\n", to: list)
        let result = try warehouse.spindle("ingest", "--files", list)
        #expect(result.stderr.contains("not there: /nowhere/a.mp3"))
        #expect(!result.stderr.contains("hold no files"))
    }
}
