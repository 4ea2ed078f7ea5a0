#include "CTagLibProperties.h"

#include <cstdlib>
#include <cstring>

#include <taglib/attachedpictureframe.h>
#include <taglib/fileref.h>
#include <taglib/id3v2tag.h>
#include <taglib/mpegfile.h>
#include <taglib/taglib.h>
#include <taglib/tpropertymap.h>

namespace {

// In TagLib 1 the C bindings' TagLib_File is a TagLib::File, in TagLib 2 a TagLib::FileRef.
const TagLib::File *underlying(const TagLib_File *file) {
#if TAGLIB_MAJOR_VERSION >= 2
    return reinterpret_cast<const TagLib::FileRef *>(file)->file();
#else
    return reinterpret_cast<const TagLib::File *>(file);
#endif
}

char *copy(const char *bytes, size_t count) {
    char *result = static_cast<char *>(std::malloc(count + 1));
    if (result) {
        std::memcpy(result, bytes, count);
        result[count] = 0;
    }
    return result;
}

}  // namespace

// Exceptions must not pass into Swift: what throws (std::bad_alloc, in effect) reads as absent.

#if TAGLIB_MAJOR_VERSION < 2

char **taglib_property_get(const TagLib_File *file, const char *prop) {
    try {
        const TagLib::PropertyMap map = underlying(file)->properties();
        const auto found = map.find(prop);
        if (found == map.end() || found->second.isEmpty()) return nullptr;
        const TagLib::StringList &values = found->second;
        char **list = static_cast<char **>(std::calloc(values.size() + 1, sizeof(char *)));
        if (!list) return nullptr;
        size_t index = 0;
        for (const TagLib::String &value : values) {
            const std::string text = value.to8Bit(true);
            list[index] = copy(text.data(), text.size());
            if (!list[index]) break;
            index += 1;
        }
        return list;
    } catch (...) {
        return nullptr;
    }
}

void taglib_property_free(char **props) {
    if (!props) return;
    for (char **value = props; *value; ++value) std::free(*value);
    std::free(props);
}

#endif

int taglib_picture_from_file(
    const TagLib_File *file, TagLib_Complex_Property_Picture_Data *picture
) {
    try {
        auto mpeg = dynamic_cast<const TagLib::MPEG::File *>(underlying(file));
        if (!mpeg || !mpeg->hasID3v2Tag()) return 0;
        auto tag = const_cast<TagLib::MPEG::File *>(mpeg)->ID3v2Tag();
        const TagLib::ID3v2::AttachedPictureFrame *chosen = nullptr;
        for (auto frame : tag->frameList("APIC")) {
            auto candidate = dynamic_cast<const TagLib::ID3v2::AttachedPictureFrame *>(frame);
            if (!candidate || candidate->picture().isEmpty()) continue;
            if (!chosen) chosen = candidate;
            if (candidate->type() == TagLib::ID3v2::AttachedPictureFrame::FrontCover) {
                chosen = candidate;
                break;
            }
        }
        if (!chosen) return 0;
        const TagLib::ByteVector bytes = chosen->picture();
        const std::string type = chosen->mimeType().to8Bit(true);
        picture->mimeType = copy(type.data(), type.size());
        picture->pictureType = chosen->type();
        picture->data = copy(bytes.data(), bytes.size());
        picture->size = bytes.size();
        if (picture->mimeType && picture->data) return 1;
        taglib_picture_free(picture);
        return 0;
    } catch (...) {
        return 0;
    }
}

void taglib_picture_free(TagLib_Complex_Property_Picture_Data *picture) {
    std::free(picture->mimeType);
    std::free(picture->data);
    picture->mimeType = nullptr;
    picture->data = nullptr;
}
