/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A slow beat, 0 to 1 and back, for everything on a widget that wants to be noticed: one beat for
 * all, in few steps, so that a frame in which nothing would change draws nothing.  It rests at 1 in
 * a window in the background, and where the desktop asks for reduced motion.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*MsPulseFunc) (GtkWidget *widget, double strength);

typedef struct {
  GtkWidget *widget; /* borrowed: it owns the pulse */
  MsPulseFunc beat;
  guint tick;
  double strength;
} MsPulse;

void ms_pulse_init (MsPulse *self, GtkWidget *widget, MsPulseFunc beat);
/* Stop it before the widget goes. */
void ms_pulse_set_running (MsPulse *self, gboolean running);

G_END_DECLS
