/// The artist that stands for many, in the spellings in which taggers and labels write it.
enum VariousArtists {
    static let name = "Various Artists"
    static let identity = "various artists"
    /// What MusicBrainz calls it (<https://musicbrainz.org/doc/Style/Unknown_and_untitled/Special_purpose_artist>).
    static let musicBrainzID = "89ad4ac3-39f7-470e-963a-56509c546377"

    /// - Parameter identity: As `UnicodeText.identity` gives it.
    static func isOne(_ identity: String) -> Bool { spellings.contains(identity) }

    private static let spellings: Set<String> = Set(
        """
        various artists|various artist|various|[various artists]|[various]|(various artists)|(various)
        va|v.a.|v.a|v/a|v. a.|va.|vv.aa.|vvaa|aa.vv.|aavv|aa. vv.|d.i.v.|div.|compilation|compilations
        various performers|various interprets|multiple artists|many artists|mixed artists
        verschiedene|verschiedene interpreten|verschiedene künstler|diverse|diverse interpreten|diverse künstler
        divers|artistes divers|artistes variés|divers artistes|divers interprètes|multi-artistes|multi-interprètes
        varios|varios artistas|varios intérpretes|varios interpretes|artistas varios
        vários|vários artistas|vários intérpretes|artistas vários|varis artistes|diversos artistes
        artisti vari|vari artisti|autori vari|interpreti vari|vari
        diversen|diverse artiesten|verschillende artiesten|diverse artister|diverse kunstnere|blandade artister
        diverse kunstnarar|ýmsir|ýmsir flytjendur|eri esittäjiä|eri artisteja|erinevad esitajad
        různí|různí interpreti|různí umělci|rôzni|rôzni interpreti|różni|różni wykonawcy|różni artyści
        razni|razni izvođači|razni izvajalci|različiti izvođači|vegyes előadók|különböző előadók|válogatás
        artiști diverși|diverși artiști|diverşi artişti|çeşitli sanatçılar|çeşitli|karışık
        разные исполнители|разные|различные исполнители|разные артисты|сборник|різні виконавці|різні
        разни изпълнители|разни извођачи|διάφοροι|διάφοροι καλλιτέχνες|διάφοροι ερμηνευτές
        אמנים שונים|שונים|فنانون متنوعون|متنوع|هنرمندان مختلف|विभिन्न कलाकार|ศิลปินรวม|รวมศิลปิน|nhiều nghệ sĩ
        ヴァリアス・アーティスト|ヴァリアス・アーティスツ|ヴァリアスアーティスト|オムニバス|v.a.(オムニバス)
        群星|合輯|合辑|华语群星|華語群星|多位艺术家|多位藝術家|여러 아티스트|여러 가수|컴필레이션
        """.split { $0 == "|" || $0 == "\n" }.map { UnicodeText.identity(String($0)) })
}
