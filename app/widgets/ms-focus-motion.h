/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The arithmetic of focus mode: how far each card is lifted and how far the rest is dimmed, at a
 * moment that one animation drives from 0 to 1.  Any moment may be the start of another motion: it
 * goes on from where things are.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gboolean has_raised, has_sinking;
  guint raised, sinking;            /* thread ids */
  double raised_from, sinking_from; /* their lift when the motion began */
  double dim_from, dim_to;
  double moment; /* 0 to 1 */
} MsFocusMotion;

/* Begins a motion towards @id focused, or towards none. */
void ms_focus_motion_raise (MsFocusMotion *self, guint id);
void ms_focus_motion_release (MsFocusMotion *self);

/* 0 (lies on the board) to 1 (lifted). */
double ms_focus_motion_get_lift (const MsFocusMotion *self, guint id);
double ms_focus_motion_get_dim (const MsFocusMotion *self);

G_END_DECLS
