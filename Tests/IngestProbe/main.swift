import Glibc
import Ingest
import WorkerProcesses

// A worker process of the ingest that reads as the real one does, until a file's name tells it to
// die.

private let ingest = WorkerService.Kind(IntakeService.name) {
    let handler = IntakeService.makeHandler()
    return { request in
        let text = String(decoding: request, as: UTF8.self)
        func answerAndThen(_ end: () -> Void) -> [UInt8] {
            // So that there are temporary blobs of it.
            let reply = handler(request)
            end()
            return reply
        }
        if text.contains("abort") { return answerAndThen { abort() } }
        if text.contains("leave") { return answerAndThen { exit(7) } }
        if text.contains("is-told-to-stop") {
            return answerAndThen { kill(getpid(), SIGTERM) }
        }
        if text.contains("sigbus") {
            signal(SIGBUS, SIG_DFL)
            return answerAndThen { kill(getpid(), SIGBUS) }
        }
        if text.contains("loop") { while true { _ = getpid() } }
        if text.contains("stall") { while true { pause() } }
        if text.contains("removes-next") { unlink(next(to: text)) }
        if text.contains("replaces-next") {
            rename(next(to: text) + ".other", next(to: text))
        }
        if text.contains("pipes-next") {
            unlink(next(to: text))
            mkfifo(next(to: text), 0o600)
        }
        if text.contains("nonsense") { return [1, 2, 3] }
        if text.contains("garbles") { return Array(answerAndThen {}.prefix(3)) }
        if text.contains("allocate") {
            var blocks: [[UInt8]] = []
            while true { blocks.append([UInt8](repeating: 1, count: 10_000_000)) }
        }
        return handler(request)
    }
}

/// The file `next.mp3` beside the one of the request.
private func next(to request: String) -> String {
    let path = request.split(separator: "\0").first { $0.contains("-next.mp3") } ?? ""
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/next.mp3"
}

WorkerService.run(CommandLine.arguments.dropFirst(2), kinds: [ingest])
