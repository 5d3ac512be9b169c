/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "widget-test.h"

#include <glib/gstdio.h>
#include <string.h>

/* Only a hang is stopped; nothing is expected to take this long. */
#define HANG_SECONDS 60

void
widget_test_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  if (!gtk_init_check ())
    {
      g_printerr ("no display\n");
      exit (77);
    }
  adw_init ();
}

static gboolean
hang_cb (gpointer data)
{
  g_error ("%s: never came true", (const char *) data);
  return G_SOURCE_REMOVE;
}

void
widget_test_wait_for (WidgetTestCondition condition, gpointer data, const char *words)
{
  guint source = g_timeout_add_seconds (HANG_SECONDS, hang_cb, (gpointer) words);

  while (!condition (data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static gboolean
frame_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  guint *n_left = data;

  (*n_left)--;
  return *n_left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_zero (gpointer data)
{
  return *(guint *) data == 0;
}

void
widget_test_wait_frames (GtkWidget *widget, guint n_frames)
{
  gtk_widget_add_tick_callback (widget, frame_cb, &n_frames, NULL);
  widget_test_wait (is_zero, &n_frames);
}

/* A file that was not there before is made first, and filled at once then. */
static gboolean
has_bytes (gpointer path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 && status.st_size > 0;
}

/* A file does not wake the main loop. */
static gboolean
look_again_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
widget_test_wait_for_file (const char *path)
{
  guint source = g_timeout_add (20, look_again_cb, NULL);

  widget_test_wait (has_bytes, (gpointer) path);
  g_source_remove (source);
}

GtkWindow *
widget_test_show (GtkWidget *child, int width, int height)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  widget_test_wait_frames (window, 3);
  return GTK_WINDOW (window);
}

static gboolean
is_gone (gpointer object)
{
  return *(gpointer *) object == NULL;
}

/* A worker that was cancelled may hold it a moment longer. */
void
widget_test_close (GtkWindow *window)
{
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  gtk_window_destroy (window);
  widget_test_wait (is_gone, &window);
}

cairo_surface_t *
widget_test_picture (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  int width = gdk_paintable_get_intrinsic_width (paintable);
  int height = gdk_paintable_get_intrinsic_height (paintable);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    {
      cairo_t *cr = cairo_create (surface);

      gsk_render_node_draw (node, cr);
      cairo_destroy (cr);
      gsk_render_node_unref (node);
    }
  cairo_surface_flush (surface);
  return surface;
}

guint
widget_test_count_ink (cairo_surface_t *picture)
{
  const guint8 *pixels = cairo_image_surface_get_data (picture);
  int stride = cairo_image_surface_get_stride (picture);
  guint32 corner;
  guint n_inked = 0;

  memcpy (&corner, pixels, sizeof corner);
  for (int y = 0; y < cairo_image_surface_get_height (picture); y++)
    for (int x = 0; x < cairo_image_surface_get_width (picture); x++)
      {
        guint32 pixel;

        memcpy (&pixel, pixels + y * stride + x * 4, sizeof pixel);
        n_inked += pixel >> 24 != 0 && pixel != corner;
      }
  return n_inked;
}

GtkWidget *
widget_test_find (GtkWidget *root, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = widget_test_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* A button with this accessible name that is not hidden itself. */
GtkWidget *
widget_test_find_button (GtkWidget *root, const char *name)
{
  if (GTK_IS_BUTTON (root) && gtk_widget_get_visible (root))
    {
      g_autofree char *other =
          gtk_test_accessible_check_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                              name);

      if (other == NULL)
        return root;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = widget_test_find_button (child, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

GtkWidget *
widget_test_find_label (GtkWidget *root, const char *part)
{
  if (GTK_IS_LABEL (root) && strstr (gtk_label_get_text (GTK_LABEL (root)), part) != NULL)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = widget_test_find_label (child, part);

      if (found != NULL)
        return found;
    }
  return NULL;
}
