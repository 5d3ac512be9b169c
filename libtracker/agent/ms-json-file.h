/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A small JSON document that is replaced as a whole: memscope_trace.json when a folder is closed,
 * memscope_recording.json while its processes come and go.
 *
 * Written to NAME.tmp and renamed, so that a reader, or we after a kill, find the old document or
 * the new one.  No fsync: what a crash of the machine may take is the end of the recording anyway,
 * and thousands of short processes would pay for it.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The object in @name of the folder @dir_fd, or NULL with the reason. (transfer full) */
JsonObject *ms_json_file_load (int dir_fd, const char *name, GError **error);

/* Strings of @object may hold anything; numbers that are not finite become null. */
gboolean ms_json_file_save (int dir_fd, const char *name, JsonObject *object, GError **error);

G_END_DECLS
