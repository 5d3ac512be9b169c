/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An MsNameResolver of names that a test makes up, and stacks of them in words:
 *
 *   "main > run@run.c:12 > fast^slow@slow.c:7"      outermost first; fast was inlined into slow
 *   "main > ?16 > start"                             16 bytes into code that has no name
 */
#pragma once

#include "ms-name-resolver.h"
#include "trace-builder.h"

#define NAME_TYPE_TABLE (name_table_get_type ())
G_DECLARE_FINAL_TYPE (NameTable, name_table, NAME, TABLE, GObject)

/* Names lie in the module @path, from address @start on. (transfer full) */
NameTable *name_table_new (const char *path, guint64 start);
/* The module itself, after the last stack. */
void name_table_add_module (NameTable *self, TraceBuilder *builder);
/* A stack's id, for trace_builder_alloc(). */
guint32 name_table_add_stack (NameTable *self,
                              TraceBuilder *builder,
                              guint thread,
                              const char *words);
