#include "CTagLibProperties.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <taglib/apefooter.h>
#include <taglib/apetag.h>
#include <taglib/attachedpictureframe.h>
#include <taglib/chapterframe.h>
#include <taglib/commentsframe.h>
#include <taglib/fileref.h>
#include <taglib/id3v2framefactory.h>
#include <taglib/id3v2header.h>
#include <taglib/id3v2tag.h>
#include <taglib/mpegfile.h>
#include <taglib/podcastframe.h>
#include <taglib/popularimeterframe.h>
#include <taglib/relativevolumeframe.h>
#include <taglib/synchronizedlyricsframe.h>
#include <taglib/taglib.h>
#include <taglib/textidentificationframe.h>
#include <taglib/tiostream.h>
#include <taglib/uniquefileidentifierframe.h>
#include <taglib/unknownframe.h>
#include <taglib/unsynchronizedlyricsframe.h>
#include <taglib/urllinkframe.h>

namespace {

#if TAGLIB_MAJOR_VERSION >= 2
using Offset = TagLib::offset_t;
using InsertOffset = TagLib::offset_t;
using Count = size_t;
#else
using Offset = long;
using InsertOffset = unsigned long;
using Count = unsigned long;
#endif

// In TagLib 1 the C bindings' TagLib_File is a TagLib::File, in TagLib 2 a TagLib::FileRef.
TagLib::File *underlying(const TagLib_File *file) {
#if TAGLIB_MAJOR_VERSION >= 2
    return reinterpret_cast<const TagLib::FileRef *>(file)->file();
#else
    return const_cast<TagLib::File *>(reinterpret_cast<const TagLib::File *>(file));
#endif
}

// ByteVectorStream would copy all of it.
class PartsStream final : public TagLib::IOStream {
public:
    PartsStream(const char *first, size_t firstSize, const char *second, size_t secondSize)
        : first(first), second(second), firstSize(firstSize), secondSize(secondSize) {}

    // TagLib 2 finds the format by the name.
    TagLib::FileName name() const override { return "parts.mp3"; }

    TagLib::ByteVector readBlock(Count length) override {
        const size_t size = firstSize + secondSize;
        const size_t start = std::min(static_cast<size_t>(position), size);
        const size_t count = std::min(static_cast<size_t>(length), size - start);
        position = static_cast<Offset>(start + count);
        if (start + count <= firstSize) {
            TagLib::ByteVector block(first + start, static_cast<unsigned int>(count));
            if (count > largest.size()) {
                largest = block;
                largestStart = start;
            }
            return block;
        }
        if (start >= firstSize) {
            return TagLib::ByteVector(
                second + (start - firstSize), static_cast<unsigned int>(count));
        }
        TagLib::ByteVector result(first + start, static_cast<unsigned int>(firstSize - start));
        result.append(TagLib::ByteVector(
            second, static_cast<unsigned int>(count - (firstSize - start))));
        return result;
    }

    void writeBlock(const TagLib::ByteVector &) override {}
    void insert(const TagLib::ByteVector &, InsertOffset, Count) override {}
    void removeBlock(InsertOffset, Count) override {}
    bool readOnly() const override { return true; }
    bool isOpen() const override { return true; }

    void seek(Offset offset, Position from) override {
        if (from == Current) offset += position;
        if (from == End) offset += length();
        position = std::max(offset, static_cast<Offset>(0));
    }

    Offset tell() const override { return position; }
    Offset length() override { return static_cast<Offset>(firstSize + secondSize); }
    void truncate(Offset) override {}

    // Where bytes stand that TagLib has cut out of a block, which it does without copying; or -1.
    // The largest block is the tag's.
    int64_t offsetOf(const char *data, size_t size) const {
        const uintptr_t start = reinterpret_cast<uintptr_t>(
            static_cast<const TagLib::ByteVector &>(largest).data());
        const uintptr_t place = reinterpret_cast<uintptr_t>(data);
        if (place < start || place - start > largest.size()) return -1;
        if (size > largest.size() - (place - start)) return -1;
        return static_cast<int64_t>(largestStart + (place - start));
    }

private:
    const char *const first, *const second;
    const size_t firstSize, secondSize;
    Offset position = 0;
    // Held, so that no other block can take its place in memory.
    TagLib::ByteVector largest;
    size_t largestStart = 0;
};

class Records {
public:
    std::string bytes;
    const PartsStream *stream;

    explicit Records(const PartsStream *stream) : stream(stream) {}

    void byte(int value) { bytes.push_back(static_cast<char>(value)); }
    void word(uint32_t value) { bytes.append(reinterpret_cast<const char *>(&value), 4); }
    void longWord(uint64_t value) { bytes.append(reinterpret_cast<const char *>(&value), 8); }

    void text(const char *content, size_t count) {
        word(static_cast<uint32_t>(count));
        bytes.append(content, count);
    }
    void text(const char *content) { text(content, std::strlen(content)); }
    void text(const std::string &content) { text(content.data(), content.size()); }

    // String::to8Bit gives nothing at all for a text with half a surrogate pair.
    void text(const TagLib::String &string) {
        const size_t sizeAt = bytes.size();
        word(0);
        const wchar_t *units = string.toCWString();
        const size_t count = string.size();
        for (size_t index = 0; index < count; ++index) {
            uint32_t scalar = static_cast<uint32_t>(units[index]);
            if (scalar < 0x80) {
                byte(static_cast<int>(scalar));
                continue;
            }
            if (scalar >= 0xd800 && scalar < 0xe000) {
                const uint32_t next = index + 1 < count ? static_cast<uint32_t>(units[index + 1]) : 0;
                if (scalar < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
                    scalar = 0x10000 + ((scalar - 0xd800) << 10) + (next - 0xdc00);
                    ++index;
                } else {
                    scalar = 0xfffd;
                }
            }
            utf8(scalar > 0x10ffff ? 0xfffd : scalar);
        }
        const uint32_t size = static_cast<uint32_t>(bytes.size() - sizeAt - 4);
        std::memcpy(bytes.data() + sizeAt, &size, 4);
    }

    // Of bytes that are ASCII or Latin-1, up to the first NUL.
    void latin1(const TagLib::ByteVector &content) {
        const TagLib::ByteVector::ConstIterator end = std::find(content.begin(), content.end(), '\0');
        text(TagLib::String(
            TagLib::ByteVector(
                content.data(), static_cast<unsigned int>(end - content.begin())),
            TagLib::String::Latin1));
    }

    template <typename Key, typename Qualifier>
    void entry(char tag, const Key &key, const Qualifier &qualifier, uint32_t count) {
        byte('E');
        byte(tag);
        text(key);
        text(qualifier);
        text("");
        word(count);
    }

private:
    void utf8(uint32_t scalar) {
        if (scalar < 0x800) {
            byte(0xc0 | scalar >> 6);
        } else {
            if (scalar < 0x10000) {
                byte(0xe0 | scalar >> 12);
            } else {
                byte(0xf0 | scalar >> 18);
                byte(0x80 | (scalar >> 12 & 0x3f));
            }
            byte(0x80 | (scalar >> 6 & 0x3f));
        }
        byte(0x80 | (scalar & 0x3f));
    }
};

std::string number(double value) {
    char digits[64];
    std::snprintf(digits, sizeof digits, "%.6f", value);
    return digits;
}

void picture(
    Records &records, char tag, int type, const TagLib::String &mime,
    const TagLib::String &description, const char *data, size_t size
) {
    if (size == 0) return;
    records.byte('P');
    records.byte(tag);
    records.byte(type);
    records.text(mime);
    records.text(description);
    records.longWord(reinterpret_cast<uintptr_t>(data));
    records.longWord(size);
    records.longWord(static_cast<uint64_t>(records.stream->offsetOf(data, size)));
}

void note(
    Records &records, const std::string &id, const TagLib::ByteVector &language,
    const TagLib::String &description, const TagLib::String &text
) {
    records.byte('E');
    records.byte('2');
    records.text(id);
    records.text(description);
    records.latin1(language);
    records.word(1);
    records.text(text);
}

void volume(Records &records, const TagLib::ID3v2::RelativeVolumeFrame &frame) {
    using Volume = TagLib::ID3v2::RelativeVolumeFrame;
    const Volume::PeakVolume peak = frame.peakVolume(Volume::MasterVolume);
    double height = 0;
    for (const char byte : peak.peakVolume) height = height * 256 + static_cast<unsigned char>(byte);
    for (int bit = 1; bit < peak.bitsRepresentingPeak; ++bit) height /= 2;
    const bool hasPeak = peak.bitsRepresentingPeak > 0;
    records.entry('2', "RVA2", frame.identification(), hasPeak ? 2 : 1);
    records.text(number(frame.volumeAdjustment(Volume::MasterVolume)));
    if (hasPeak) records.text(number(height));
}

void chapter(Records &records, const TagLib::ID3v2::ChapterFrame &frame) {
    records.byte('C');
    records.latin1(frame.elementID());
    records.word(frame.startTime());
    records.word(frame.endTime());
    TagLib::String title, url;
    for (const TagLib::ID3v2::Frame *inner : frame.embeddedFrameList()) {
        if (inner->frameID() == "TIT2") title = inner->toString();
        if (auto link = dynamic_cast<const TagLib::ID3v2::UrlLinkFrame *>(inner)) url = link->url();
    }
    records.text(title);
    records.text(url);
}

void frame(Records &records, const TagLib::ID3v2::Frame *frame) {
    using namespace TagLib::ID3v2;
    const TagLib::ByteVector idBytes = frame->frameID();
    const std::string id(idBytes.data(), idBytes.size());
    if (auto text = dynamic_cast<const TextIdentificationFrame *>(frame)) {
        const TagLib::StringList values = text->fieldList();
        if (values.isEmpty()) return;
        TagLib::StringList::ConstIterator value = values.begin();
        if (dynamic_cast<const UserTextIdentificationFrame *>(frame)) {
            records.entry('2', id, *value, values.size() - 1);
            ++value;
        } else {
            records.entry('2', id, "", values.size());
        }
        for (; value != values.end(); ++value) records.text(*value);
    } else if (auto link = dynamic_cast<const UserUrlLinkFrame *>(frame)) {
        records.entry('2', id, link->description(), 1);
        records.text(link->url());
    } else if (auto link = dynamic_cast<const UrlLinkFrame *>(frame)) {
        records.entry('2', id, "", 1);
        records.text(link->url());
    } else if (auto shown = dynamic_cast<const AttachedPictureFrame *>(frame)) {
        const TagLib::ByteVector data = shown->picture();
        picture(
            records, '2', shown->type(), shown->mimeType(), shown->description(), data.data(),
            data.size());
    } else if (auto comment = dynamic_cast<const CommentsFrame *>(frame)) {
        note(records, id, comment->language(), comment->description(), comment->text());
    } else if (auto lyrics = dynamic_cast<const UnsynchronizedLyricsFrame *>(frame)) {
        note(records, id, lyrics->language(), lyrics->description(), lyrics->text());
    } else if (auto file = dynamic_cast<const UniqueFileIdentifierFrame *>(frame)) {
        records.entry('2', id, file->owner(), 1);
        records.latin1(file->identifier());
    } else if (auto rated = dynamic_cast<const PopularimeterFrame *>(frame)) {
        records.entry('2', id, rated->email(), 2);
        records.text(std::to_string(rated->rating()));
        records.text(std::to_string(rated->counter()));
    } else if (auto lyrics = dynamic_cast<const SynchronizedLyricsFrame *>(frame)) {
        const SynchronizedLyricsFrame::SynchedTextList lines = lyrics->synchedText();
        records.byte('L');
        records.byte(lyrics->timestampFormat());
        records.latin1(lyrics->language());
        records.text(lyrics->description());
        records.word(lines.size());
        for (const SynchronizedLyricsFrame::SynchedText &line : lines) {
            records.word(line.time);
            records.text(line.text);
        }
    } else if (auto part = dynamic_cast<const ChapterFrame *>(frame)) {
        chapter(records, *part);
    } else if (auto gain = dynamic_cast<const RelativeVolumeFrame *>(frame)) {
        volume(records, *gain);
    } else if (dynamic_cast<const PodcastFrame *>(frame)) {
        records.entry('2', id, "", 1);
        records.text("1");
    } else if (auto unknown = dynamic_cast<const UnknownFrame *>(frame)) {
        if (id != "PCNT") return;
        const TagLib::ByteVector data = unknown->data();
        uint64_t count = 0;
        for (const char byte : data) count = count << 8 | static_cast<unsigned char>(byte);
        records.entry('2', id, "", 1);
        records.text(std::to_string(count));
    }
}

void item(Records &records, const TagLib::String &key, const TagLib::APE::Item &item) {
    if (item.type() == TagLib::APE::Item::Binary) {
        // "Cover Art (Front)" and its like: a file name, NUL, the picture.
        if (!key.startsWith("COVER ART")) return;
        const TagLib::ByteVector data = item.binaryData();
        const int nameEnd = data.find('\0');
        if (nameEnd < 0) return;
        const size_t start = static_cast<size_t>(nameEnd) + 1;
        const int type = key == "COVER ART (FRONT)" ? 3 : key == "COVER ART (BACK)" ? 4 : 0;
        picture(
            records, 'A', type, TagLib::String(),
            TagLib::String(data.mid(0, static_cast<unsigned int>(nameEnd)), TagLib::String::UTF8),
            data.data() + start, data.size() - start);
        return;
    }
    const TagLib::StringList values = item.values();
    records.entry('A', key, "", values.size());
    for (const TagLib::String &value : values) records.text(value);
}

}  // namespace

// Exceptions must not pass into Swift: what throws (std::bad_alloc, in effect) reads as absent.

#if TAGLIB_MAJOR_VERSION < 2

TagLib_File *taglib_file_new_iostream(TagLib_IOStream *stream) {
    try {
        return reinterpret_cast<TagLib_File *>(static_cast<TagLib::File *>(new TagLib::MPEG::File(
            reinterpret_cast<TagLib::IOStream *>(stream),
            TagLib::ID3v2::FrameFactory::instance(), false)));
    } catch (...) {
        return nullptr;
    }
}

void taglib_iostream_free(TagLib_IOStream *stream) {
    delete reinterpret_cast<TagLib::IOStream *>(stream);
}

#endif

TagLib_IOStream *taglib_parts_iostream_new(
    const void *first, size_t firstSize, const void *second, size_t secondSize
) {
    try {
        TagLib::IOStream *stream = new PartsStream(
            static_cast<const char *>(first), firstSize, static_cast<const char *>(second),
            secondSize);
        return reinterpret_cast<TagLib_IOStream *>(stream);
    } catch (...) {
        return nullptr;
    }
}

int taglib_frames_get(
    const TagLib_File *file, const TagLib_IOStream *stream, TagLib_Frames *frames
) {
    *frames = {nullptr, 0, 0, 0};
    try {
        auto mpeg = dynamic_cast<TagLib::MPEG::File *>(underlying(file));
        if (!mpeg) return 0;
        Records records(static_cast<const PartsStream *>(
            reinterpret_cast<const TagLib::IOStream *>(stream)));
        records.bytes.reserve(4096);
        if (mpeg->hasID3v2Tag()) {
            const TagLib::ID3v2::Tag *tag = mpeg->ID3v2Tag();
            frames->id3v2Version = static_cast<int>(tag->header()->majorVersion());
            for (const TagLib::ID3v2::Frame *each : tag->frameList()) frame(records, each);
        }
        if (mpeg->hasAPETag()) {
            const TagLib::APE::Tag *tag = mpeg->APETag();
            frames->apeVersion = static_cast<int>(tag->footer()->version());
            for (const auto &[key, value] : tag->itemListMap()) item(records, key, value);
        }
        frames->bytes = static_cast<char *>(std::malloc(records.bytes.size() + 1));
        if (!frames->bytes) return 0;
        std::memcpy(frames->bytes, records.bytes.data(), records.bytes.size());
        frames->size = records.bytes.size();
        return 1;
    } catch (...) {
        return 0;
    }
}

void taglib_frames_free(TagLib_Frames *frames) {
    std::free(frames->bytes);
    *frames = {nullptr, 0, 0, 0};
}
