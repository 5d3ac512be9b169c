/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The colours of a picture.  Roles have fixed ones for light and dark; the text colour and the accent
 * are the desktop's and are filled in by whoever has a widget.  In high contrast a tint becomes an
 * outline, which the paint functions read from high_contrast.
 */
#pragma once

#include <cairo.h>
#include "ms-roles.h"

G_BEGIN_DECLS

typedef struct {
  double red, green, blue, alpha;
} MsColor;

typedef struct {
  gboolean dark;
  gboolean high_contrast;
  MsColor text;
  MsColor dim_text; /* secondary text: at least 4.5:1 on a card */
  MsColor line;     /* baselines and ticks */
  MsColor edge;     /* around shapes that are paler than 3:1 */
  MsColor surface;  /* what a card is painted on */
  MsColor accent;
  MsColor alert_high;
  MsColor alert_medium;
  MsColor role[MS_N_ROLES];      /* lines and glyphs */
  MsColor role_text[MS_N_ROLES]; /* words on the role's tint: 4.5:1 */
  double tint;                   /* alpha of a role's tint behind text and under a curve */
  double area;                   /* alpha under a curve */
} MsPalette;

/* The look without a desktop: picture tests, documentation. */
void ms_palette_init (MsPalette *self, gboolean dark, gboolean high_contrast);

static inline MsColor
ms_color_with_alpha (MsColor color, double alpha)
{
  color.alpha *= alpha;
  return color;
}

void ms_color_set_source (cairo_t *cr, MsColor color);

/* WCAG contrast of two opaque colours, 1 to 21. */
double ms_color_contrast (MsColor a, MsColor b);
/* @top over opaque @bottom. */
MsColor ms_color_over (MsColor top, MsColor bottom);

G_END_DECLS
