/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which blocks a trace folder has, one whole copy of each.
 *
 *   memscope_pool.bin            windows  ─┐
 *   memscope_thread_*.bin        blocks   ─┼─▶ sorted by (type, thread id, block number)
 *   memscope_stacks/modules.bin  blocks   ─┘
 *
 * The pool is read first: a window that is flushed while we read is then found twice, never not at
 * all.  Sealed blocks are checked by their checksum; a stretch that is no block is searched for the
 * next block's magic.  Payloads in files stay there until somebody asks; windows are copied.
 *
 * A folder that grows is read from where its files ended: whole blocks stay what they are (ms-block-index-again.c).
 */
#pragma once

#include <gio/gio.h>
#include "ms-folder-reader.h"
#include "trk-format.h"

G_BEGIN_DECLS

typedef struct {
  TrkBlockHeader header;
  guint32 payload_bytes;
  guint32 file;    /* index into files */
  guint64 offset;  /* of the payload in it */
  guint8 *payload; /* of a window; NULL: in the file */
} MsBlock;

/* What is known of a file, for who reads it again: up to @end it is one whole block behind the other. */
typedef struct {
  guint64 device, inode;
  guint64 end, last; /* last: where the last of these blocks begins; 0: there is none */
  TrkBlockHeader last_header;
} MsScannedFile;

typedef struct {
  int dir_fd;
  GPtrArray *files;       /* of char *: names inside the folder */
  GArray *scanned;        /* of MsScannedFile, one for each of these */
  GArray *blocks;         /* of MsBlock */
  GPtrArray *diagnostics; /* borrowed */
  GArray *damage;         /* of MsDamage: judged when all blocks are known */
  gboolean has_trace_id;
  guint8 trace_id[16];
  gboolean has_pool, pool_is_gone; /* gone: there is a link to one, and nothing where it leads */
  TrkPoolHeader pool;
  gboolean is_ring;     /* of each thread the first blocks may be gone */
  guint64 n_file_bytes; /* of all files read */
} MsBlockIndex;

/* A stretch of a file that is no whole block. */
typedef struct {
  guint32 file;
  guint64 offset, n_bytes;
  gboolean at_end;   /* it reaches to the end of the file */
  gboolean is_named; /* it began like the block named here */
  gboolean is_cut;   /* less than a header, and began like one: a write that a kill cut */
  guint8 type;
  guint32 thread_id, block_number;
} MsDamage;

MsBlockIndex *ms_block_index_new (int dir_fd, GPtrArray *diagnostics);
void ms_block_index_free (MsBlockIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsBlockIndex, ms_block_index_free)

/* What the manifest says; files of another trace are then left out. */
void ms_block_index_set_trace_id (MsBlockIndex *self, const guint8 trace_id[16]);

/* Reads everything.  FALSE: MS_ERROR_VERSION or cancelled. */
gboolean ms_block_index_scan (MsBlockIndex *self, GCancellable *cancellable, GError **error);

/* The same of a folder that may have grown since @before was scanned, which stays as it is. */
gboolean ms_block_index_scan_again (MsBlockIndex *self,
                                    const MsBlockIndex *before,
                                    GCancellable *cancellable,
                                    GError **error);

/* Only the pool and the files of call stacks and modules; in place of ms_block_index_scan(). */
gboolean ms_block_index_scan_tables (MsBlockIndex *self, GCancellable *cancellable, GError **error);

/* After scan(), once it is known whether the process still runs: says what is damaged or missing. */
void ms_block_index_report (MsBlockIndex *self, gboolean running);

/* Between the two, of a ring: a thread's first blocks may be gone.  Takes out what goes before a gap, if there may be
 * one: where the program wrote over a window while we read. */
void ms_block_index_cut_rings (MsBlockIndex *self);

/* Checks the first bytes of a file of ours.  FALSE with MS_ERROR_VERSION if we may not read on;
 * *@readable FALSE if these are no such bytes. */
gboolean ms_file_header_check (const TrkFileHeader *header,
                               const char *name,
                               gboolean *readable,
                               GError **error);

/* A whole block, or what a window holds of one.  Takes @payload. */
void ms_block_index_add (MsBlockIndex *self, const MsBlock *block);

/* The payload of @block in *@buffer, which grows as needed, or in the block itself; NULL if the file
 * no longer has it. (transfer none) */
const guint8 *ms_block_index_read (MsBlockIndex *self, const MsBlock *block, GByteArray *buffer);

/* [*@first, return value) are the blocks of @type. */
guint ms_block_index_find_type (MsBlockIndex *self, TrkBlockType type, guint *first);

const char *ms_block_index_file_of (MsBlockIndex *self, const MsBlock *block);

/* --- for ms-block-index-again.c ---------------------------------------------------------------------- */

void ms_block_clear (MsBlock *self);
/* By name; of one block's copies the sealed and longest comes first. */
int ms_block_compare (gconstpointer a, gconstpointer b);
/* Of sorted blocks, the first copy of each. */
void ms_block_index_keep_one_of_each (MsBlockIndex *self);
/* What was known of the file @name of @before and is so still; FALSE: nothing, it is to be read from its beginning.
 * *@number is its number there. */
gboolean ms_block_index_find_scanned (const MsBlockIndex *before,
                                      const char *name,
                                      MsFileReader *reader,
                                      guint32 *number);
/* Behind a scan of what was added: the blocks of @before, whose files have @numbers now (G_MAXUINT32: none), too. */
void ms_block_index_carry_over (MsBlockIndex *self,
                                const MsBlockIndex *before,
                                const guint32 *numbers);

G_END_DECLS
