// Included once for each width of vectors, with `special`, `marks64` and `same` of that width.

/// How many bytes from `text` on are plain, before `end`.
SPINDLE_INLINE int64_t NAME(plain_count)(const uint8_t *text, const uint8_t *end) {
    for (const uint8_t *place = text; place < end; place += WIDTH) {
        uint32_t special = NAME(special)(place);
        if (special) {
            place += __builtin_ctz(special);
            return (place < end ? place : end) - text;
        }
    }
    return end - text;
}

/// Whether `count` bytes of plain text stand here, and a quote behind them.
SPINDLE_INLINE bool NAME(is_text)(const uint8_t *text, uint32_t count) {
    uint32_t special = 0, place = 0;
    for (; place + WIDTH <= count; place += WIDTH) special |= NAME(special)(text + place);
    special |= NAME(special)(text + place) & ((1u << (count - place)) - 1);
    return special == 0 && text[count] == '"';
}

/// The count of a plain text up to its quote; -1 where another special byte or `end` comes first.
SPINDLE_INLINE int64_t NAME(text_count)(
    const uint8_t *text, const uint8_t *end, struct spindle_segment *segment) {
    // A length that was right is not waited for: what follows is read at once.
    uint32_t last = segment->last_count;
    if (segment->confidence > 0 && text + last < end && NAME(is_text)(text, last)) return last;
    int64_t count = NAME(plain_count)(text, end);
    if (count == last) {
        if (segment->confidence < 2) segment->confidence++;
    } else {
        segment->confidence = -8;
        if (count < 1024) segment->last_count = (uint32_t)count;
    }
    return text[count] == '"' ? count : -1;
}

static int64_t NAME(match_line)(
    struct spindle_segment *segments, uint32_t count, const uint8_t *texts, const uint8_t *line,
    const uint8_t *end, struct spindle_value *values) {
    const uint8_t *place = line;
    struct spindle_segment *last = segments + count - 1;
    for (struct spindle_segment *segment = segments;; segment++) {
        const uint8_t *text = texts + segment->offset;
        uint32_t left = segment->count;
        for (; left > WIDTH; left -= WIDTH, place += WIDTH, text += WIDTH) {
            if (place > end || !NAME(same)(place, text, WIDTH)) return 0;
        }
        if (place > end || !NAME(same)(place, text, left)) return 0;
        place += left;
        if (segment == last) break;
        if (place >= end) return 0;
        struct spindle_value *value = values + segment->value;
        value->start = place;
        int64_t number;
        if (segment->is_text) {
            number = NAME(text_count)(place, end, segment);
            if (number < 0) return 0;
            place += number;
        } else {
            number = spindle_number(&place);
            if (number < 0) return 0;
        }
        value->number = number;
    }
    return place <= end ? place - line : 0;
}

static bool NAME(mark_line)(
    const uint8_t *line, const uint8_t *end, struct spindle_line_marks *marks) {
    uint32_t *next = marks->quotes;
    for (const uint8_t *place = line; place < end; place += 64) {
        uint64_t quotes, others;
        NAME(marks64)(place, &quotes, &others);
        uint32_t offset = (uint32_t)(place - line);
        if (others) quotes &= (others & -others) - 1;
        // Four at a time, right or wrong, cost less than asking after each.
        uint32_t *begin = next;
        next += __builtin_popcountll(quotes);
        for (; quotes; begin += 4) {
            for (int index = 0; index < 4; index++) {
                begin[index] = offset + NAME(lowest)(quotes);
                quotes &= quotes - 1;
            }
        }
        uint32_t count = (uint32_t)(next - marks->quotes);
        if (count > spindle_quotes_max) return false;
        if (others) {
            marks->length = offset + (uint32_t)__builtin_ctzll(others);
            marks->quote_count = count;
            return line + marks->length < end;
        }
    }
    return false;
}
