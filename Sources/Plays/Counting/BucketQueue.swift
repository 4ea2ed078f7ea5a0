internal import Storage
internal import Synchronization

/// Hands out the buckets of a phase to its workers.
final class BucketQueue: Sendable {
    private let next = Atomic<Int>(0)
    private let count: Int

    private init(_ count: Int) { self.count = count }

    private func take() -> Int? {
        let bucket = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return bucket < count ? bucket : nil
    }

    /// Runs `body` on each of the workers, which asks for one bucket after the other.
    static func run(
        _ buckets: Int, workers: Int, _ body: (_ worker: Int, _ next: () -> Int?) throws -> Void
    ) throws {
        let queue = BucketQueue(buckets)
        try Workers.run(workers) { worker in
            do {
                try body(worker) { queue.take() }
            } catch {
                // The others need not finish what nobody wants any more.
                queue.next.store(buckets, ordering: .relaxed)
                throw error
            }
        }
    }
}
