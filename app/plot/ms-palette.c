/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-palette.h"

#include <math.h>

#define RGB(hex) \
  { \
    ((hex) >> 16 & 0xff) / 255.0, ((hex) >> 8 & 0xff) / 255.0, ((hex) &0xff) / 255.0, 1.0 \
  }

/* In order of MsRole.  They differ in lightness where eyes without red, green or blue cones see one hue:
 * red is darker than orange, green lighter than blue (test-palette). */
static const MsColor LIGHT_ROLES[MS_N_ROLES] = { RGB (0xb3141f), RGB (0xd65c00), RGB (0x1a5fb4),
                                                 RGB (0x2a8c5b), RGB (0x5e5c64) };
static const MsColor LIGHT_ROLE_TEXTS[MS_N_ROLES] = { RGB (0xb01722), RGB (0xa83c00),
                                                      RGB (0x1a5fb4), RGB (0x18663f),
                                                      RGB (0x5e5c64) };
static const MsColor DARK_ROLES[MS_N_ROLES] = { RGB (0xff7b85), RGB (0xffa348), RGB (0x7db4f5),
                                                RGB (0x8ae3b5), RGB (0xb5b3ba) };

static const MsColor DARK_ROLE_TEXTS[MS_N_ROLES] = { RGB (0xff9aa2), RGB (0xffa348), RGB (0x8fc0ff),
                                                     RGB (0x8ae3b5), RGB (0xbcbac1) };

static const MsColor LIGHT_TEXT = RGB (0x1e1e1e), DARK_TEXT = RGB (0xffffff);
static const MsColor LIGHT_SURFACE = RGB (0xffffff), DARK_SURFACE = RGB (0x363636);
static const MsColor LIGHT_ACCENT = RGB (0x1c71d8), DARK_ACCENT = RGB (0x78aeed);
static const MsColor LIGHT_MEDIUM = RGB (0xd65c00), DARK_MEDIUM = RGB (0xffa348);

void
ms_palette_init (MsPalette *self, gboolean dark, gboolean high_contrast)
{
  *self = (MsPalette) { .dark = dark, .high_contrast = high_contrast };
  self->text = dark ? DARK_TEXT : LIGHT_TEXT;
  self->dim_text = ms_color_with_alpha (self->text, high_contrast ? 0.9 : dark ? 0.7 : 0.66);
  self->line = ms_color_with_alpha (self->text, high_contrast ? 0.6 : 0.15);
  self->edge = ms_color_with_alpha (self->text, high_contrast ? 0.7 : dark ? 0.45 : 0.52);
  self->surface = dark ? DARK_SURFACE : LIGHT_SURFACE;
  self->accent = dark ? DARK_ACCENT : LIGHT_ACCENT;
  self->alert_high =
      dark ? DARK_ROLES[MS_ROLE_MEMORY_INTENSIVE] : LIGHT_ROLES[MS_ROLE_MEMORY_INTENSIVE];
  self->alert_medium = dark ? DARK_MEDIUM : LIGHT_MEDIUM;
  self->tint = dark ? 0.13 : 0.09;
  self->area = dark ? 0.22 : 0.18;
  for (guint role = 0; role < MS_N_ROLES; role++)
    {
      self->role[role] = dark ? DARK_ROLES[role] : LIGHT_ROLES[role];
      self->role_text[role] = dark ? DARK_ROLE_TEXTS[role] : LIGHT_ROLE_TEXTS[role];
    }
}

void
ms_color_set_source (cairo_t *cr, MsColor color)
{
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha);
}

static double
linear_channel (double c)
{
  return c <= 0.03928 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
}

static double
luminance (MsColor c)
{
  return 0.2126 * linear_channel (c.red) + 0.7152 * linear_channel (c.green)
         + 0.0722 * linear_channel (c.blue);
}

double
ms_color_contrast (MsColor a, MsColor b)
{
  double la = luminance (a), lb = luminance (b);

  return (MAX (la, lb) + 0.05) / (MIN (la, lb) + 0.05);
}

MsColor
ms_color_over (MsColor top, MsColor bottom)
{
  double a = top.alpha;

  return (MsColor) { top.red * a + bottom.red * (1 - a), top.green * a + bottom.green * (1 - a),
                     top.blue * a + bottom.blue * (1 - a), 1 };
}
