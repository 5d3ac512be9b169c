/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Instructions by function, counted by valgrind's callgrind: the same on every machine with the same
 * binary, busy or not, where a time is not.
 */
#pragma once

#include <gio/gio.h>

/* Function name (char *) → instructions (gint64 *) that it ran itself, calls not included. */
typedef GHashTable CallgrindCount;

gboolean callgrind_is_there (void);

/* Runs @argv, with @environment, to its end. Fails if it did not exit with 0.
 * Free with g_hash_table_unref(). */
CallgrindCount *callgrind_count_run (const char *const *argv, char **environment, GError **error);

/* Adds @factor times what @other says. */
void callgrind_count_add (CallgrindCount *self, CallgrindCount *other, int factor);
gint64 callgrind_count_total (CallgrindCount *self);
