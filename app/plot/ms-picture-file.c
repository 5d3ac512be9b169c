/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-picture-file.h"

#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>

/* Twice the pixels: it is looked at larger, and printed. */
#define PNG_SCALE 2
/* What an image surface can be. */
#define LARGEST_PX 16000

cairo_surface_t *
ms_picture_record (double width_px, double height_px, MsPicturePaint paint, gpointer user_data)
{
  cairo_rectangle_t all = { 0, 0, width_px, height_px };
  cairo_surface_t *picture = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &all);
  cairo_t *cr = cairo_create (picture);

  paint (cr, user_data);
  cairo_destroy (cr);
  return picture;
}

static cairo_status_t
append_cb (void *user_data, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (user_data, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw (cairo_surface_t *target, cairo_surface_t *picture, double scale)
{
  cairo_t *cr = cairo_create (target);

  cairo_scale (cr, scale, scale);
  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
}

static cairo_status_t
encode_svg (cairo_surface_t *picture, const cairo_rectangle_t *all, GByteArray *content)
{
  cairo_surface_t *target =
      cairo_svg_surface_create_for_stream (append_cb, content, all->width, all->height);

  draw (target, picture, 1);
  cairo_surface_finish (target);
  cairo_status_t status = cairo_surface_status (target);
  cairo_surface_destroy (target);
  return status;
}

static cairo_status_t
encode_png (cairo_surface_t *picture, const cairo_rectangle_t *all, GByteArray *content)
{
  double scale = MIN (PNG_SCALE, LARGEST_PX / MAX (MAX (all->width, all->height), 1));
  cairo_surface_t *target =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (all->width * scale),
                                  (int) ceil (all->height * scale));

  draw (target, picture, scale);
  cairo_status_t status = cairo_surface_write_to_png_stream (target, append_cb, content);
  cairo_surface_destroy (target);
  return status;
}

GBytes *
ms_picture_encode (cairo_surface_t *picture, const char *name, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  cairo_rectangle_t all = { 0 };
  cairo_status_t status;

  cairo_recording_surface_get_extents (picture, &all);
  if (g_str_has_suffix (lower, ".svg"))
    status = encode_svg (picture, &all, content);
  else if (g_str_has_suffix (lower, ".png"))
    status = encode_png (picture, &all, content);
  else
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("%s: give a name that ends in .png or .svg"), name);
      return NULL;
    }
  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (g_steal_pointer (&content));
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
               _ ("%s: the picture cannot be written: %s"), name, cairo_status_to_string (status));
  return NULL;
}
