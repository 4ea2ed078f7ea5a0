internal import CLinux
internal import Glibc
package import Storage

/// Tells when something has happened in source folders (inotify(7)), not what: a scan finds that
/// out, so that moves, new folders and a queue that overflows are no cases of their own.
package final class SourceWatch {
    /// How well a source is watched.
    package enum State: Equatable, Sendable {
        case watched
        /// Not, or not all of it, with the reason and what to do.
        case unwatched(reason: String, hint: String)
        /// The folder is not there, or cannot be listed.
        case missing(String)
    }

    private struct Source {
        let source: IngestSource
        var state: State?
        /// Device and inode of the folder: another file system may be mounted there.
        var identity: [UInt64]?
        var folders: Set<Int32> = []
    }

    private struct LimitReached: Error {}

    /// Readable when something has happened; -1 when inotify has no instance left.
    package let descriptor: Int32
    private let openError: Int32
    private var sources: [Source]
    private let warehouse: Warehouse
    /// The sources that a watch is for: links may lead from one into another.
    private var owners: [Int32: Set<Int>] = [:]

    package init(_ sources: [IngestSource], _ warehouse: Warehouse) {
        self.warehouse = warehouse
        self.sources = sources.map { Source(source: $0) }
        descriptor = spindle_watch_open()
        openError = errno
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// As `refresh` found it; nil before.
    package func state(_ index: Int) -> State? { sources[index].state }

    /// Takes what has happened so far.
    ///
    /// - Returns: The sources, by index, in which something has.
    package func takeEvents() -> Set<Int> {
        var touched: Set<Int> = []
        guard descriptor >= 0 else { return [] }
        var events = [spindle_watch_event](repeating: spindle_watch_event(), count: 512)
        while true {
            let count = spindle_watch_take(descriptor, &events, events.count)
            if count == 0 { return touched }
            for event in events[..<count] {
                if event.watch < 0 {
                    touched.formUnion(sources.indices)
                } else if let own = owners[event.watch] {
                    touched.formUnion(own)
                    if event.ended != 0 {
                        owners[event.watch] = nil
                        for index in own { sources[index].folders.remove(event.watch) }
                    }
                }
            }
        }
    }

    /// The sources whose folder has come, gone or been replaced since this was last asked: a mount
    /// says nothing to those who watch what it covers.
    package func takeReplacedSources() -> Set<Int> {
        Set(
            sources.indices.filter { index in
                let now = identity(of: index)
                defer { sources[index].identity = now }
                return now != sources[index].identity
            })
    }

    /// Watches the folders of a source that are there now, and no others.
    ///
    /// To be called before a scan: what comes after the watch is told, what came before is seen.
    ///
    /// - Complexity: A scan.
    /// - Returns: Whether there were folders that were not watched yet.
    package func refresh(_ index: Int) -> Bool {
        sources[index].identity = identity(of: index)
        let source = sources[index].source
        let before = sources[index].folders
        var found: Set<Int32> = []
        // A watch on the warehouse would tell of each run that it causes.
        let boundary = ScanBoundary(warehouse, sources.map(\.source))
        var scan = SourceScan(
            root: source.path, filter: source.filter, avoiding: boundary.avoided(by: source))
        scan.entering = { [descriptor] path in
            guard descriptor >= 0 else { throw LimitReached() }
            let watch = (path + [0]).withUnsafeBufferPointer {
                $0.withMemoryRebound(to: CChar.self) {
                    spindle_watch_folder(descriptor, $0.baseAddress!)
                }
            }
            if watch >= 0 {
                found.insert(watch)
            } else if errno == ENOSPC || errno == ENOMEM {
                throw LimitReached()
            }
            // Any other folder is gone again, or is one that the scan tells of.
        }
        do {
            try scan.forEach { _ in
            } obstacle: { _ in
            }
            sources[index].state = isRemote(source.path) ? Self.remote : .watched
        } catch is LimitReached {
            sources[index].state = limit
        } catch {
            sources[index].state = .missing("\(error)")
        }
        for watch in found { owners[watch, default: []].insert(index) }
        for watch in before.subtracting(found) {
            owners[watch]?.remove(index)
            guard owners[watch]?.isEmpty == true else { continue }
            owners[watch] = nil
            spindle_watch_remove(descriptor, watch)
        }
        sources[index].folders = found
        return !found.isSubset(of: before)
    }

    private func identity(of index: Int) -> [UInt64]? {
        let status = try? FileStatus.of(sources[index].source.path)
        return status.map { [$0.device, $0.inode] }
    }

    // MARK: What cannot be watched

    private var limit: State {
        if descriptor < 0, openError != ENOSPC, openError != ENOMEM {
            return .unwatched(
                reason: "inotify: \(String(cString: strerror(openError)))",
                hint:
                    "raise fs.inotify.max_user_instances: sysctl -w fs.inotify.max_user_instances=1024"
            )
        }
        let now = (try? FileSystem.readText("/proc/sys/fs/inotify/max_user_watches")) ?? "?"
        return .unwatched(
            reason: "more folders than inotify may watch",
            hint: """
                raise fs.inotify.max_user_watches (now \(now.filter(\.isNumber)), one for each \
                folder): sysctl -w fs.inotify.max_user_watches=1048576
                """)
    }

    private static let remote = State.unwatched(
        reason: "a network file system, on which inotify sees only what this machine writes",
        hint: "run it on the machine that has the disk, or set --rescan")

    /// NFS, SMB (three numbers) and 9P, by the f_type of statfs(2).
    private func isRemote(_ path: String) -> Bool {
        [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997].contains(
            spindle_file_system_type(path))
    }
}
