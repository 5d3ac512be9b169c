/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The window in the language that LANGUAGE names: on each page, nothing that has a translation is shown
 * without it, be it from a .ui file or from code, and the names of the pages are translated.  Nothing is cut off in
 * a narrow window, whatever the language's words are long, nor in a large font.
 */
#include "ms-translations.h"
#include "widget-test.h"
#include "window-test.h"
#include "trace-builder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const PAGES[] = { "overview", "threads", "timeline", "correlation",
                                     "memory",   "system",  "compare" };

/* The original of a message is shown where its translation should be.  What was put together of several
 * messages is none itself. */
static void
check_text (GtkWidget *widget, const char *text, guint *n_wrong)
{
  if (text == NULL || *text == '\0' || strcmp (_ (text), text) == 0)
    return;
  g_test_message ("%s shows “%s”, not “%s”", G_OBJECT_TYPE_NAME (widget), text, _ (text));
  *n_wrong += 1;
}

static void
check_below (GtkWidget *widget, guint *n_labels, guint *n_wrong)
{
  check_text (widget, gtk_widget_get_tooltip_text (widget), n_wrong);
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    {
      *n_labels += 1;
      check_text (widget, gtk_label_get_label (GTK_LABEL (widget)), n_wrong);
    }
  if (GTK_IS_EDITABLE (widget) && GTK_IS_SEARCH_ENTRY (widget))
    {
      g_autofree char *placeholder = NULL;

      g_object_get (widget, "placeholder-text", &placeholder, NULL);
      check_text (widget, placeholder, n_wrong);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_below (child, n_labels, n_wrong);
}

static gboolean
is_at_rest (gpointer data)
{
  return !ms_window_get_busy (data);
}

static void
test_pages (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);

  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    {
      guint n_labels = 0, n_wrong = 0;

      g_assert_true (ms_window_show_page (window, PAGES[i]));
      widget_test_wait (is_at_rest, window);
      widget_test_wait_frames (GTK_WIDGET (window), 2);
      check_below (GTK_WIDGET (window), &n_labels, &n_wrong);
      g_test_message ("%s: %u labels", PAGES[i], n_labels);
      g_assert_cmpuint (n_labels, >, 10);
      g_assert_cmpuint (n_wrong, ==, 0);
    }
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static int
get_least_width (MsWindow *window)
{
  int least;

  gtk_widget_measure (adw_application_window_get_content (ADW_APPLICATION_WINDOW (window)),
                      GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  return least;
}

/* A page that nobody has seen yet counts, too: the stack of pages is as wide as the widest. */
static int
find_least_width (const char *folder, double text_scale)
{
  int initial_dpi, least;
  gint64 end_ns;

  g_object_get (gtk_settings_get_default (), "gtk-xft-dpi", &initial_dpi, NULL);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", (int) (text_scale * 96 * 1024), NULL);
  MsWindow *window = ms_window_new (NULL, NULL);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 700);
  gtk_window_present (GTK_WINDOW (window));
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  least = get_least_width (window);
  ms_window_open (window, folder);
  widget_test_wait (window_test_is_settled, window);

  /* With every filter. */
  MsFocus *focus = ms_window_get_focus (window);
  end_ns = ms_trace_get_duration_ns (ms_document_get_trace (ms_window_get_document (window)));
  ms_focus_set_thread (focus, 2);
  ms_focus_set_range (focus, end_ns / 3, end_ns * 2 / 3);
  ms_focus_set_stack (focus, 0);
  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    {
      ms_window_show_page (window, PAGES[i]);
      widget_test_wait (is_at_rest, window);
      widget_test_wait_frames (GTK_WIDGET (window), 2);
      g_test_message ("%s: %d", PAGES[i], get_least_width (window));
      least = MAX (least, get_least_width (window));
    }
  widget_test_close (GTK_WINDOW (window));
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", initial_dpi, NULL);
  return least;
}

static void
test_narrow (void)
{
  g_autofree char *folder = window_test_new_trace ();

  g_assert_cmpint (find_least_width (folder, 1), <=, 400);
  /* Twice as large as usual, beside another window on a small screen. */
  g_assert_cmpint (find_least_width (folder, 2), <=, 560);
  test_folder_remove (folder);
}

/* English has no translation to be compared with. */
static gboolean
is_translated (void)
{
  return g_strcmp0 (g_getenv ("LANGUAGE"), "en") != 0;
}

static void
test_words (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);

  /* One from a .ui file and one from code, neither spelt as in English in any language. */
  g_assert_cmpstr (_ ("Overview"), !=, "Overview");
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), _ ("Overview")));
  g_assert_nonnull (
      widget_test_find_label (GTK_WIDGET (window),
                              g_dpgettext2 (GETTEXT_PACKAGE, "summary", "Peak memory")));
  g_assert_cmpstr (g_dngettext (GETTEXT_PACKAGE, "%u thread copied", "%u threads copied", 2), !=,
                   "%u threads copied");
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* Paddings count: as the application, which finds it by its name. */
static void
add_style (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (style, "/org/memscope/Memscope/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

int
main (int argc, char **argv)
{
  ms_translations_init ();
  widget_test_init (&argc, &argv);
  add_style ();
  g_test_add_func ("/language/narrow", test_narrow);
  if (!is_translated ())
    return g_test_run ();
  g_test_add_func ("/language/words", test_words);
  g_test_add_func ("/language/pages", test_pages);
  return g_test_run ();
}
