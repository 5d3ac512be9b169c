/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-text-sizes.h"

#include <string.h>

#define LONGEST_TEXT 47 /* bytes; what is longer is measured each time */

typedef struct {
  MsTextStyle style;
  gboolean is_height;
  char text[LONGEST_TEXT + 1];
} Key;

typedef struct {
  Key key;
  double size_px;
} Size;

typedef struct {
  GHashTable *sizes; /* Key → Size */
  /* The last that was asked about, and when it was last changed. */
  PangoContext *context;
  guint serial;
  /* What of it decides about sizes. */
  PangoFontMap *map;
  guint map_serial;
  PangoFontDescription *font;
  cairo_font_options_t *options; /* or NULL */
  double resolution;
  PangoLanguage *language;
} Sizes;

static void
sizes_forget (Sizes *self)
{
  g_hash_table_remove_all (self->sizes);
  g_clear_object (&self->context);
  g_clear_object (&self->map);
  g_clear_pointer (&self->font, pango_font_description_free);
  g_clear_pointer (&self->options, cairo_font_options_destroy);
}

static void
sizes_free (gpointer data)
{
  Sizes *self = data;

  sizes_forget (self);
  g_hash_table_unref (self->sizes);
  g_free (self);
}

static GPrivate sizes_of_thread = G_PRIVATE_INIT (sizes_free);

static guint
key_hash (gconstpointer key)
{
  const Key *self = key;

  return g_str_hash (self->text) ^ (guint) self->style.weight ^ g_double_hash (&self->style.scale);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *one = a, *other = b;

  return one->style.scale == other->style.scale && one->style.weight == other->style.weight
         && one->is_height == other->is_height && strcmp (one->text, other->text) == 0;
}

static gboolean
key_init (Key *self, const char *text, MsTextStyle style)
{
  *self = (Key) { .style = style, .is_height = text == NULL };
  return text == NULL || g_strlcpy (self->text, text, sizeof self->text) < sizeof self->text;
}

static gboolean
are_same_options (const cairo_font_options_t *a, const cairo_font_options_t *b)
{
  return a == b || (a != NULL && b != NULL && cairo_font_options_equal (a, b));
}

static gboolean
is_same_font (const Sizes *self, PangoContext *context)
{
  return self->map == pango_context_get_font_map (context)
         && self->map_serial == pango_font_map_get_serial (self->map)
         && self->resolution == pango_cairo_context_get_resolution (context)
         && self->language == pango_context_get_language (context)
         && are_same_options (self->options, pango_cairo_context_get_font_options (context))
         && pango_font_description_equal (self->font, pango_context_get_font_description (context));
}

static void
take_font (Sizes *self, PangoContext *context)
{
  const cairo_font_options_t *options = pango_cairo_context_get_font_options (context);

  sizes_forget (self);
  self->map = g_object_ref (pango_context_get_font_map (context));
  self->map_serial = pango_font_map_get_serial (self->map);
  self->font = pango_font_description_copy (pango_context_get_font_description (context));
  self->options = options != NULL ? cairo_font_options_copy (options) : NULL;
  self->resolution = pango_cairo_context_get_resolution (context);
  self->language = pango_context_get_language (context);
}

/* NULL: of such a context nothing is remembered. */
static Sizes *
get_sizes (PangoContext *context)
{
  Sizes *self = g_private_get (&sizes_of_thread);

  if (pango_context_get_font_map (context) == NULL || pango_context_get_matrix (context) != NULL)
    return NULL;
  if (self == NULL)
    {
      self = g_new0 (Sizes, 1);
      self->sizes = g_hash_table_new_full (key_hash, key_equal, NULL, g_free);
      g_private_set (&sizes_of_thread, self);
    }
  guint serial = pango_context_get_serial (context);
  /* Of a context that is given another resolution the serial number stays. */
  if (self->context == context && self->serial == serial
      && self->resolution == pango_cairo_context_get_resolution (context))
    return self;
  if (self->font == NULL || !is_same_font (self, context))
    take_font (self, context);
  g_set_object (&self->context, context);
  self->serial = serial;
  return self;
}

gboolean
ms_text_sizes_find (PangoContext *context, const char *text, MsTextStyle style, double *size_px)
{
  Sizes *self = get_sizes (context);
  Key key;

  if (self == NULL || !key_init (&key, text, style))
    return FALSE;

  const Size *size = g_hash_table_lookup (self->sizes, &key);
  if (size == NULL)
    return FALSE;
  *size_px = size->size_px;
  return TRUE;
}

void
ms_text_sizes_remember (PangoContext *context, const char *text, MsTextStyle style, double size_px)
{
  Sizes *self = get_sizes (context);
  Key key;

  if (self == NULL || !key_init (&key, text, style))
    return;
  if (g_hash_table_size (self->sizes) >= MS_TEXT_SIZES_MOST)
    g_hash_table_remove_all (self->sizes);

  Size *size = g_new (Size, 1);
  *size = (Size) { key, size_px };
  g_hash_table_replace (self->sizes, &size->key, size);
}

guint
ms_text_sizes_get_n (void)
{
  Sizes *self = g_private_get (&sizes_of_thread);

  return self != NULL ? g_hash_table_size (self->sizes) : 0;
}
