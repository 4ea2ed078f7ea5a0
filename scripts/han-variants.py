#!/usr/bin/env python3
"""Writes Sources/Search/HanVariants.swift: which simplified character stands for a traditional one.

Needs uconv (Debian's icu-devtools): ICU's transliterator Hant-Hans, whose data is CLDR's.
"""

import pathlib
import subprocess

RANGES = [(0x3400, 0x4dc0), (0x4e00, 0xa000)]
PAIRS_IN_LINE = 44

letters = [chr(code) for first, end in RANGES for code in range(first, end)]
answer = subprocess.run(["uconv", "-f", "utf-8", "-t", "utf-8", "-x", "Hant-Hans"],
                        input="\n".join(letters), capture_output=True, text=True, check=True).stdout
pairs = [a + b for a, b in zip(letters, answer.split("\n"), strict=True) if a != b]
assert all(len(pair) == 2 for pair in pairs)
lines = ["".join(pairs[start:start + PAIRS_IN_LINE]) for start in range(0, len(pairs), PAIRS_IN_LINE)]
text = '''/// Traditional Chinese characters and the simplified ones that stand for them, one to one.
///
/// Made by `scripts/han-variants.py` from ICU's transliterator Hant-Hans, which is CLDR's data
/// (Unicode License v3). Japanese forms of characters are none of these.
enum HanVariants {
    private static let first: UInt32 = 0x3400

    /// By the character's distance from the first one; 0 where it stays.
    private static let table: [UInt16] = {
        var table = [UInt16](repeating: 0, count: 0xa000 - Int(first))
        var traditional: UInt32?
        for scalar in pairs.unicodeScalars where scalar.value >= first {
            if let from = traditional {
                table[Int(from - first)] = UInt16(scalar.value)
                traditional = nil
            } else {
                traditional = scalar.value
            }
        }
        return table
    }()

    /// - Parameter value: A character of the blocks from U+3400 to U+9FFF.
    static func simplified(_ value: UInt32) -> UInt32 {
        let other = table[Int(value - first)]
        return other == 0 ? value : UInt32(other)
    }

    private static let pairs = """
''' + "".join(f"        {line}\n" for line in lines) + '''        """
}
'''
path = pathlib.Path(__file__).resolve().parent.parent / "Sources/Search/HanVariants.swift"
path.write_text(text, encoding="utf-8")
print(f"{path.name}: {len(pairs)} pairs")
