/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-picture-file.h"

#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>

/* Twice the pixels: it is looked at larger, and printed. */
#define PNG_SCALE 2
/* What an image surface can be. */
#define LARGEST_PX 16000

/* A surface of a PNG, or of an SVG that is written while it is painted. */
static cairo_surface_t *
new_surface (const char *path, gboolean is_svg, double width_px, double height_px, double *scale)
{
  *scale = 1;
  if (is_svg)
    return cairo_svg_surface_create (path, width_px, height_px);
  *scale = MIN (PNG_SCALE, LARGEST_PX / MAX (MAX (width_px, height_px), 1));
  return cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (width_px * *scale),
                                     (int) ceil (height_px * *scale));
}

gboolean
ms_picture_save (const char *path,
                 double width_px,
                 double height_px,
                 MsPicturePaint paint,
                 gpointer user_data,
                 GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  gboolean is_svg = g_str_has_suffix (lower, ".svg");
  g_autofree char *name = g_filename_display_basename (path);
  double scale;

  if (!is_svg && !g_str_has_suffix (lower, ".png"))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("%s: give a name that ends in .png or .svg"), name);
      return FALSE;
    }

  cairo_surface_t *surface = new_surface (path, is_svg, width_px, height_px, &scale);
  cairo_t *cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  paint (cr, user_data);
  cairo_destroy (cr);
  cairo_status_t status;
  if (is_svg)
    {
      cairo_surface_finish (surface);
      status = cairo_surface_status (surface);
    }
  else
    status = cairo_surface_write_to_png (surface, path);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
               _ ("%s: the picture cannot be written: %s"), name, cairo_status_to_string (status));
  return FALSE;
}
