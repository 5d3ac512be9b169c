/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two children: a main one and, at its side where there is room, else below it, a narrow one.
 *
 *   ┌──────────────┬──────┐        ┌────────┐      wide: the side has its width, the main one the rest
 *   │ main         │ side │        │ main   │            and at least the window's height
 *   │              │      │        ├────────┤      narrow: both have all of the width
 *   └──────────────┴──────┘        │ side   │
 *                                  └────────┘
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_SIDE_LAYOUT (ms_side_layout_get_type ())
G_DECLARE_FINAL_TYPE (MsSideLayout, ms_side_layout, MS, SIDE_LAYOUT, GtkLayoutManager)

/* @side_px: the width of the side; it stands beside the other child from @wide_px on. */
GtkLayoutManager *ms_side_layout_new (int side_px, int wide_px, int spacing_px);

G_END_DECLS
