/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pulse.h"

#include <adwaita.h>
#include <math.h>

#define PERIOD_US 2400000.0
#define N_STEPS 16.0

void
ms_pulse_init (MsPulse *self, GtkWidget *widget, MsPulseFunc beat)
{
  *self = (MsPulse) { .widget = widget, .beat = beat, .strength = 1 };
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsPulse *self = user_data;
  GtkRoot *root = gtk_widget_get_root (widget);
  double strength = 1;

  if (adw_get_enable_animations (widget) && GTK_IS_WINDOW (root)
      && gtk_window_is_active (GTK_WINDOW (root)))
    {
      double turn = fmod ((double) gdk_frame_clock_get_frame_time (clock) / PERIOD_US, 1);

      strength = round ((0.5 + 0.5 * cos (2 * G_PI * turn)) * N_STEPS) / N_STEPS;
    }
  if (strength != self->strength)
    {
      self->strength = strength;
      self->beat (widget, strength);
    }
  return G_SOURCE_CONTINUE;
}

void
ms_pulse_set_running (MsPulse *self, gboolean running)
{
  if (running && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (self->widget, tick_cb, self, NULL);
  else if (!running && self->tick != 0)
    {
      gtk_widget_remove_tick_callback (self->widget, self->tick);
      self->tick = 0;
    }
}
