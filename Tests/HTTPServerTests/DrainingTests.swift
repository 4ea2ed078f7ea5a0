import Glibc
import HTTPServer
import HTTPTestClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct `A server that stops accepting` {
    // In processes of their own, because what went wrong was an abort inside libmicrohttpd: with a
    // thread awake for a client at the very moment, the likelier the more threads there are.
    @Test(arguments: [2, 8, 32, 32])
    func `clients that keep connecting cannot make a drain fail`(threads: Int) async {
        await #expect(processExitsWith: .success) { [threads] in
            try drainAgainAndAgain(rounds: 50, threads: threads, clientCount: 4)
        }
    }

    @Test(arguments: [1, 2])
    func `beyond the limit a client waits until another leaves`(threads: Int) throws {
        let server = try server(threads: threads, connectionLimit: 2)
        let first = try TestConnection(port: server.port)
        let second = try TestConnection(port: server.port)
        #expect(try first.request("GET", "/").text == "done")
        #expect(try second.request("GET", "/").text == "done")
        try withExtendedLifetime(second) {
            let third = try TestConnection(port: server.port, timeoutSeconds: 1)
            #expect(throws: ConnectionFailure.self) { try third.request("GET", "/") }
            #expect(try first.request("GET", "/", ["Connection: close"]).text == "done")
            #expect(try third.readResponse().text == "done")
        }
        server.stop()
    }

    @Test func `a server at its limit drains like any other`() throws {
        let server = try server(threads: 2, connectionLimit: 1)
        let only = try TestConnection(port: server.port)
        #expect(try only.request("GET", "/").text == "done")
        let waiting = try TestConnection(port: server.port)
        server.quiesce()
        #expect(throws: ConnectionFailure.self) { try TestConnection(port: server.port) }
        #expect(throws: ConnectionFailure.self) { try waiting.request("GET", "/") }
        #expect(try only.request("GET", "/").header("Connection")?.lowercased() == "close")
        #expect(server.drain(limitSeconds: 10) == 0)
        server.stop()
    }
}

private func server(threads: Int, connectionLimit: Int) throws -> WebServer {
    var configuration = WebServer.Configuration()
    configuration.threads = threads
    configuration.connectionLimit = connectionLimit
    return try WebServer(configuration) { _ in
        HTTPResponse(status: 200, body: .bytes(Array("done".utf8)))
    }
}

/// Starts and drains one server after the other while clients connect to whichever there is.
private func drainAgainAndAgain(rounds: Int, threads: Int, clientCount: Int) throws {
    let current = CurrentServer()
    // Threads of its own: tasks that block would keep others from running.
    var clients: [pthread_t] = []
    for _ in 0..<clientCount {
        var thread = pthread_t()
        pthread_create(&thread, nil, useServers, Unmanaged.passUnretained(current).toOpaque())
        clients.append(thread)
    }
    for _ in 0..<rounds {
        let server = try server(threads: threads, connectionLimit: 4096)
        let enough = current.answers.load(ordering: .relaxed) + 2 * clientCount
        current.port.store(server.port, ordering: .relaxed)
        while current.answers.load(ordering: .relaxed) < enough { usleep(200) }
        #expect(server.drain(limitSeconds: 10) == 0)
        server.stop()
    }
    current.port.store(0, ordering: .relaxed)
    for client in clients { pthread_join(client, nil) }
}

private final class CurrentServer: Sendable {
    /// -1 before there is one, 0 once there will be no other.
    let port = Atomic<Int>(-1)
    let answers = Atomic<Int>(0)

    /// Connects, asks twice and closes, over and over. Being refused or cut off is part of it.
    func useUntilTheEnd() {
        while case let port = self.port.load(ordering: .relaxed), port != 0 {
            guard port > 0, let connection = try? TestConnection(port: port) else {
                usleep(100)
                continue
            }
            for _ in 0..<2 where (try? connection.request("GET", "/"))?.text == "done" {
                answers.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }
}

private func useServers(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<CurrentServer>.fromOpaque(context!).takeUnretainedValue().useUntilTheEnd()
    return nil
}
