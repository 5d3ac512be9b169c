/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the picture of the page Memory is scrolled to, told from its root: a flame graph begins below, and what is
 * added above it, or taken from its room, leaves what is looked at in place.
 */
#include "ms-memory-page-private.h"

static GtkAdjustment *
get_flame_adjustment (MsMemoryPage *self)
{
  return gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->flame_scrolled));
}

/* A flame graph begins at its root, at the bottom; an icicle at the top. */
static double
get_below_root_px (MsMemoryPage *self, double from_root_px)
{
  GtkAdjustment *adjustment = get_flame_adjustment (self);

  return self->shape == MS_MEMORY_SHAPE_FLAME
             ? gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment)
                   - from_root_px
             : from_root_px;
}

static gboolean
show_root_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);

  gtk_adjustment_set_value (get_flame_adjustment (self),
                            get_below_root_px (self, self->from_root_px));
  /* Sizes are those of the picture from the second frame on. */
  if (--self->n_root_frames > 0)
    return G_SOURCE_CONTINUE;
  self->root_tick = 0;
  return G_SOURCE_REMOVE;
}

/* As far from the root as is said. */
static void
scroll_flame (MsMemoryPage *self, double from_root_px)
{
  self->from_root_px = from_root_px;
  self->n_root_frames = 2;
  if (self->root_tick == 0)
    self->root_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), show_root_cb, NULL, NULL);
}

void
ms_memory_page_keep_root (MsMemoryPage *self)
{
  if (self->root_tick == 0 && !gtk_widget_in_destruction (GTK_WIDGET (self)))
    scroll_flame (self, self->from_root_px);
}

static void
scrolled_cb (MsMemoryPage *self, GtkAdjustment *adjustment)
{
  if (self->root_tick == 0 && !gtk_widget_in_destruction (GTK_WIDGET (self)))
    self->from_root_px = get_below_root_px (self, gtk_adjustment_get_value (adjustment));
}

void
ms_memory_page_show_root (MsMemoryPage *self)
{
  scroll_flame (self, 0);
}

/* The window may leave it less room than in the frame before, and the root out of sight. */
void
ms_memory_page_watch_root (MsMemoryPage *self)
{
  GtkAdjustment *adjustment = get_flame_adjustment (self);

  g_signal_connect_object (adjustment, "changed", G_CALLBACK (ms_memory_page_keep_root), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self,
                           G_CONNECT_SWAPPED);
}
