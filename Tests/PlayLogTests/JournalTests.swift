import Storage
import Synchronization
import TestSupport
import Testing

@testable import Plays

/// Journals of blocks that end in any order are written in the order of files and blocks.
struct JournalTests {
    private struct Block {
        let file: Int
        let block: Int
        let isLast: Bool
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `journals are written in order, also those that wait`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var blocks: [Block] = []
        for file in 0..<5 {
            let count = Int.random(in: 1...30, using: &random)
            for block in 0..<count {
                blocks.append(Block(file: file, block: block, isLast: block == count - 1))
            }
        }
        // As many lines each as its place says, some with more bytes than may wait.
        let sizes = blocks.map { _ in [0, 10, 3_000_000].randomElement(using: &random)! }
        let next = Mutex(0)
        nonisolated(unsafe) var written: [String] = []
        let commit = JournalCommit { journal, file, before in
            for item in journal.items {
                written.append("\(file):\(before + item.line) \(item.range.count)")
            }
        }
        try Workers.run(4) { _ in
            while true {
                let index = next.withLock {
                    $0 += 1
                    return $0 - 1
                }
                guard index < blocks.count else { return }
                let block = blocks[index]
                var journal = BlockJournal()
                for line in 0..<block.block + 2 {
                    journal.lines += 1
                    guard sizes[index] > 0 else { continue }
                    let bytes = [UInt8](repeating: 1, count: sizes[index] / (block.block + 2))
                    bytes.withUnsafeBytes {
                        journal.add(
                            line % 2 == 0
                                ? .setAside(line)
                                : .rejected(Rejection(reason: .future, detail: "")),
                            $0)
                    }
                    if journal.isFull {
                        try commit.flush(&journal, file: block.file, block: block.block)
                        #expect(journal.items.isEmpty)
                    }
                }
                try commit.finish(
                    journal, file: block.file, block: block.block, isLast: block.isLast)
            }
        }
        var expected: [String] = []
        var lines = 0
        for (index, block) in blocks.enumerated() {
            if block.block == 0 { lines = 0 }
            for line in 1...block.block + 2 where sizes[index] > 0 {
                expected.append("\(block.file):\(lines + line) \(sizes[index] / (block.block + 2))")
            }
            lines += block.block + 2
        }
        #expect(written == expected)
    }

    @Test func `a worker that waits is told when another fails`() throws {
        let commit = JournalCommit { _, _, _ in }
        #expect(throws: JournalCommit.Stopped.self) {
            try Workers.run(2) { worker in
                if worker == 0 {
                    var journal = BlockJournal()
                    journal.lines = 1
                    [1].withUnsafeBytes { journal.add(.setAside(1), $0) }
                    try commit.flush(&journal, file: 0, block: 1)
                } else {
                    commit.stop()
                }
            }
        }
    }
}
