/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-widget-palette.h"

#include <adwaita.h>

static MsColor
from_rgba (const GdkRGBA *rgba)
{
  return (MsColor) { rgba->red, rgba->green, rgba->blue, rgba->alpha };
}

GdkRGBA
ms_color_to_rgba (MsColor color)
{
  return (GdkRGBA) { (float) color.red, (float) color.green, (float) color.blue,
                     (float) color.alpha };
}

void
ms_widget_get_palette (GtkWidget *widget, MsPalette *palette)
{
  AdwStyleManager *manager = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  MsPalette plain;
  GdkRGBA rgba;

  ms_palette_init (palette, adw_style_manager_get_dark (manager),
                   adw_style_manager_get_high_contrast (manager));
  plain = *palette;

  gtk_style_context_get_color (context, &rgba);
  palette->text = from_rgba (&rgba);
  palette->dim_text = ms_color_with_alpha (palette->text, plain.dim_text.alpha);
  palette->line = ms_color_with_alpha (palette->text, plain.line.alpha);
  palette->edge = ms_color_with_alpha (palette->text, plain.edge.alpha);
  if (gtk_style_context_lookup_color (context, "accent_color", &rgba))
    palette->accent = from_rgba (&rgba);
  if (gtk_style_context_lookup_color (context, "window_bg_color", &rgba))
    {
      palette->surface = from_rgba (&rgba);
      /* Cards are translucent in the dark. */
      if (gtk_style_context_lookup_color (context, "card_bg_color", &rgba))
        palette->surface = ms_color_over (from_rgba (&rgba), palette->surface);
    }
}
