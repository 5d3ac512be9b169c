/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-role-look.h"

#include <glib/gi18n-lib.h>
#include <math.h>

const char *
ms_role_get_word (MsRole role)
{
  switch (role)
    {
    case MS_ROLE_MEMORY_INTENSIVE:
      return C_ ("thread role", "Memory");
    case MS_ROLE_CPU_INTENSIVE:
      return C_ ("thread role", "CPU");
    case MS_ROLE_IO_INTENSIVE:
      return C_ ("thread role", "I/O");
    case MS_ROLE_BALANCED:
      return C_ ("thread role", "Balanced");
    case MS_ROLE_LIGHTWEIGHT:
    case MS_N_ROLES:
    default:
      return C_ ("thread role", "Light");
    }
}

const char *
ms_role_get_title (MsRole role)
{
  switch (role)
    {
    case MS_ROLE_MEMORY_INTENSIVE:
      return C_ ("thread role", "Memory intensive");
    case MS_ROLE_CPU_INTENSIVE:
      return C_ ("thread role", "CPU intensive");
    case MS_ROLE_IO_INTENSIVE:
      return C_ ("thread role", "I/O intensive");
    case MS_ROLE_BALANCED:
      return C_ ("thread role", "Balanced");
    case MS_ROLE_LIGHTWEIGHT:
    case MS_N_ROLES:
    default:
      return C_ ("thread role", "Lightweight");
    }
}

const char *
ms_alert_get_word (MsAlert alert)
{
  switch (alert)
    {
    case MS_ALERT_HIGH:
      return C_ ("alert", "High");
    case MS_ALERT_MEDIUM:
      return C_ ("alert", "Medium");
    case MS_ALERT_NORMAL:
    default:
      return C_ ("alert", "Normal");
    }
}

/* All glyphs are drawn in a square of 16 units. */

static void
paint_bars (cairo_t *cr)
{
  for (guint bar = 0; bar < 3; bar++)
    cairo_rectangle (cr, 2, 2.5 + bar * 4, 12, 2.8);
  cairo_fill (cr);
}

static void
paint_chip (cairo_t *cr)
{
  cairo_set_line_width (cr, 1.6);
  cairo_rectangle (cr, 4, 4, 8, 8);
  cairo_stroke (cr);
  cairo_rectangle (cr, 6.4, 6.4, 3.2, 3.2);
  cairo_fill (cr);
  for (guint pin = 0; pin < 2; pin++)
    {
      double at = 6 + pin * 4;

      cairo_move_to (cr, at, 1.2), cairo_line_to (cr, at, 3.6);
      cairo_move_to (cr, at, 12.4), cairo_line_to (cr, at, 14.8);
      cairo_move_to (cr, 1.2, at), cairo_line_to (cr, 3.6, at);
      cairo_move_to (cr, 12.4, at), cairo_line_to (cr, 14.8, at);
    }
  cairo_stroke (cr);
}

static void
paint_arrows (cairo_t *cr)
{
  cairo_set_line_width (cr, 1.8);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, 5, 13.5), cairo_line_to (cr, 5, 3);
  cairo_move_to (cr, 2, 6), cairo_line_to (cr, 5, 2.8), cairo_line_to (cr, 8, 6);
  cairo_move_to (cr, 11, 2.5), cairo_line_to (cr, 11, 13);
  cairo_move_to (cr, 8, 10), cairo_line_to (cr, 11, 13.2), cairo_line_to (cr, 14, 10);
  cairo_stroke (cr);
}

static void
paint_diamond (cairo_t *cr)
{
  cairo_set_line_width (cr, 1.8);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_move_to (cr, 8, 2.2);
  cairo_line_to (cr, 13.8, 8);
  cairo_line_to (cr, 8, 13.8);
  cairo_line_to (cr, 2.2, 8);
  cairo_close_path (cr);
  cairo_stroke (cr);
}

static void
paint_dash (cairo_t *cr)
{
  cairo_rectangle (cr, 2.5, 6.9, 11, 2.2);
  cairo_fill (cr);
}

void
ms_role_paint_glyph (cairo_t *cr, MsRole role, double x_px, double y_px, double size_px)
{
  cairo_save (cr);
  cairo_translate (cr, x_px, y_px);
  cairo_scale (cr, size_px / 16, size_px / 16);
  switch (role)
    {
    case MS_ROLE_MEMORY_INTENSIVE:
      paint_bars (cr);
      break;
    case MS_ROLE_CPU_INTENSIVE:
      paint_chip (cr);
      break;
    case MS_ROLE_IO_INTENSIVE:
      paint_arrows (cr);
      break;
    case MS_ROLE_BALANCED:
      paint_diamond (cr);
      break;
    case MS_ROLE_LIGHTWEIGHT:
    case MS_N_ROLES:
    default:
      paint_dash (cr);
      break;
    }
  cairo_restore (cr);
}

void
ms_alert_paint_mark (cairo_t *cr, double x_px, double y_px, double size_px)
{
  cairo_save (cr);
  cairo_translate (cr, x_px, y_px);
  cairo_scale (cr, size_px / 16, size_px / 16);
  cairo_set_line_width (cr, 1.7);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, 8, 2);
  cairo_line_to (cr, 14.8, 13.8);
  cairo_line_to (cr, 1.2, 13.8);
  cairo_close_path (cr);
  cairo_stroke (cr);
  cairo_move_to (cr, 8, 6.4), cairo_line_to (cr, 8, 9.2);
  cairo_stroke (cr);
  cairo_arc (cr, 8, 11.6, 0.95, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_restore (cr);
}
