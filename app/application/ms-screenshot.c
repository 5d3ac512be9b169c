/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-screenshot.h"

#include <errno.h>

/* Frames in which sizes and scroll positions settle. */
#define REST_MS 400
/* A busy machine draws its first frame late. */
#define MOST_EMPTY_LOOKS 50
/* And is late to grow. */
#define MOST_SMALL_LOOKS 10
#define MIN_SIZE_PX 200
#define MAX_SIZE_PX 8000

typedef struct {
  MsWindow *window; /* owned */
  const MsScreenshotOptions *options;
  MsScreenshotDone done;
  gpointer user_data;
  char *problem;
  guint n_small_looks; /* since it was told to grow */
  gboolean was_busy;   /* when it was last looked at */
  guint n_empty_looks;
} Shot;

gboolean
ms_screenshot_parse_size (const char *text, int *width_px, int *height_px)
{
  char *end;

  errno = 0;
  gint64 width = g_ascii_strtoll (text, &end, 10);
  if (end == text || *end != 'x')
    return FALSE;
  text = end + 1;
  gint64 height = g_ascii_strtoll (text, &end, 10);
  if (end == text || *end != '\0' || errno != 0)
    return FALSE;
  if (width < MIN_SIZE_PX || width > MAX_SIZE_PX || height < MIN_SIZE_PX || height > MAX_SIZE_PX)
    return FALSE;
  *width_px = (int) width;
  *height_px = (int) height;
  return TRUE;
}

static void
finish (Shot *shot, const char *problem)
{
  shot->done (problem, shot->user_data);
  g_object_unref (shot->window);
  g_free (shot->problem);
  g_free (shot);
}

/* Where in the window's picture its content lies: without the frame that a desktop without
 * compositing draws around it. */
static gboolean
get_content_bounds (MsWindow *window, graphene_rect_t *bounds)
{
  GtkWidget *content = adw_application_window_get_content (ADW_APPLICATION_WINDOW (window));
  graphene_rect_t whole;

  if (!gtk_widget_compute_bounds (GTK_WIDGET (window), GTK_WIDGET (window), &whole)
      || !gtk_widget_compute_bounds (content, GTK_WIDGET (window), bounds))
    return FALSE;
  graphene_rect_offset (bounds, -whole.origin.x, -whole.origin.y);
  return TRUE;
}

static GdkTexture *
render (MsWindow *window)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (window));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  graphene_rect_t bounds;

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot),
                          gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return NULL;

  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (GTK_WIDGET (window)));
  GdkTexture *texture = get_content_bounds (window, &bounds)
                            ? gsk_renderer_render_texture (renderer, node, &bounds)
                            : NULL;
  gsk_render_node_unref (node);
  return texture;
}

/* A size was asked for and the frame took some of it: grow once by what is missing.  FALSE: the size is right, or
 * the screen has no more room. */
static gboolean
correct_size (Shot *shot)
{
  const MsScreenshotOptions *options = shot->options;
  graphene_rect_t bounds;
  int width, height;

  if (options->width_px == 0 || !get_content_bounds (shot->window, &bounds))
    return FALSE;

  int missing_x = options->width_px - (int) bounds.size.width;
  int missing_y = options->height_px - (int) bounds.size.height;
  if ((missing_x <= 0 && missing_y <= 0) || shot->n_small_looks++ >= MOST_SMALL_LOOKS)
    return FALSE;
  if (shot->n_small_looks > 1)
    return TRUE;
  gtk_window_get_default_size (GTK_WINDOW (shot->window), &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (shot->window), width + missing_x, height + missing_y);
  return TRUE;
}

/* Not what was asked for: no picture. */
static gboolean
failed_cb (gpointer user_data)
{
  Shot *shot = user_data;

  finish (shot, shot->problem);
  return G_SOURCE_REMOVE;
}

static gboolean
rested_cb (gpointer user_data)
{
  Shot *shot = user_data;

  /* What comes from a worker comes to rest after it. */
  gboolean was_busy = shot->was_busy;
  shot->was_busy = ms_window_get_busy (shot->window);
  if (shot->was_busy || was_busy || correct_size (shot))
    return G_SOURCE_CONTINUE;

  g_autoptr (GdkTexture) texture = render (shot->window);
  if (texture == NULL && shot->n_empty_looks++ < MOST_EMPTY_LOOKS)
    return G_SOURCE_CONTINUE;
  if (texture == NULL)
    finish (shot, "the window drew nothing");
  else if (!gdk_texture_save_to_png (texture, shot->options->output))
    {
      g_autofree char *name = g_filename_display_name (shot->options->output);
      g_autofree char *problem = g_strdup_printf ("%s: the picture cannot be written", name);

      finish (shot, problem);
    }
  else
    finish (shot, NULL);
  return G_SOURCE_REMOVE;
}

static void
wait_for_rest (Shot *shot)
{
  g_timeout_add (REST_MS, rested_cb, shot);
}

/* FALSE: there is none of this name. */
static gboolean
show_page (Shot *shot)
{
  const char *page = shot->options->page;

  if (page == NULL || ms_window_show_page (shot->window, page))
    return TRUE;

  g_autofree char *names = ms_window_dup_page_names (shot->window);
  shot->problem = g_strdup_printf ("there is no page called “%s”; pages are %s", page, names);
  return FALSE;
}

static void
state_changed_cb (MsWindow *window, Shot *shot)
{
  const MsScreenshotOptions *options = shot->options;
  MsWindowState state = ms_window_get_state (window);

  if (state == MS_WINDOW_LOADING)
    return;
  g_signal_handlers_disconnect_by_func (window, state_changed_cb, shot);

  if (state == MS_WINDOW_PROBLEM)
    shot->problem = g_strdup (ms_window_get_problem (window));
  else if (show_page (shot) && options->focus_thread != NULL
           && !ms_window_focus_thread (window, options->focus_thread))
    shot->problem =
        g_strdup_printf ("there is no thread with the name, tid or id “%s”", options->focus_thread);
  if (shot->problem != NULL)
    g_idle_add (failed_cb, shot);
  else
    wait_for_rest (shot);
}

void
ms_screenshot_take (MsWindow *window,
                    const MsScreenshotOptions *options,
                    MsScreenshotDone done,
                    gpointer user_data)
{
  Shot *shot = g_new0 (Shot, 1);

  shot->window = g_object_ref (window);
  shot->options = options;
  shot->done = done;
  shot->user_data = user_data;
  /* A picture of things at rest, not of a moment. */
  g_object_set (gtk_widget_get_settings (GTK_WIDGET (window)), "gtk-enable-animations", FALSE,
                NULL);
  /* Nothing in the picture is under a pointer that happens to be there. */
  gtk_widget_set_can_target (adw_application_window_get_content (ADW_APPLICATION_WINDOW (window)),
                             FALSE);
  if (options->width_px > 0)
    gtk_window_set_default_size (GTK_WINDOW (window), options->width_px, options->height_px);
  if (ms_window_get_state (window) == MS_WINDOW_LOADING)
    g_signal_connect (window, "state-changed", G_CALLBACK (state_changed_cb), shot);
  else if (show_page (shot))
    wait_for_rest (shot);
  else
    g_idle_add (failed_cb, shot);
}
