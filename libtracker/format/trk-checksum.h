/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* XXH64 with seed 0 (Yann Collet, xxHash specification 0.1.1): any thread, signal-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "trk-format.h"

uint64_t trk_checksum (const void *data, size_t n_bytes);

/* Checksum of a block whose payload follows its header, as the header's checksum field wants it. */
uint64_t trk_block_checksum (const TrkBlockHeader *header, const void *payload, size_t n_bytes);
