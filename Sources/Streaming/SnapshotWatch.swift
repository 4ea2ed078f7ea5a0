internal import HTTPServer
internal import Publication
package import Storage
internal import Synchronization

/// The snapshot that is being served, and the watch for the next.
///
/// A newer one takes over in one step once it has been verified and opened; one that does not
/// verify is refused, and what was served before stays.
package final class SnapshotWatch: Sendable {
    package struct Refusal: Sendable {
        /// What `snapshots/current` names.
        package let target: String
        package let reason: String
    }

    private struct State {
        var current: ServingSnapshot?
        var refusal: Refusal?
        var refusedAt = 0.0
    }

    /// A refused snapshot may have met a passing fault; reading it all again costs something.
    private static let secondsBetweenAttempts = 60.0

    private let warehouse: Warehouse
    private let readerCount: Int
    private let log: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter readerCount: Threads that will ask at the same time.
    package init(
        _ warehouse: Warehouse, readerCount: Int, log: @escaping @Sendable (String) -> Void
    ) {
        self.warehouse = warehouse
        self.readerCount = readerCount
        self.log = log
    }

    var current: ServingSnapshot? { state.withLock { $0.current } }
    package var currentID: String? { current?.id }
    package var refusal: Refusal? { state.withLock { $0.refusal } }

    /// Looks where `snapshots/current` points and opens what is new there. For one thread at a time.
    ///
    /// - Parameter force: Try again what was refused a moment ago.
    package func check(force: Bool = false) {
        guard let target = FileSystem.readLink(warehouse.currentSnapshotPath) else {
            // Before the first publication. Later it does not happen: the link is swapped by rename.
            return
        }
        let now = monotonicSeconds()
        let isDue = state.withLock { state in
            if state.current?.id == target {
                // Rolled back to what is served: whatever was refused is nobody's wish any more.
                state.refusal = nil
                return false
            }
            return force || state.refusal?.target != target
                || now - state.refusedAt > Self.secondsBetweenAttempts
        }
        guard isDue else { return }
        do {
            guard SnapshotManifest.isValidID(target) else {
                throw FormatError(warehouse.currentSnapshotPath, "names no snapshot: '\(target)'")
            }
            let opened = try ServingSnapshot(
                directory: warehouse.snapshot(target), readerCount: readerCount)
            // The former one is released outside the lock, and closes when its last request is done.
            let former = state.withLock { state in
                defer {
                    state.current = opened
                    state.refusal = nil
                }
                return state.current
            }
            log(
                "serving snapshot \(opened.id) of \(opened.manifest.songCount) songs"
                    + (former.map { " instead of \($0.id)" } ?? ""))
        } catch {
            let reason = (error as? any Diagnosed)?.message ?? "\(error)"
            let kept = state.withLock { state in
                state.refusal = Refusal(target: target, reason: reason)
                state.refusedAt = now
                return state.current?.id
            }
            log(
                "refused snapshot \(target): \(reason); "
                    + (kept.map { "still serving \($0)" } ?? "serving none"))
        }
    }
}
