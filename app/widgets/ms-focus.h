/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the user is looking at: a thread, a stretch of time, a call stack, each or none.  One object a
 * window, and the only state that pages share: whoever sets it filters every page.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define MS_TYPE_FOCUS (ms_focus_get_type ())
G_DECLARE_FINAL_TYPE (MsFocus, ms_focus, MS, FOCUS, GObject)

MsFocus *ms_focus_new (void);

/* The id of the focused thread.  Returns FALSE, *@id untouched, if none is. */
gboolean ms_focus_get_thread (MsFocus *self, guint *id);
void ms_focus_set_thread (MsFocus *self, guint id);
void ms_focus_clear_thread (MsFocus *self);

/* From *@start_ns to before *@end_ns of trace time. */
gboolean ms_focus_get_range (MsFocus *self, gint64 *start_ns, gint64 *end_ns);
void ms_focus_set_range (MsFocus *self, gint64 start_ns, gint64 end_ns);
void ms_focus_clear_range (MsFocus *self);

/* A stack's number in the trace. */
gboolean ms_focus_get_stack (MsFocus *self, guint *stack);
void ms_focus_set_stack (MsFocus *self, guint stack);
void ms_focus_clear_stack (MsFocus *self);

/* Back to the whole trace. */
void ms_focus_clear (MsFocus *self);

G_END_DECLS
