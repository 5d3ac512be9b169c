/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A change in words and in a colour: the same steps in the picture, its legend and the tables. */
#include "ms-difference-plot.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Less than a tenth of the greater one is about the same. */
#define SAME_PART 0.1
#define HALF_PART 0.5

MsDifference
ms_difference_of (const MsChange *change)
{
  double greater = (double) MAX (change->before, change->after);
  double part = greater > 0 ? ((double) change->after - (double) change->before) / greater : 0;

  if (fabs (part) < SAME_PART || !ms_change_is_significant (change))
    return MS_DIFFERENCE_SAME;
  if (change->before == 0)
    return MS_DIFFERENCE_NEW;
  if (change->after == 0)
    return MS_DIFFERENCE_GONE;
  if (part > 0)
    return part >= HALF_PART ? MS_DIFFERENCE_TWICE : MS_DIFFERENCE_MORE;
  return part <= -HALF_PART ? MS_DIFFERENCE_HALF : MS_DIFFERENCE_LESS;
}

const char *
ms_difference_get_word (MsDifference difference)
{
  static const char *const WORDS[MS_N_DIFFERENCES] = {
    [MS_DIFFERENCE_GONE] = NC_ ("difference", "▼ gone"),
    [MS_DIFFERENCE_HALF] = NC_ ("difference", "▼ half or less"),
    [MS_DIFFERENCE_LESS] = NC_ ("difference", "▼ less"),
    [MS_DIFFERENCE_SAME] = NC_ ("difference", "about the same"),
    [MS_DIFFERENCE_MORE] = NC_ ("difference", "▲ more"),
    [MS_DIFFERENCE_TWICE] = NC_ ("difference", "▲ twice or more"),
    [MS_DIFFERENCE_NEW] = NC_ ("difference", "▲ new"),
  };

  g_return_val_if_fail ((guint) difference < MS_N_DIFFERENCES, "");
  return g_dpgettext2 (GETTEXT_PACKAGE, "difference", WORDS[difference]);
}

/* Over a neutral grey, the more the farther. */
MsColor
ms_difference_get_color (MsDifference difference, const MsPalette *palette)
{
  /* Half-way hues are no ground for black or white text: these are 4.5:1 away from one of them. */
  static const double LIGHT[MS_N_DIFFERENCES] = { 0.9, 0.5, 0.25, 0, 0.25, 0.5, 0.9 };
  static const double DARK[MS_N_DIFFERENCES] = { 1, 0.62, 0.2, 0, 0.2, 0.62, 1 };
  const double *strengths = palette->dark ? DARK : LIGHT;
  MsColor neutral = ms_color_over (ms_color_with_alpha (palette->text, palette->dark ? 0.22 : 0.12),
                                   palette->surface);
  MsColor hue = difference > MS_DIFFERENCE_SAME ? palette->role[MS_ROLE_MEMORY_INTENSIVE]
                                                : palette->role[MS_ROLE_IO_INTENSIVE];

  return ms_color_over (ms_color_with_alpha (hue, strengths[difference]), neutral);
}

static char *
format (guint64 value, gboolean is_bytes)
{
  return is_bytes ? ms_figure_bytes (value) : ms_figure_count (value);
}

char *
ms_difference_format (const MsChange *change, gboolean is_bytes)
{
  gint64 difference = ms_change_get_difference (change);
  g_autofree char *size = format ((guint64) ABS (difference), is_bytes);

  return g_strconcat (difference > 0 ? "+" : difference < 0 ? "−" : "", size, NULL);
}

char *
ms_difference_format_percent (const MsChange *change)
{
  double percent;

  if (!ms_change_get_percent (change, &percent))
    return g_strdup (change->after > 0 ? C_ ("difference", "new") : "");
  if (change->after == 0)
    return g_strdup (C_ ("difference", "gone"));
  g_autofree char *size = ms_figure_percent (fabs (percent));
  return g_strconcat (percent > 0 ? "+" : percent < 0 ? "−" : "", size, NULL);
}

char *
ms_difference_describe (const MsChange *change, gboolean is_bytes)
{
  g_autofree char *before = format (change->before, is_bytes);
  g_autofree char *after = format (change->after, is_bytes);
  g_autofree char *difference = ms_difference_format (change, is_bytes);
  g_autofree char *percent = ms_difference_format_percent (change);
  gboolean may_be_chance = change->before != change->after && !ms_change_is_significant (change);

  return g_strdup_printf ("%s → %s, %s%s%s%s%s", before, after, difference,
                          *percent != '\0' ? " (" : "", percent, *percent != '\0' ? ")" : "",
                          may_be_chance ? _ (" · not significant: may be by chance") : "");
}
