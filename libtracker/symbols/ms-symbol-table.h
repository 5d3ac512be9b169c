/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions of an object's ELF symbol tables (the full one if there is one, else what it
 * exports), sorted by address: libdwfl's own lookup reads the whole table for every address.
 */
#pragma once

#include <elfutils/libdwfl.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsSymbolTable MsSymbolTable;

/* Never NULL; may be empty. */
MsSymbolTable *ms_symbol_table_new (Dwfl_Module *module);
void ms_symbol_table_free (MsSymbolTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSymbolTable, ms_symbol_table_free)

/* The linker name of the function around @address, or NULL: a name is never guessed from the
 * nearest exported one.  Lives as long as the module. */
const char *ms_symbol_table_find (MsSymbolTable *self, guint64 address);

/* Whether local functions are in it too: a stripped library has only what it exports. */
gboolean ms_symbol_table_is_complete (MsSymbolTable *self);

G_END_DECLS
