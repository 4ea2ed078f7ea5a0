import Glibc
import HTTPServer
import HTTPTestClient
import Publication
import Storage
import Streaming
import Synchronization

/// The service behind a real server on loopback, on a warehouse of its own.
final class TestService {
    let fixture: TestWarehouse
    let snapshots: SnapshotWatch
    let service: StreamingService
    let server: WebServer
    let messages = Messages()
    var port: Int { server.port }
    var playLogPath: String { fixture.warehouse.playLogPath }

    final class Messages: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    init(
        _ fixture: TestWarehouse, region: String = "unknown", secret: String? = nil
    ) throws {
        self.fixture = fixture
        let messages = messages
        snapshots = SnapshotWatch(fixture.warehouse, readerCount: 2) { messages.add($0) }
        snapshots.check()
        var configuration = StreamingService.Configuration()
        configuration.defaultRegion = region
        configuration.signer = secret.map { EdgeURLSigner(secret: $0, lifetimeSeconds: 3600) }
        let service = StreamingService(
            fixture.warehouse, configuration, snapshots: snapshots,
            playLog: try PlayLog(directory: fixture.warehouse.playLogPath, host: "test")
        ) { messages.add($0) }
        self.service = service
        server = try WebServer(WebServer.Configuration()) { service.respond(to: $0) }
    }

    deinit { server.stop() }

    func get(_ target: String, _ headers: [String] = []) throws -> TestResponse {
        try TestConnection.request(port: port, "GET", target, headers)
    }

    func request(_ method: String, _ target: String, _ headers: [String] = [], body: String? = nil)
        throws -> TestResponse
    {
        try TestConnection.request(
            port: port, method, target, headers, body: body.map { Array($0.utf8) })
    }

    func json(_ target: String) throws -> JSONValue {
        let answer = try get(target)
        guard answer.status == 200 else {
            throw ConnectionFailure("\(target): \(answer.status) \(answer.text)")
        }
        return try JSONValue.parse(answer.body, path: target)
    }

    struct ConnectionFailure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Today's lines of the play log.
    func playLogLines() throws -> [String] {
        let path = "\(playLogPath)/date=\(CalendarDate.today)/spindled-test.ndjson"
        return try FileSystem.readText(path).split(separator: "\n").map(String.init)
    }
}
