#pragma once

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Raw deflate (RFC 1951) through ISA-L. The state is opaque here: its arrays are larger than what
// Swift imports, and its struct would be copied field by field.

/// NULL when there is no memory.
static inline void *spindle_inflate_create(void) {
    struct inflate_state *state = malloc(sizeof *state);
    if (state) isal_inflate_init(state);
    return state;
}

static inline size_t spindle_inflate_state_bytes(void) { return sizeof(struct inflate_state); }

static inline void spindle_inflate_restart(void *opaque) { isal_inflate_reset(opaque); }

/// What a step came to.
struct spindle_inflate_step {
    /// ISAL_DECOMP_OK, or the fault's negative code; what is before the fault has been written.
    int code;
    /// Whether the stream has ended and all of it has been written.
    int is_finished;
    /// Bytes of the input that were taken. At the stream's end it can be negative: then up to eight
    /// of the bytes before the input, taken earlier, are not part of the stream.
    ptrdiff_t taken;
    size_t written;
};

/// Unpacks until the input is empty, the output full, or the stream at its end or at a fault.
static inline struct spindle_inflate_step spindle_inflate(
    void *opaque, const uint8_t *input, uint32_t input_count, uint8_t *output,
    uint32_t output_count) {
    struct inflate_state *state = opaque;
    struct spindle_inflate_step step;
    state->next_in = (uint8_t *)input;
    state->avail_in = input_count;
    state->next_out = output;
    state->avail_out = output_count;
    step.code = isal_inflate(state);
    step.is_finished = state->block_state == ISAL_BLOCK_FINISH;
    step.taken = state->next_in - input;
    if (step.is_finished) {
        // Whole bytes in the buffer of bits stand behind the stream; ISA-L before 2.31 keeps them.
        step.taken -= state->read_in_length / 8;
        state->read_in_length = 0;
        state->read_in = 0;
    }
    step.written = output_count - state->avail_out;
    return step;
}

/// After a fault: what had been unpacked and had no room in the output. Returns how many bytes.
static inline size_t spindle_inflate_drain(void *opaque, uint8_t *output, size_t room) {
    struct inflate_state *state = opaque;
    size_t count = state->tmp_out_valid - state->tmp_out_processed;
    if (count > room) count = room;
    memcpy(output, state->tmp_out_buffer + state->tmp_out_processed, count);
    state->tmp_out_processed += count;
    return count;
}
