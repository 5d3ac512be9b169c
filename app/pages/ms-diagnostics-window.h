/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a person should know about a trace, one row a note: what, in which file, at which byte. */
#pragma once

#include <adwaita.h>
#include "ms-types.h"

G_BEGIN_DECLS

/* @notes: (element-type MsDiagnostic): read now, not kept. */
GtkWindow *ms_diagnostics_window_new (GtkWindow *parent, GPtrArray *notes);

/* The word for a level, and the worst of @notes. */
MsDiagnosticLevel ms_diagnostics_get_worst (GPtrArray *notes);

G_END_DECLS
