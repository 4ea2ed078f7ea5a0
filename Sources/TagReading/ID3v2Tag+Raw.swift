extension ID3v2Tag {
    /// All texts, pictures and damage, in the form that all kinds of tag share.
    ///
    /// Without the content of chapters, which are `ID3v2Frame.chapter`'s, and of synchronised
    /// lyrics.
    package var raw: RawTag {
        var raw = RawTag(
            kind: .id3v2(major: major), entries: [], pictures: [], damage: damage)
        for frame in frames {
            if case .damaged(let reason) = frame.status {
                raw.damage.append(
                    TagDamage(offset: frame.offset, id: frame.storedID, reason: reason))
            }
            if let picture = frame.picture() { raw.pictures.append(picture) }
            if let entry = frame.entry, !entry.values.isEmpty { raw.entries.append(entry) }
        }
        if let date = recordingDate(raw), raw.values("TDRC").isEmpty { raw.entries.append(date) }
        return raw
    }

    /// ID3v2.3's TYER (YYYY), TDAT (DDMM) and TIME (HHMM) as ID3v2.4's timestamp, as far as they
    /// are numbers: `2004`, `2004-05-17`, `2004-05-17T20:30`.
    private func recordingDate(_ raw: RawTag) -> RawTagEntry? {
        func digits(_ key: String) -> (text: String, offset: Int)? {
            for entry in raw.entries where entry.key == key {
                for value in entry.values {
                    let text = value.text.prefix { $0.isASCII && $0.isNumber }
                    if text.utf8.count >= 4 { return (String(text.prefix(4)), entry.offset) }
                }
            }
            return nil
        }
        guard let year = digits("TYER"), year.text != "0000" else { return nil }
        var date = year.text
        if let day = digits("TDAT")?.text, (1...31).contains(Int(day.prefix(2))!),
            (1...12).contains(Int(day.suffix(2))!)
        {
            date += "-\(day.suffix(2))-\(day.prefix(2))"
            if let time = digits("TIME")?.text, Int(time.prefix(2))! < 24, Int(time.suffix(2))! < 60
            {
                date += "T\(time.prefix(2)):\(time.suffix(2))"
            }
        }
        return RawTagEntry(key: "TDRC", values: [TagText(date)], offset: year.offset)
    }
}

extension ID3v2Frame {
    /// The frame's texts; nil for frames that have none.
    fileprivate var entry: RawTagEntry? {
        if hasTexts { return entry(texts()) }
        if let link = link() { return entry([TagText(link, encoding: .latin1)]) }
        switch id {
        case "TXXX", "WXXX":
            guard let (description, values) = described() else { return nil }
            return entry(values, qualifier: description)
        case "COMM", "USLT":
            guard let (language, description, values) = comment() else { return nil }
            return entry(values, qualifier: description, language: language)
        case "TIPL", "TMCL":
            return entry(people().flatMap { [$0.role, $0.name] })
        case "UFID":
            guard let (owner, id) = uniqueFileID() else { return nil }
            return entry(
                [TextDecoding.latin1(id.prefix { $0 != 0 })], qualifier: TagText(owner))
        case "POPM":
            guard let popularity = popularimeter() else { return nil }
            let numbers =
                ["\(popularity.rating)"] + (popularity.playCount.map { ["\($0)"] } ?? [])
            return entry(numbers.map { TagText($0) }, qualifier: TagText(popularity.email))
        case "PCNT":
            return playCount().map { entry([TagText("\($0)")]) }
        case "PCST":
            // Its being there says that this is a podcast.
            return entry([TagText("1")])
        case "RVA2":
            guard let volume = relativeVolume(),
                let master = volume.channels.first(where: { $0.type == 1 })
            else { return nil }
            let numbers = ["\(master.decibels)"] + (master.peak.map { ["\($0)"] } ?? [])
            return entry(
                numbers.map { TagText($0) }, qualifier: TagText(volume.identification))
        default: return nil
        }
    }

    private func entry(
        _ values: [TagText], qualifier: TagText = TagText(""), language: String = ""
    ) -> RawTagEntry {
        RawTagEntry(
            key: id, qualifier: qualifier.text.uppercased(), language: language, values: values,
            offset: offset)
    }
}
