/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The window in the language that LANGUAGE names: on each page, nothing that has a translation is shown
 * without it, be it from a .ui file or from code, and the names of the pages are translated.
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

int
main (int argc, char **argv)
{
  ms_translations_init ();
  widget_test_init (&argc, &argv);
  g_test_add_func ("/language/words", test_words);
  g_test_add_func ("/language/pages", test_pages);
  return g_test_run ();
}
