internal import Glibc

/// Signals that are waited for instead of interrupting (sigwaitinfo(2)).
struct Signals {
    private var set = sigset_t()

    /// Blocks the signals for this thread and those that it will make.
    init(_ signals: [Int32]) {
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A listener who goes away in the middle of an answer is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        // A limit on file sizes (ulimit -f) is an error of write(2) like a full disk.
        signal(SIGXFSZ, SIG_IGN)
    }

    func wait() -> Int32 {
        var set = set
        while true {
            let signal = sigwaitinfo(&set, nil)
            if signal > 0 { return signal }
        }
    }

    /// - Returns: nil when none came in time.
    func wait(milliseconds: Int) -> Int32? {
        var set = set
        var limit = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        let signal = sigtimedwait(&set, nil, &limit)
        return signal > 0 ? signal : nil
    }
}
