import Glibc
import HTTPServer
import HTTPTestClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `The server over real connections` {
    private func echo(_ change: (inout WebServer.Configuration) -> Void = { _ in }) throws
        -> WebServer
    {
        var configuration = WebServer.Configuration()
        change(&configuration)
        return try WebServer(configuration) { request in
            HTTPResponse(
                status: 200,
                headers: [
                    HTTPHeader("X-Path", request.path.joined(separator: "|").isEmpty ? "-" : "ok")
                ],
                body: .bytes(
                    Array("\(request.method) \(request.target) \(request.body.count)".utf8)))
        }
    }

    @Test func `a thousand requests on several connections are all answered`() async throws {
        let server = try echo()
        let port = server.port
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in 0..<8 {
                group.addTask {
                    let client = try TestConnection(port: port)
                    for number in 0..<125 {
                        let target = "/\(connection)/\(number)"
                        let answer = try client.request("GET", target)
                        #expect(answer.status == 200)
                        #expect(answer.text == "GET \(target) 0")
                    }
                }
            }
            try await group.waitForAll()
        }
        server.stop()
    }

    @Test func `pipelined requests are answered in their order`() throws {
        let server = try echo()
        let client = try TestConnection(port: server.port)
        try client.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: t\r\n\r\n" }.joined())
        for number in 0..<20 { #expect(try client.readResponse().text == "GET /\(number) 0") }
        server.stop()
    }

    @Test(arguments: [(0, 200), (1000, 200), (1001, 413), (5_000_000, 413)])
    func `a body has a limit`(bytes: Int, status: Int) throws {
        let server = try echo { $0.bodyLimitBytes = 1000 }
        let client = try TestConnection(port: server.port)
        try client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: \(bytes)\r\n\r\n")
        // The refusal comes before the body; sending on is then allowed to fail.
        try? client.send([UInt8](repeating: 65, count: min(bytes, 2000)))
        let answer = try client.readResponse()
        #expect(answer.status == status)
        if status == 200 { #expect(answer.text == "POST /p \(bytes)") }
        server.stop()
    }

    @Test(arguments: [(10, 200), (400, 413)])
    func `a chunked body has the same limit`(chunks: Int, status: Int) throws {
        let server = try echo { $0.bodyLimitBytes = 1000 }
        let client = try TestConnection(port: server.port)
        try client.send("POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "a\r\n0123456789\r\n"
        try client.send(String(repeating: chunk, count: chunks) + "0\r\n\r\n")
        let answer = try client.readResponse()
        #expect(answer.status == status)
        if status == 200 { #expect(answer.text == "POST /p 100") }
        server.stop()
    }

    @Test func `what is malformed or too long is refused and the server lives on`() throws {
        let server = try echo()
        let port = server.port
        #expect(try TestConnection.request(port: port, "GET", "/%00").status == 400)
        #expect(try TestConnection.request(port: port, "GET", "/a%0d%0aX:y").status == 400)
        let long = String(repeating: "a", count: 40_000)
        #expect(try TestConnection.request(port: port, "GET", "/" + long).status == 414)
        #expect(try TestConnection.request(port: port, "GET", "/", ["X: " + long]).status == 431)
        let raw = try TestConnection(port: port)
        try raw.send("\u{16}\u{03}\u{01} nonsense\r\n\r\n\r\n")
        _ = try? raw.readHead()
        let old = try TestConnection(port: port)
        try old.send("GET / HTTP/1.1\r\n\r\n")
        #expect(try old.readResponse().status == 400)  // no Host
        #expect(try TestConnection.request(port: port, "GET", "/fine").status == 200)
        server.stop()
    }

    @Test func `a header cannot be made to end early`() throws {
        let server = try WebServer(WebServer.Configuration()) { _ in
            .redirect(to: "/x\r\nSet-Cookie: evil=1")
        }
        let answer = try TestConnection.request(port: server.port, "GET", "/")
        #expect(answer.status == 500)
        #expect(answer.header("Set-Cookie") == nil)
        server.stop()
    }

    @Test func `a request that drips in is cut off, a slow answer is not`() throws {
        let server = try echo {
            $0.idleTimeoutSeconds = 1
            $0.requestTimeoutSeconds = 1
        }
        let client = try TestConnection(port: server.port)
        var sent = 0
        for byte in Array(
            "GET /slow HTTP/1.1\r\nHost: t\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8)
        {
            usleep(200_000)
            guard (try? client.send([byte])) != nil else { break }
            sent += 1
        }
        // Two seconds are allowed, the watch looks each second, and a send may still succeed once.
        #expect((8...25).contains(sent), "\(sent) bytes at five a second")
        server.stop()
    }

    @Test func `draining refuses connections and lets the running answer end`() async throws {
        let entered = Mutex(false)
        let server = try WebServer(WebServer.Configuration()) { _ in
            entered.withLock { $0 = true }
            usleep(500_000)
            return HTTPResponse(status: 200, body: .bytes(Array("done".utf8)))
        }
        let port = server.port
        let client = try TestConnection(port: port)
        try client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        while !entered.withLock({ $0 }) { usleep(1_000) }
        #expect(server.runningResponses == 1)
        server.quiesce()
        #expect(throws: ConnectionFailure.self) {
            try TestConnection.request(port: port, "GET", "/")
        }
        #expect(server.drain(limitSeconds: 10) == 0)
        server.stop()
        let answer = try client.readResponse()
        #expect(answer.text == "done")
        #expect(answer.header("Connection")?.lowercased() == "close")
        #expect(client.isClosed())
    }

    @Test func `an address in use is told as such`() throws {
        let server = try echo()
        #expect {
            var configuration = WebServer.Configuration()
            configuration.address = server.address
            _ = try WebServer(configuration) { _ in HTTPResponse(status: 200) }
        } throws: { "\($0)".contains("\(server.address): cannot listen: Address already in use") }
        server.stop()
    }

    @Test(arguments: ["foo", "127.0.0.1", ":80910", "127.0.0.1:http"])
    func `what is no address is the caller's mistake`(address: String) {
        #expect {
            var configuration = WebServer.Configuration()
            configuration.address = address
            _ = try WebServer(configuration) { _ in HTTPResponse(status: 200) }
        } throws: { ($0 as? HTTPServerError)?.isMalformedAddress == true }
    }
}
