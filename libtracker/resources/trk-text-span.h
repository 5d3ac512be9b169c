/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text of /proc and /sys as it was read: a start and an end, no terminator.  Whoever parses moves the
 * start on.  The contents are the kernel's but for names, which any program chooses, and in a container
 * the files themselves may be somebody's invention: nothing here trusts a length or a digit.
 *
 * A number counts only if another byte follows it, as one does in each of these files: the last number
 * of a file that was cut short may itself be cut.
 *
 * libc only, no allocation, signal-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *at, *end;
} TrkTextSpan;

/* Takes the next whole line, its '\n' included; false at the end or at a line without one. */
bool trk_text_line (TrkTextSpan *text, TrkTextSpan *line);

/* Takes @word if the text begins with it. */
bool trk_text_skip (TrkTextSpan *text, const char *word);

void trk_text_skip_blanks (TrkTextSpan *text);

/* Takes blanks and a word: bytes up to a blank or the line's end.  False if there is none. */
bool trk_text_word (TrkTextSpan *text, TrkTextSpan *word);
bool trk_text_skip_words (TrkTextSpan *text, unsigned n_words);

/* Takes blanks and a decimal number.  False, and nothing taken, if there is none, if it does not fit
 * into 64 bits or if the text ends with it. */
bool trk_text_number (TrkTextSpan *text, uint64_t *value);

/* The same with a sign. */
bool trk_text_signed (TrkTextSpan *text, int64_t *value);

/* "12.34" as 1234; further digits are cut off. */
bool trk_text_hundredths (TrkTextSpan *text, uint64_t *value);

/* At most @size − 1 bytes, terminated; zero bytes within become '?'. */
void trk_text_copy (TrkTextSpan text, char *to, size_t size);

typedef struct {
  const char *key; /* as the line begins, colon included: "VmHWM:" */
  uint64_t scale;  /* 1024 for what is given in kB */
  uint64_t *value; /* set to TRK_UNKNOWN first; stays so if the line is missing or wrong */
} TrkTextKey;

/* Lines of "key number": meminfo, status, io, memory.events.  Returns how many keys were found.  Fastest
 * if the keys stand in the order of the file. */
unsigned trk_text_keys (TrkTextSpan text, const TrkTextKey *keys, unsigned n_keys);
