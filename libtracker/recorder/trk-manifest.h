/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* memscope_trace.json as the traced process writes it, once, at the start (docs/FORMAT.md). */
#pragma once

#include <stdint.h>

/* 0 or a negative errno. */
int trk_manifest_write (uint32_t process_number);
