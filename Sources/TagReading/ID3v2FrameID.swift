/// The ids of frames: which are known, and what they are called in ID3v2.4.
enum ID3v2FrameID {
    /// Four bytes as one number; ID3v2.2's three, and those with a NUL or space behind, end in 0.
    typealias Packed = UInt32

    static func pack(_ text: String) -> Packed {
        var packed: Packed = 0
        for byte in text.utf8.prefix(4) { packed = packed << 8 | Packed(byte) }
        return text.utf8.count == 3 ? packed << 8 : packed
    }

    static func string(_ packed: Packed) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: packed >> (24 - 8 * $0)) }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// ID3v2.3 and 2.4, and what iTunes and others added.
    private static let late = """
        AENC APIC ASPI CHAP COMM COMR CTOC ENCR EQU2 EQUA ETCO GEOB GRID GRP1 IPLS LINK MCDI MLLT
        MVIN MVNM NCON OWNE PCNT PCST POPM POSS PRIV RBUF RGAD RVA2 RVAD RVRB SEEK SIGN SYLT SYTC
        TALB TBPM TCAT TCMP TCOM TCON TCOP TDAT TDEN TDES TDLY TDOR TDRC TDRL TDTG TENC TEXT TFLT
        TGID TIME TIPL TIT1 TIT2 TIT3 TKEY TKWD TLAN TLEN TMCL TMED TMOO TOAL TOFN TOLY TOPE TORY
        TOWN TPE1 TPE2 TPE3 TPE4 TPOS TPRO TPUB TRCK TRDA TRSN TRSO TSIZ TSO2 TSOA TSOC TSOP TSOT
        TSRC TSSE TSST TXXX TYER UFID USER USLT WCOM WCOP WFED WOAF WOAR WOAS WORS WPAY WPUB WXXX
        XDOR XRVA XSOA XSOP XSOT
        """

    /// ID3v2.2 (section 4) and iTunes' own, each before its later name.
    private static let early = """
        BUF RBUF CNT PCNT COM COMM CRA AENC ETC ETCO EQU EQUA GEO GEOB GP1 GRP1 IPL TIPL LNK LINK
        MCI MCDI MLL MLLT MVI MVIN MVN MVNM PCS PCST PIC APIC POP POPM REV RVRB RVA RVAD SLT SYLT
        STC SYTC TAL TALB TBP TBPM TCM TCOM TCO TCON TCP TCMP TCR TCOP TCT TCAT TDA TDAT TDR TDRL
        TDS TDES TDY TDLY TEN TENC TFT TFLT TID TGID TIM TIME TKE TKEY TKW TKWD TLA TLAN TLE TLEN
        TMT TMED TOA TOPE TOF TOFN TOL TOLY TOR TDOR TOT TOAL TP1 TPE1 TP2 TPE2 TP3 TPE3 TP4 TPE4
        TPA TPOS TPB TPUB TRC TSRC TRD TRDA TRK TRCK TS2 TSO2 TSA TSOA TSC TSOC TSI TSIZ TSP TSOP
        TSS TSSE TST TSOT TT1 TIT1 TT2 TIT2 TT3 TIT3 TXT TEXT TXX TXXX TYE TYER UFI UFID ULT USLT
        WAF WOAF WAR WOAR WAS WOAS WCM WCOM WCP WCOP WFD WFED WPB WPUB WXX WXXX
        """

    /// ID3v2.3's names, and those that taggers gave ID3v2.4's frames in ID3v2.3 tags.
    private static let renamed =
        "IPLS TIPL TORY TDOR XDOR TDOR XRVA RVA2 XSOA TSOA XSOP TSOP XSOT TSOT"

    private static func words(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    private static let known: Set<Packed> = {
        let names = words(early)
        return Set(
            (words(late) + stride(from: 0, to: names.count, by: 2).map { names[$0] }).map(pack))
    }()

    private static let laterNames: [Packed: String] = {
        let names = words(early) + words(renamed)
        return Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: names.count, by: 2).map {
                (pack(names[$0]), names[$0 + 1])
            })
    }()

    static func isKnown(_ id: Packed) -> Bool { known.contains(id) }

    /// The name in ID3v2.4; an id without one keeps its own.
    static func normalised(_ id: Packed) -> String { laterNames[id] ?? string(id) }

    /// Frames that hold frames.
    static func holdsFrames(_ id: Packed) -> Bool { id == chapter || id == contents }

    static let picture = pack("APIC")
    static let chapter = pack("CHAP")
    static let contents = pack("CTOC")
    static let synchronisedLyrics = pack("SYLT")
    static let earlySynchronisedLyrics = pack("SLT")
    static let eventTimes = pack("ETCO")
    static let earlyEventTimes = pack("ETC")
    static let grouping = pack("GRP1")
    static let earlyGrouping = pack("GP1")

    static func isDescribedLink(_ id: Packed) -> Bool {
        id == describedLinks.0 || id == describedLinks.1 || id == podcastFeeds.0
            || id == podcastFeeds.1
    }
    static func isUnsynchronisedLyrics(_ id: Packed) -> Bool { id == lyrics.0 || id == lyrics.1 }
    static func isComment(_ id: Packed) -> Bool { id == comments.0 || id == comments.1 }
    static func isMovement(_ id: Packed) -> Bool { movements.contains(id) }

    private static let describedLinks = (pack("WXXX"), pack("WXX"))
    /// A text frame, its name notwithstanding.
    private static let podcastFeeds = (pack("WFED"), pack("WFD"))
    private static let lyrics = (pack("USLT"), pack("ULT"))
    private static let comments = (pack("COMM"), pack("COM"))
    private static let movements = ["MVNM", "MVIN", "MVN", "MVI"].map(pack)
}
