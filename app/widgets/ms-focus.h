/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the user is looking at: a thread, a stretch of time, call stacks, each or none.  One object a
 * window, and the only state that pages share: whoever sets it filters every page.
 *
 * It remembers what was looked at before, as a browser does:
 *
 *   everything → compact → compact, 12.4–31.0 s → everything
 *                          ▲ back, forward
 *
 * A drag, which changes the range with every motion, is one step: it lies between
 * ms_focus_begin_gesture() and ms_focus_end_gesture().
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

/* A stack's number in the trace.  TRUE only if it is a single one. */
gboolean ms_focus_get_stack (MsFocus *self, guint *stack);
void ms_focus_set_stack (MsFocus *self, guint stack);
/* All stacks that something has in common, such as a function; @label says what, and is shown as it is:
 * fit for display.  NULL: its place in the code, for a single stack.  @n may be 0: none. */
void ms_focus_set_stacks (MsFocus *self, const guint *stacks, guint n, const char *label);
/* NULL: all; never NULL for a set of none. (transfer none) (array length=n) */
const guint *ms_focus_get_stacks (MsFocus *self, guint *n);
/* (transfer none) (nullable) */
const char *ms_focus_get_stacks_label (MsFocus *self);
void ms_focus_clear_stack (MsFocus *self);

/* Whether any step, looked at now or remembered, is of stacks. */
gboolean ms_focus_remembers_stacks (MsFocus *self);
/* The same stacks under their numbers in a later trace of the same process: @map has the new number of each of @n,
 * G_MAXUINT for one that is not there.  No signal: what is looked at is the same. */
void ms_focus_renumber_stacks (MsFocus *self, const guint *map, guint n);

/* Back to the whole trace. */
void ms_focus_clear (MsFocus *self);
gboolean ms_focus_is_clear (MsFocus *self);

/* Whatever is set between the two is one step of the history; none, if it comes back to what was before. */
void ms_focus_begin_gesture (MsFocus *self);
void ms_focus_end_gesture (MsFocus *self);

gboolean ms_focus_can_go_back (MsFocus *self);
gboolean ms_focus_can_go_forward (MsFocus *self);
/* Nothing happens where there is nothing to go to. */
void ms_focus_go_back (MsFocus *self);
void ms_focus_go_forward (MsFocus *self);

/* Of another trace nothing of this means anything: everything again, and no history.  Emits "changed". */
void ms_focus_reset (MsFocus *self);

G_END_DECLS
