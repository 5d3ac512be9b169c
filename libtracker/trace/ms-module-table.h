/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which object file lay where, and when: generation g begins with the process's g-th dlclose.  An
 * address belongs to the mapping of the greatest generation that is not after the stack's.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-file-names.h"
#include "ms-manifest.h"
#include "ms-stack-table.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *modules;   /* of MsModule *, by start; pointers stay valid */
  GArray *generations;  /* of guint32, beside modules */
  GArray *highest_ends; /* of guint64: greatest end of modules [0, i] */
  MsFileNames *names;   /* which the modules point to; NULL: the trace brings none */
} MsModuleTable;

void ms_module_table_init (MsModuleTable *self);
void ms_module_table_clear (MsModuleTable *self);
void ms_module_table_load (MsModuleTable *self, MsBlockIndex *index);
/* Leaves out of @stacks what of the tracker stood between the program and the C library: none of the program's
 * code.  Whoever loads both tables does it, as a summary holds for tables that are the same. */
void ms_module_table_drop_own_frames (const MsModuleTable *self, MsStackTable *stacks);
/* After load().  Modules of the manifest's executable are called as the program was started, by a link perhaps. */
void ms_module_table_set_title (MsModuleTable *self, const MsManifest *manifest);
/* After load().  Takes @names: (nullable). */
void ms_module_table_set_names (MsModuleTable *self, MsFileNames *names);

/* NULL if no object was mapped at @address then. */
const MsModule *ms_module_table_find (const MsModuleTable *self,
                                      guint32 generation,
                                      guint64 address);

G_END_DECLS
