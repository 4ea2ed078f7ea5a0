internal import Catalog
internal import HTTPServer
internal import Publication
internal import Storage

extension StreamingService {
    /// The process lives; nothing more.
    func health() -> HTTPResponse {
        status(200) { $0.field("status", "ok") }
    }

    /// Whether listeners should be sent here.
    func readiness() -> HTTPResponse {
        let snapshot = snapshots.current
        let refusal = snapshots.refusal
        let reason =
            isDraining
            ? "draining"
            : snapshot == nil ? (refusal == nil ? "no snapshot" : "no valid snapshot") : nil
        return status(reason == nil ? 200 : 503) {
            $0.field("ready", reason == nil)
            if let reason { $0.field("reason", reason) }
            $0.field("snapshot", snapshot?.id)
            if let refusal {
                $0.object("refused") {
                    $0.field("snapshot", refusal.target)
                    $0.field("reason", refusal.reason)
                }
            }
        }
    }

    func snapshot(_ request: HTTPRequest) throws -> HTTPResponse {
        let snapshot = try serving()
        return try metadata(request, snapshot) { json, reader in
            let counts = try reader.counts()
            json.field("id", snapshot.id)
            json.field("date", snapshot.manifest.date.description)
            json.field("plan_date", snapshot.manifest.planDate.description)
            json.field("songs", counts.songs)
            json.field("albums", counts.albums)
            json.field("artists", counts.artists)
            json.field("genres", counts.genres)
            json.array("edges") { json in
                for edge in snapshot.edges {
                    json.object {
                        $0.field("edge", edge.edge)
                        $0.field("region", edge.region)
                        $0.field("songs", edge.songCount)
                    }
                }
            }
        }
    }

    /// The region that this very listener is taken to be in, and those that have a chart.
    func region(_ request: HTTPRequest) throws -> HTTPResponse {
        let region = try self.region(of: request)
        return status(200) {
            $0.field("region", region)
            $0.field("regions", snapshots.current?.regions ?? [])
        }
    }

    /// An answer about this moment, which nobody must keep.
    private func status(_ status: Int, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var json = JSONWriter()
        json.object { write(&$0) }
        json.newline()
        return .json(
            json.bytes, status: status, headers: [HTTPHeader("Cache-Control", "no-store")])
    }
}
