#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// CRCs of MPEG audio: no Debian library has a 16-bit CRC at the speed of memory.

/// Continues a CRC-16/ARC (polynomial 0x8005, reflected, first value 0: the LAME tag's) over
/// `count` bytes, by folding where the processor can, else by tables.
uint16_t spindle_crc16_arc(uint16_t crc, const void *bytes, size_t count);

/// The same by tables, eight bytes a step.
uint16_t spindle_crc16_arc_by_table(uint16_t crc, const void *bytes, size_t count);

/// The same by carry-less multiplication; only where `spindle_can_fold()`.
uint16_t spindle_crc16_arc_by_folding(uint16_t crc, const void *bytes, size_t count);

/// The same with two multiplications in one; only where `spindle_can_fold_wide()`.
uint16_t spindle_crc16_arc_by_wide_folding(uint16_t crc, const void *bytes, size_t count);

/// Whether the processor multiplies without carry (PCLMULQDQ).
bool spindle_can_fold(void);

/// Whether it does so in both halves of 256 bits at once (VPCLMULQDQ with AVX2).
bool spindle_can_fold_wide(void);

/// Continues the CRC-16 of MPEG frames (ISO/IEC 11172-3, 2.4.3.1: polynomial 0x8005, highest bit
/// first, first value 0xffff) over `count` bits, the highest of `bytes[0]` being the first.
uint16_t spindle_crc16_mpeg(uint16_t crc, const uint8_t *bytes, size_t count);
