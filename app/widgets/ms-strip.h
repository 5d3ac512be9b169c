/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The strip at the bottom of the window: the process's live bytes over the whole trace.  Hovering,
 * or the arrow keys when it has the keyboard, read exact values.
 *
 * It is how a range is chosen, whichever page is open: a drag chooses one, its handles change it, what is
 * between them moves it, a click beside it takes it away; “[” and “]” put an end at the cursor.
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-focus.h"
#include "ms-strip-layout.h"

G_BEGIN_DECLS

#define MS_TYPE_STRIP (ms_strip_get_type ())
G_DECLARE_FINAL_TYPE (MsStrip, ms_strip, MS, STRIP, GtkWidget)

GtkWidget *ms_strip_new (void);

/* Whose range is shown and chosen; once. */
void ms_strip_set_focus (MsStrip *self, MsFocus *focus);
/* What to show; the series are copied, @data NULL empties it.  The thread's part is ignored. */
void ms_strip_set_process (MsStrip *self, const MsStripData *data);
/* The focused thread's own live bytes, in front. */
void ms_strip_set_thread (MsStrip *self, const guint64 *live, guint n_bins, MsRole role);
void ms_strip_clear_thread (MsStrip *self);

G_END_DECLS
