/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* memscope_trace.json as the traced process writes it, once, at the start (docs/FORMAT.md). */
#pragma once

#include <stdint.h>

#include "trk-text.h"

/* 0 or a negative errno. */
int trk_manifest_write (uint32_t process_number);

/* Writes @text as the file @path, under the name @new_path first: a manifest that is there is whole,
 * whenever we are killed.  0 or a negative errno. */
int trk_manifest_replace (const TrkText *text, const char *new_path, const char *path);
