/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The namespaces, classes and functions of one unit as intervals of DIE offsets: everything
 * declared in a scope lies between the scope's own offset and its next sibling's.  DIEs do not know
 * their parents; this is how a constructor that was inlined, which has no linkage name, is still
 * called "std::string::string" and not "string".
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_SCOPE_NONE G_MAXUINT

typedef struct _MsScopeIndex MsScopeIndex;

MsScopeIndex *ms_scope_index_new (void);
void ms_scope_index_free (MsScopeIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsScopeIndex, ms_scope_index_free)

/* Scopes are opened in the order of their offsets, outer ones first.  @name: (nullable), must
 * outlive the index.  Returns the scope's number. */
guint ms_scope_index_open (MsScopeIndex *self, guint64 offset, const char *name, guint parent);
/* @end: offset of the next sibling, 0: the scope ends where its parent does. */
void ms_scope_index_close (MsScopeIndex *self, guint scope, guint64 end);

/* @name of the DIE at @offset with its scopes in front. (transfer full) */
char *ms_scope_index_qualify (MsScopeIndex *self, guint64 offset, const char *name);

G_END_DECLS
