internal import Arguments
internal import HTTPServer

extension Command {
    static let spindled = Command(
        "spindled",
        summary: "serve music from the published snapshot",
        discussion: """
            Serves search, browsing, songs and a web page over HTTP from the snapshot that \
            WAREHOUSE/snapshots/current names, takes over a newer one within a second of its \
            publication, and appends what was played to the play log.
            A song that an edge of the listener's region holds is answered with a redirect to that \
            edge. The region is the request's region=… or the region header, which the proxy in \
            front must set itself and never pass on from outside.
            SIGTERM and SIGINT let running answers end first; a second one ends at once. SIGHUP looks \
            for a new snapshot now, also for one that was refused.
            """,
        options: [
            .warehouse,
            Option(
                "listen", "ADDRESS", default: "127.0.0.1:8080",
                help:
                    "Where to listen: HOST:PORT or [V6]:PORT; port 0 takes a free one and prints it"
            ),
            Option(
                "play-log", "DIR",
                help: "The folder of the play log; without it WAREHOUSE/playlog"),
            Option(
                "default-region", "REGION", default: "unknown",
                help: "The region of listeners of whom nothing else is known"),
            Option(
                "region-header", "NAME", default: "Spindle-Region",
                help: "The header in which the proxy in front names the listener's region"),
            Option(
                "edge-secret-file", "FILE",
                help:
                    "Holds the secret shared with the edges; without it every song comes from here"),
            Option(
                "edge-url-seconds", "N", default: "21600",
                help: "How long a redirect to an edge stays valid; longer than people listen"),
            Option(
                "drain-seconds", "N", default: "30",
                help: "How long running answers may take at the end"),
            Option("threads", "N", default: "2", help: "Threads that answer"),
            Option(
                "connections", "N", default: "4096", help: "Connections that may be open at a time"),
            Option("access-log", help: "Write a line of JSON to stderr for every answer"),
            Option(
                "require-snapshot", help: "Fail at the start when no valid snapshot is published"),
            Option("version", help: "Print the version"),
        ],
        exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])
}
