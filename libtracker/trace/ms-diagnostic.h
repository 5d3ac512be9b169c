/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Collecting what a person should know about a trace; inside trace/ only. */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* At most this many are kept, so that a file of nothing but damage stays readable. */
#define MS_MAX_DIAGNOSTICS 200

/* (transfer full) (element-type MsDiagnostic) */
GPtrArray *ms_diagnostics_new (void);

/* @file: name inside the folder, or NULL. */
void ms_diagnostics_add (GPtrArray *self,
                         MsDiagnosticLevel level,
                         const char *file,
                         guint64 offset,
                         const char *format,
                         ...) G_GNUC_PRINTF (5, 6);

/* Bytes of a traced program as text: valid UTF-8, at most 4096 bytes of input. (transfer full) */
char *ms_text_from_bytes (const char *bytes, gsize n_bytes);

G_END_DECLS
