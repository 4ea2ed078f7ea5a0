import Glibc
import HTTPServer
import HTTPTestClient
import Storage
import Streaming
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Snapshots under the service` {
    @Test func `a stream goes on over a swap, even when the old snapshot is pruned`() throws {
        let fixture = try TestWarehouse(sizes: [12_000_000, 500])
        let first = try fixture.publish(1)
        let service = try TestService(fixture)
        let song = fixture.songs[0]
        let listener = try TestConnection(port: service.port, receiveBufferBytes: 16 << 10)
        try listener.send("GET /v1/songs/\(song.id.hex)/stream HTTP/1.1\r\nHost: t\r\n\r\n")
        #expect(try listener.readHead().status == 200)
        var received = try listener.readBytes(100_000)

        let second = try fixture.publish(2)
        service.snapshots.check()
        try FileSystem.removeTree(fixture.warehouse.snapshot(first))
        #expect(try service.json("/v1/snapshot")["id"]?.string == second)
        #expect(try service.json("/v1/songs/\(song.id.hex)")["artist"]?.string == "Trio 2")
        #expect(service.server.runningResponses >= 1)

        received += try listener.readBytes(song.audio.count - received.count)
        // Not compared inside #expect, which would go on to find the difference of millions of bytes.
        let isWhole = received == song.audio
        #expect(isWhole)
    }

    @Test(arguments: ["report.html", "catalog.sqlite", "manifest.json", "prefetch/e.ndjson.zst"])
    func `a damaged snapshot is refused and the old one stays`(file: String) throws {
        let fixture = try TestWarehouse()
        let good = try fixture.publish(1)
        let service = try TestService(fixture)
        let bad = try fixture.publish(2, edges: [("e", [0])])
        let path = fixture.warehouse.snapshot(bad) + "/" + file
        var bytes = try FileSystem.readAll(path)
        bytes[bytes.count / 2] ^= 0x20
        try FileSystem.remove(path)
        try FileDescriptor(path, .createNew).write(bytes)

        service.snapshots.check()
        #expect(service.snapshots.currentID == good)
        let answer = try service.get("/readyz")
        #expect(answer.status == 200)
        let refused = try JSONValue.parse(answer.body, path: "")["refused"]
        #expect(refused?["snapshot"]?.string == bad)
        #expect(refused?["reason"]?.string?.contains(file == "manifest.json" ? "" : file) != false)
        #expect(service.messages.all.contains { $0.contains("refused snapshot \(bad)") })
        #expect(try service.get("/v1/songs/\(fixture.songs[0].id.hex)/stream").status == 200)

        // Rolling back forgets it, a good one takes over.
        try fixture.point(to: good)
        service.snapshots.check()
        #expect(service.snapshots.refusal == nil)
        let next = try fixture.publish(3)
        service.snapshots.check()
        #expect(service.snapshots.currentID == next)
    }

    @Test(arguments: ["../../etc", "nonsense", "2026-11-19-00000000000f"])
    func `a link to something else is refused`(target: String) throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        try fixture.point(to: target)
        service.snapshots.check()
        #expect(service.snapshots.refusal?.target == target)
        #expect(try service.get("/readyz").status == 200)
    }

    @Test func `requests during many swaps are all answered from one snapshot or the other`()
        async throws
    {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let port = service.port
        let id = fixture.songs[0].id.hex
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let client = try TestConnection(port: port)
                    for _ in 0..<300 {
                        let answer = try client.request("GET", "/v1/songs/\(id)")
                        #expect(answer.status == 200)
                    }
                }
            }
            for number in 2..<12 {
                try fixture.publish(number)
                service.snapshots.check()
            }
            try await group.waitForAll()
        }
    }
}
