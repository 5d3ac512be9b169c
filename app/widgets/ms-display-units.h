/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * In what units the user wants to read memory: MB or MiB.  One for the whole program, as AdwStyleManager is for its
 * colours:
 *
 *   GSettings "units" ──▶ MsDisplayUnits ──▶ ms_figures_set_byte_units()
 *                               └─"notify::memory"─▶ lenses, and widgets that keep what they drew or said
 *
 * Whoever shows figures of a lens needs nothing of this: a lens says "changed" when the units do.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define MS_TYPE_DISPLAY_UNITS (ms_display_units_get_type ())
G_DECLARE_FINAL_TYPE (MsDisplayUnits, ms_display_units, MS, DISPLAY_UNITS, GObject)

/* Property "memory": "decimal" or "binary".  Lives as long as the program. (transfer none) */
MsDisplayUnits *ms_display_units_get_default (void);

/* Calls @changed with @object, a GObject, for as long as it lives. */
void ms_display_units_watch (gpointer object, GCallback changed);

G_END_DECLS
