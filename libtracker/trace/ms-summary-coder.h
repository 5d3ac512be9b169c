/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The numbers and strings of a section of memscope_summary.bin, one after the other.  One function
 * names the fields of a structure once, for writing and for reading, so that the two cannot drift apart:
 *
 *   ms_summary_code_number (coder, &totals->allocations);    appends it, or reads it
 *
 * Reading, no byte is trusted: what does not fit fails the coder, which then yields zeros, and whoever
 * called looks at it once, at the end.  What is allocated is counted before it is.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  GByteArray *out;       /* writing; NULL: reading */
  const guint8 *p, *end; /* reading */
  guint64 budget;        /* bytes that may still be allocated; shared by a file's sections */
  gboolean failed;
} MsSummaryCoder;

static inline gboolean
ms_summary_coder_reads (const MsSummaryCoder *self)
{
  return self->out == NULL;
}

void ms_summary_coder_fail (MsSummaryCoder *self);

/* Varints, as in docs/FORMAT.md. */
void ms_summary_code_number (MsSummaryCoder *self, guint64 *value);
void ms_summary_code_uint (MsSummaryCoder *self, guint *value); /* at most 32 bits */
void ms_summary_code_int (MsSummaryCoder *self, gint *value);
void ms_summary_code_boolean (MsSummaryCoder *self, gboolean *value); /* 0 or 1 */
/* Zigzag + 1, so that MS_TIME_NONE is 0. */
void ms_summary_code_time (MsSummaryCoder *self, gint64 *value_ns);
/* A double, finite and not negative: 8 bytes. */
void ms_summary_code_error (MsSummaryCoder *self, double *value);

/* The fields of @structure at @offsets (guint64 each): which of them are not 0, and those. */
void ms_summary_code_fields (MsSummaryCoder *self,
                             gpointer structure,
                             const guint16 *offsets,
                             guint n_offsets);
/* The same of doubles. */
void ms_summary_code_errors (MsSummaryCoder *self,
                             gpointer structure,
                             const guint16 *offsets,
                             guint n_offsets);

/* Valid UTF-8; NULL stays NULL if @nullable. */
void ms_summary_code_text (MsSummaryCoder *self, char **text, gboolean nullable);

/* How many things follow, of @n_bytes in memory each and at least one in the file. */
void ms_summary_code_count (MsSummaryCoder *self, guint *n, gsize n_bytes);
/* Zeroed memory for @n + 1 of them when reading, which is taken from the budget. */
gpointer ms_summary_coder_alloc (MsSummaryCoder *self, guint64 n, gsize n_bytes);

G_END_DECLS
