/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is saved out of pages: pictures of plots as they are, tables, and the toast that says so. */
#include "ms-memory-page.h"
#include "ms-picture-dialog.h"
#include "ms-plot-menu.h"
#include "ms-saving.h"
#include "ms-strip.h"
#include "ms-thread-card.h"
#include "ms-timeline.h"
#include "test-folder.h"
#include "widget-test.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static char *
write_picture (GtkWidget *plot, const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_remove (path);
  ms_plot_menu_write_picture (plot, file);
  widget_test_wait_for_file (path);
  return path;
}

/* A PNG of twice the size with something on it, and an SVG with paths in it. */
static void
check_pictures (GtkWidget *plot, const char *folder)
{
  g_autofree char *png = write_picture (plot, folder, "plot.png");
  g_autofree char *svg = write_picture (plot, folder, "plot.SVG");
  g_autofree char *text = NULL;
  cairo_surface_t *picture = cairo_image_surface_create_from_png (png);

  g_assert_cmpint (cairo_image_surface_get_width (picture), ==, 2 * gtk_widget_get_width (plot));
  g_assert_cmpint (cairo_image_surface_get_height (picture), >=, 2 * gtk_widget_get_height (plot));
  g_assert_cmpuint (widget_test_count_ink (picture), >, 500);
  cairo_surface_destroy (picture);

  g_assert_true (g_file_get_contents (svg, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "<path"));
  g_assert_nonnull (strstr (text, "</svg>"));
}

static gboolean
has_timeline (gpointer data)
{
  return gtk_widget_get_mapped (data) && ms_timeline_get_data (data) != NULL;
}

static void
test_pictures (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autofree char *output = test_folder_new ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *root = GTK_WIDGET (window);

  check_pictures (widget_test_find (root, MS_TYPE_STRIP), output);
  check_pictures (widget_test_find (root, MS_TYPE_THREAD_CARD), output);
  gtk_widget_activate_action (root, "win.show-page", "s", "timeline");
  GtkWidget *timeline = widget_test_find (root, MS_TYPE_TIMELINE);
  widget_test_wait (has_timeline, timeline);
  widget_test_wait_frames (timeline, 2);
  check_pictures (timeline, output);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
  test_folder_remove (output);
}

/* --- what is said --- */

/* A label in a window, where toasts can be shown. */
static GtkWindow *
show_with_toasts (GtkWidget **label)
{
  GtkWidget *overlay = adw_toast_overlay_new ();

  *label = gtk_label_new ("what is saved");
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), *label);
  return widget_test_show (overlay, 500, 300);
}

static gboolean
is_written (gpointer data)
{
  return widget_test_find_label (data, "threads.csv is written") != NULL;
}

static gboolean
has_failed (gpointer data)
{
  return widget_test_find_label (data, "threads.csv: ") != NULL;
}

static void
test_table (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *path = g_build_filename (output, "threads.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *text = NULL;
  GtkWidget *label;
  GtkWindow *window = show_with_toasts (&label);

  ms_saving_write (label, &MS_SAVING_TABLE, file, g_strdup ("name,peak_bytes\r\nmain,8\r\n"));
  /* A live trace draws its widgets anew. */
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (gtk_window_get_child (window)), NULL);
  widget_test_wait (is_written, window);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "name,peak_bytes\r\nmain,8\r\n");
  g_assert_nonnull (widget_test_find_button (GTK_WIDGET (window), "Open"));
  widget_test_close (window);
  test_folder_remove (output);
}

static void
test_nowhere (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *path = g_build_filename (output, "nowhere", "threads.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *label;
  GtkWindow *window = show_with_toasts (&label);

  ms_saving_write (label, &MS_SAVING_TABLE, file, g_strdup ("name\r\n"));
  widget_test_wait (has_failed, window);
  widget_test_close (window);
  test_folder_remove (output);
}

static void
paint_nothing (GtkWidget *plot, cairo_t *cr, const MsPalette *palette)
{
}

static gboolean
wants_an_ending (gpointer data)
{
  return widget_test_find_label (data, "plot.gif: ") != NULL;
}

static void
test_no_picture (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *path = g_build_filename (output, "plot.gif", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *label;
  GtkWindow *window = show_with_toasts (&label);

  ms_picture_dialog_write (label, file, 20, 20, paint_nothing);
  widget_test_wait (wants_an_ending, window);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  widget_test_close (window);
  test_folder_remove (output);
}

/* A limit on the size of a file stands for a disk that is full: what was there stays, and nothing else is left. */
static void
test_no_room (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *path = g_build_filename (output, "threads.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *text = NULL;
  struct rlimit unlimited, limit;
  GtkWidget *label;
  GtkWindow *window = show_with_toasts (&label);

  g_assert_true (g_file_set_contents (path, "before", -1, NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  limit = unlimited;
  limit.rlim_cur = 10000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  ms_saving_write (label, &MS_SAVING_TABLE, file, g_strnfill (20000, 'x'));
  widget_test_wait (has_failed, window);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "before");
  g_autoptr (GDir) folder = g_dir_open (output, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (folder), ==, "threads.csv");
  g_assert_null (g_dir_read_name (folder));
  widget_test_close (window);
  test_folder_remove (output);
}

/* --- the dialog --- */

/* A name from the traced program may be no file name. */
static void
test_dialog (void)
{
  GtkWidget *label = gtk_label_new ("x");
  GtkWindow *window = widget_test_show (label, 300, 200);
  g_autoptr (GtkFileChooserNative) chooser =
      ms_saving_new_dialog (label, &MS_SAVING_TABLE, "../a/b");
  g_autofree char *name = gtk_file_chooser_get_current_name (GTK_FILE_CHOOSER (chooser));

  g_assert_cmpstr (name, ==, ".._a_b.csv");
  widget_test_close (window);
}

static gboolean
is_not_busy (gpointer window)
{
  return !ms_window_get_busy (window);
}

static gboolean
has_no_trace (gpointer trace)
{
  return *(gpointer *) trace == NULL;
}

/* Windows that are closed while they ask for a file: they go, with their trace and with the question. */
static void
test_closed_while_asking (void)
{
  static const struct {
    const char *page, *action;
    GType (*get_type) (void); /* NULL: of the window */
    const char *argument;
  } WAYS[] = { { "overview", "win.open", NULL, NULL },
               { "overview", "win.export", NULL, "html" },
               { "overview", "plot.save-picture", ms_strip_get_type, NULL },
               { "memory", "memory.save-csv", ms_memory_page_get_type, NULL },
               { "memory", "memory.save-picture", ms_memory_page_get_type, NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (WAYS); i++)
    {
      g_autofree char *folder = window_test_new_trace ();
      MsWindow *window = window_test_open (folder);
      MsTrace *trace = ms_document_get_trace (ms_window_get_document (window));
      guint n_windows = g_list_model_get_n_items (gtk_window_get_toplevels ());
      GtkWidget *widget = GTK_WIDGET (window);

      ms_window_show_page (window, WAYS[i].page);
      widget_test_wait (is_not_busy, window);
      widget_test_wait_frames (widget, 2);
      if (WAYS[i].get_type != NULL)
        widget = widget_test_find (widget, WAYS[i].get_type ());
      g_object_add_weak_pointer (G_OBJECT (trace), (gpointer *) &trace);
      g_assert_true (gtk_widget_activate_action (widget, WAYS[i].action,
                                                 WAYS[i].argument != NULL ? "s" : NULL,
                                                 WAYS[i].argument));
      g_assert_cmpuint (g_list_model_get_n_items (gtk_window_get_toplevels ()), ==, n_windows + 1);
      widget_test_wait_frames (GTK_WIDGET (window), 2);
      widget_test_close (GTK_WINDOW (window)); /* waits until it is finalized */
      widget_test_wait (has_no_trace, &trace);
      g_assert_cmpuint (g_list_model_get_n_items (gtk_window_get_toplevels ()), ==, n_windows - 1);
      test_folder_remove (folder);
    }
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/saving/pictures", test_pictures);
  g_test_add_func ("/saving/table", test_table);
  g_test_add_func ("/saving/nowhere", test_nowhere);
  g_test_add_func ("/saving/no-picture", test_no_picture);
  g_test_add_func ("/saving/no-room", test_no_room);
  g_test_add_func ("/saving/dialog", test_dialog);
  g_test_add_func ("/saving/closed-while-asking", test_closed_while_asking);
  return g_test_run ();
}
