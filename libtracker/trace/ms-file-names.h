/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_names.bin: names of functions that a trace brings along, where what it was made from had names
 * instead of what they could be looked up in, or who shall read it may not have that.
 *
 *   v 1  v n  n bytes                                   a text: gets the next number, 1, 2, 3… in the file
 *   v 2  z address − the one before  v module  v n  n × (v function  v file  v line)
 *
 * In blocks of type TRK_BLOCK_NAMES; the address before is 0 at the beginning of a block.  Module, function
 * and file are numbers of texts, 0: unknown.  Frames stand innermost first; all but the last are inlined.
 */
#pragma once

#include "ms-trace-writer.h"
#include "ms-trace.h"

G_BEGIN_DECLS

#define MS_NAMES_FILE_NAME "memscope_names.bin"
#define MS_NAMES_MAX_TEXT_BYTES 65536U
#define MS_NAMES_MAX_FRAMES 256U

/* What a record is. */
enum { MS_NAMES_TEXT = 1, MS_NAMES_ADDRESS = 2 };

typedef struct {
  guint32 function, file; /* numbers of texts */
  guint32 line;
} MsNamedFrame;

/* --- writing --------------------------------------------------------------------------------------- */

typedef struct _MsFileNamesWriter MsFileNamesWriter;

MsFileNamesWriter *ms_file_names_writer_new (MsTraceWriter *writer);
/* Writes the last block. */
void ms_file_names_writer_free (MsFileNamesWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsFileNamesWriter, ms_file_names_writer_free)

/* Cuts what is longer than MS_NAMES_MAX_TEXT_BYTES. */
void ms_file_names_writer_put_text (MsFileNamesWriter *self, const char *bytes, gsize n_bytes);
/* @address: as it stands in call stacks.  @n_frames at most MS_NAMES_MAX_FRAMES. */
void ms_file_names_writer_put_address (MsFileNamesWriter *self,
                                       guint64 address,
                                       guint32 module,
                                       const MsNamedFrame *frames,
                                       guint n_frames);

/* --- reading --------------------------------------------------------------------------------------- */

/* Immutable; any thread. */
typedef struct _MsFileNames MsFileNames;

/* NULL if the folder has no such file.  Damage is a diagnostic. (transfer full) */
MsFileNames *ms_file_names_load (int dir_fd, GPtrArray *diagnostics);
void ms_file_names_free (MsFileNames *self);

/* Whether ms_file_names_resolve() would append any.  @module is one of a trace that may have none. */
gboolean ms_file_names_has (const MsFileNames *self, guint64 address);
static inline gboolean
ms_module_has_names_at (const MsModule *module, guint64 address)
{
  return module->names != NULL && ms_file_names_has (module->names, address);
}

/* Appends the frames at @address, innermost first.  FALSE: it has no names. */
gboolean ms_file_names_resolve (const MsFileNames *self, guint64 address, GArray *frames);

G_END_DECLS
