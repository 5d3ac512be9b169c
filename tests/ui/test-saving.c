/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is saved out of pages: pictures of plots as they are, tables, and the toast that says so. */
#include "ms-picture-dialog.h"
#include "ms-plot-menu.h"
#include "ms-saving.h"
#include "ms-strip.h"
#include "ms-thread-card.h"
#include "ms-timeline.h"
#include "test-folder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

/* A PNG of twice the size with something on it, and an SVG with paths in it. */
static void
check_pictures (GtkWidget *plot, const char *folder)
{
  g_autofree char *png = g_build_filename (folder, "plot.png", NULL);
  g_autofree char *svg = g_build_filename (folder, "plot.SVG", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (ms_plot_menu_write_picture (plot, png, &error));
  g_assert_no_error (error);
  cairo_surface_t *picture = cairo_image_surface_create_from_png (png);
  g_assert_cmpint (cairo_image_surface_get_width (picture), ==, 2 * gtk_widget_get_width (plot));
  g_assert_cmpint (cairo_image_surface_get_height (picture), >=, 2 * gtk_widget_get_height (plot));
  g_assert_cmpuint (widget_test_count_ink (picture), >, 500);
  cairo_surface_destroy (picture);

  g_assert_true (ms_plot_menu_write_picture (plot, svg, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (svg, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "<path"));

  g_assert_false (ms_plot_menu_write_picture (plot, "plot.gif", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
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

static gboolean
is_written (gpointer data)
{
  return widget_test_find_label (data, "threads.csv is written") != NULL;
}

static gboolean
has_failed (gpointer data)
{
  return widget_test_find_label (data, "nowhere") != NULL;
}

static void
test_table (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *path = g_build_filename (output, "threads.csv", NULL);
  g_autofree char *wrong = g_build_filename (output, "nowhere", "threads.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) nowhere = g_file_new_for_path (wrong);
  g_autofree char *text = NULL;
  GtkWidget *overlay = adw_toast_overlay_new (), *label = gtk_label_new ("a table");
  GtkWindow *window;

  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), label);
  window = widget_test_show (overlay, 500, 300);
  ms_saving_write_table (label, file, "name,peak_bytes\r\nmain,8\r\n");
  widget_test_wait (is_written, window);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "name,peak_bytes\r\nmain,8\r\n");
  g_assert_nonnull (widget_test_find_button (GTK_WIDGET (window), "_Open"));
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), NULL);
  widget_test_close (window);

  overlay = adw_toast_overlay_new ();
  label = gtk_label_new ("a table");
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), label);
  window = widget_test_show (overlay, 500, 300);
  ms_saving_write_table (label, nowhere, "name\r\n");
  widget_test_wait (has_failed, window);
  widget_test_close (window);
  test_folder_remove (output);
}

/* A name from the traced program may be no file name. */
static void
test_dialog (void)
{
  static const char *const SUFFIXES[] = { "csv", NULL };
  GtkWidget *label = gtk_label_new ("x");
  GtkWindow *window = widget_test_show (label, 300, 200);
  g_autoptr (GtkFileChooserNative) chooser =
      ms_saving_new_dialog (label, "Save", "../a/b", "Tables", SUFFIXES);
  g_autofree char *name = gtk_file_chooser_get_current_name (GTK_FILE_CHOOSER (chooser));

  g_assert_cmpstr (name, ==, ".._a_b.csv");
  widget_test_close (window);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/saving/pictures", test_pictures);
  g_test_add_func ("/saving/table", test_table);
  g_test_add_func ("/saving/dialog", test_dialog);
  return g_test_run ();
}
