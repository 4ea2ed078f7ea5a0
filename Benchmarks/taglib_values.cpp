// Prints what TagLib reads of each file named on stdin: one JSON object a line, or null.
#include <taglib/apetag.h>
#include <taglib/attachedpictureframe.h>
#include <taglib/fileref.h>
#include <taglib/id3v2tag.h>
#include <taglib/mpegfile.h>
#include <taglib/tpropertymap.h>

#include <cstdio>
#include <iostream>
#include <string>

static std::string quoted(const TagLib::String &value) {
    std::string out = "\"";
    for (const char character : value.to8Bit(true)) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += static_cast<char>(byte);
        } else if (byte < 32 || byte == 127) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", byte);
            out += escape;
        } else {
            out += static_cast<char>(byte);
        }
    }
    return out + '"';
}

static std::string quoted(const TagLib::StringList &values) {
    std::string out = "[";
    for (const auto &value : values) out += (out.size() > 1 ? "," : "") + quoted(value);
    return out + "]";
}

int main() {
    std::string path;
    while (std::getline(std::cin, path)) {
        TagLib::MPEG::File file(path.c_str(), true, TagLib::AudioProperties::Average);
        std::string out = "null";
        if (file.isValid() && file.audioProperties()) {
            const auto *tag = file.tag();
            const auto map = file.properties();
            out = "{\"title\":" + quoted(tag->title()) + ",\"artist\":" + quoted(tag->artist())
                + ",\"album\":" + quoted(tag->album()) + ",\"genre\":" + quoted(tag->genre())
                + ",\"year\":" + std::to_string(tag->year())
                + ",\"track\":" + std::to_string(tag->track())
                + ",\"artists\":" + quoted(map["ARTIST"]) + ",\"genres\":" + quoted(map["GENRE"])
                + ",\"date\":" + quoted(map["DATE"])
                + ",\"duration_ms\":" + std::to_string(file.audioProperties()->lengthInMilliseconds())
                + ",\"pictures\":[";
            bool first = true;
            if (file.ID3v2Tag(false)) {
                for (const auto *frame : file.ID3v2Tag(false)->frameListMap()["APIC"]) {
                    const auto *picture =
                        dynamic_cast<const TagLib::ID3v2::AttachedPictureFrame *>(frame);
                    if (!picture) continue;
                    out += (first ? "" : ",") + std::to_string(picture->picture().size());
                    first = false;
                }
            }
            if (file.APETag(false)) {
                for (const auto &[key, item] : file.APETag(false)->itemListMap()) {
                    if (item.type() != TagLib::APE::Item::Binary || !key.startsWith("COVER ART"))
                        continue;
                    const auto data = item.binaryData();
                    const int name = data.find('\0');
                    out += (first ? "" : ",") + std::to_string(data.size() - (name + 1));
                    first = false;
                }
            }
            out += "]}";
        }
        std::cout << out << '\n' << std::flush;
    }
}
