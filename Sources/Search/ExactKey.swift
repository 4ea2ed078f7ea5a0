/// The number under which a title or name is found as a whole.
enum ExactKey {
    /// FNV-1a over the bytes, without its sign bit, so that keys are short and positive.
    /// <http://www.isthe.com/chongo/tech/comp/fnv/>
    static func hash(_ text: some Collection<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash ^ hash >> 32
    }

    /// 40 bits: what is found is looked at, so a meeting of two costs a look.
    static func key(_ plain: some Collection<UInt8>) -> Int { Int(hash(plain) & 0xff_ffff_ffff) }

    /// A name without its article, a title without what is in brackets behind it.
    static func short(_ plain: ArraySlice<UInt8>, kind: SearchKind) -> ArraySlice<UInt8> {
        kind == .artists && plain.count > 4 && plain.starts(with: article)
            ? plain.dropFirst(article.count) : plain
    }

    private static let article = Array("the ".utf8)
}
