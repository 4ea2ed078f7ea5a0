internal import Glibc

/// A lock that can be waited on until what it guards has changed (Hoare's and Mesa's monitor).
///
/// `Synchronization` has no condition to wait for.
package final class Monitor: @unchecked Sendable {
    // The two are only handed to pthread's functions.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    package func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Gives the lock up until somebody calls `wakeAll`, and has it again on return; only within `locked`.
    package func wait() { pthread_cond_wait(changed, mutex) }

    package func wakeAll() { pthread_cond_broadcast(changed) }

    /// Within `locked`: gives the lock up for the time of `body`.
    package func unlocked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_unlock(mutex)
        defer { pthread_mutex_lock(mutex) }
        return try body()
    }
}
