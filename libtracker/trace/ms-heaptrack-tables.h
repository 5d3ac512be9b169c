/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the lines of a heaptrack file that are no events build up, and what of it goes into our trace:
 *
 *   texts     s            ─▶ memscope_names.bin
 *   addresses i            ─▶ memscope_names.bin, and at the end memscope_modules.bin: neighbouring addresses
 *                             of one module are one mapping, since the file has no others
 *   modules   m (raw)      ─▶ memscope_modules.bin, a generation for each time they were listed anew
 *   stacks    t            ─▶ memscope_stacks.bin, when the first allocation needs one
 *
 * Numbers come from the file: each is checked, and a stack's outer part has a lower number than itself, so
 * that there is no cycle.
 */
#pragma once

#include "ms-file-names.h"

G_BEGIN_DECLS

typedef struct {
  guint64 frame; /* return address, or 0: unknown */
  guint32 parent;
  guint32 generation : 31;
  guint32 is_written : 1;
} MsHeaptrackStack;

typedef struct {
  guint64 frame;
  guint32 module; /* number of its text */
} MsHeaptrackAddress;

typedef struct {
  MsTraceWriter *writer;
  MsFileNamesWriter *names; /* NULL: of a raw file */
  GPtrArray *texts;         /* of char *; 0: NULL */
  GArray *addresses;        /* of MsHeaptrackAddress; 0: unknown */
  GArray *stacks;           /* of MsHeaptrackStack; 0: none */
  GHashTable *modules;      /* "path start end" of those now mapped (raw) */
  GHashTable *old_modules;  /* of those before they were listed anew */
  guint32 generation;
  char *executable;
  gsize n_text_bytes;
} MsHeaptrackTables;

void ms_heaptrack_tables_init (MsHeaptrackTables *self, MsTraceWriter *writer);
void ms_heaptrack_tables_clear (MsHeaptrackTables *self);
gsize ms_heaptrack_tables_get_bytes (const MsHeaptrackTables *self);

void ms_heaptrack_tables_add_text (MsHeaptrackTables *self, const char *bytes, gsize n_bytes);
/* @p: behind the letter, NUL-terminated, as all below.  FALSE: the line makes no sense; the number that
 * it would have got is taken all the same. */
gboolean ms_heaptrack_tables_add_address (MsHeaptrackTables *self, const char *p);
gboolean ms_heaptrack_tables_add_stack (MsHeaptrackTables *self, const char *p, gboolean is_raw);
/* @is_sized: texts are told with their length. */
void ms_heaptrack_tables_set_executable (MsHeaptrackTables *self, const char *p, gboolean is_sized);
gboolean ms_heaptrack_tables_add_module (MsHeaptrackTables *self, const char *p, gboolean is_sized);

/* The id of stack @number in our trace, written there if it was not yet; 0: there is none. */
guint32 ms_heaptrack_tables_use_stack (MsHeaptrackTables *self, guint64 number);

/* Writes what is known only now. */
void ms_heaptrack_tables_end (MsHeaptrackTables *self);

/* A hexadecimal number after spaces.  FALSE: there is none. */
static inline gboolean
ms_heaptrack_get_number (const char **p, guint64 *number)
{
  const char *s = *p, *begin;
  guint64 value = 0;

  while (*s == ' ')
    s++;
  for (begin = s;; s++)
    {
      guint digit = (guint) (*s - '0');

      if (digit > 9)
        {
          digit = (guint) ((*s | 0x20) - 'a');
          if (digit > 5)
            break;
          digit += 10;
        }
      value = value << 4 | digit;
    }
  *p = s;
  *number = value;
  return s > begin && s - begin <= 16;
}

/* A text with or without its length before it; without it ends at the next space, or is the rest.
 * FALSE: there is none. */
gboolean ms_heaptrack_get_text (const char **p,
                                gboolean is_sized,
                                gboolean is_rest,
                                const char **text,
                                gsize *n_bytes);

G_END_DECLS
