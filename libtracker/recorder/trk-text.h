/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text into a fixed buffer: paths, the manifest, debug lines.  stdio would take locks, read the locale
 * and allocate.  Always terminated; what does not fit is left out and `overflow` says so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *buffer;
  size_t n_bytes, length;
  bool overflow;
} TrkText;

void trk_text_begin (TrkText *self, char *buffer, size_t n_bytes);
void trk_text_add_bytes (TrkText *self, const char *bytes, size_t n_bytes);
void trk_text_add (TrkText *self, const char *text);
void trk_text_add_number (TrkText *self, uint64_t number);
void trk_text_add_hex (TrkText *self, const uint8_t *bytes, size_t n_bytes);
/* As a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void trk_text_add_json (TrkText *self, const char *text);
