/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-text-scale.h"

/* Of a desktop without any wish. */
#define USUAL_DPI (96 * 1024)
#define LARGE 1.25

double
ms_text_scale_get (GtkWidget *widget)
{
  GtkSettings *settings = gtk_widget_get_settings (widget);
  int dpi;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? (double) dpi / USUAL_DPI : 1;
}

static void
scale_changed_cb (GtkWidget *window)
{
  if (ms_text_scale_get (window) >= LARGE)
    gtk_widget_add_css_class (window, "large-text");
  else
    gtk_widget_remove_css_class (window, "large-text");
}

void
ms_text_scale_mark (GtkWidget *window)
{
  g_signal_connect_object (gtk_widget_get_settings (window), "notify::gtk-xft-dpi",
                           G_CALLBACK (scale_changed_cb), window, G_CONNECT_SWAPPED);
  scale_changed_cb (window);
}
