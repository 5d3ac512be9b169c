/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A layout manager for a row that becomes several where it does not fit: chips at their own widths
 * (even FALSE; the first that expands takes what its row has to spare), or cards that share each row
 * evenly (even TRUE).
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_WRAP_LAYOUT (ms_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (MsWrapLayout, ms_wrap_layout, MS, WRAP_LAYOUT, GtkLayoutManager)

GtkLayoutManager *ms_wrap_layout_new (int spacing_px, gboolean even);

G_END_DECLS
