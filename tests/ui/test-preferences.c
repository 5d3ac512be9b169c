/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Thresholds: each has its key with the same range and default, and a change is seen at once. */
#include "ms-preferences.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <math.h>

static GSettings *
new_settings (void)
{
  g_autoptr (GSettingsSchemaSource) source =
      g_settings_schema_source_new_from_directory (g_getenv ("SCHEMA_DIR"), NULL, TRUE, NULL);
  g_assert_nonnull (source);
  g_autoptr (GSettingsSchema) schema =
      g_settings_schema_source_lookup (source, "org.memscope.Memscope", FALSE);
  g_assert_nonnull (schema);
  return g_settings_new_full (schema, NULL, NULL);
}

/* The schema says the same as the analysis. */
static void
test_schema (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autofree char *source = NULL;
  guint n;
  const MsAnalysisSetting *list = ms_analysis_settings_list (&n);

  g_assert_true (g_file_get_contents (g_getenv ("SCHEMA_FILE"), &source, NULL, NULL));
  g_object_get (settings, "settings-schema", &schema, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (list[i].name), "_", '-');
      g_autoptr (GSettingsSchemaKey) key = g_settings_schema_get_key (schema, name);
      g_autoptr (GVariant) initial = g_settings_schema_key_get_default_value (key);
      g_autoptr (GVariant) range = g_settings_schema_key_get_range (key);
      g_autoptr (GVariant) limits = NULL;
      const char *kind;
      double minimum, maximum;

      g_variant_get (range, "(&sv)", &kind, &limits);
      g_variant_get (limits, "(dd)", &minimum, &maximum);
      g_assert_cmpfloat (g_variant_get_double (initial), ==, list[i].initial);
      g_assert_cmpfloat (minimum, ==, list[i].minimum);
      g_assert_cmpfloat (maximum, ==, list[i].maximum);

      /* Translators are given the schema's words. */
      g_autofree char *summary = g_strdup_printf ("<summary>%s</summary>", list[i].summary);
      g_assert_nonnull (strstr (source, summary));
    }
}

/* Contradictions are said, and the defaults taken. */
static void
test_read (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autofree char *problem = NULL, *none = NULL;
  MsAnalysisSettings analysis;

  ms_preferences_read (NULL, &analysis, &none);
  g_assert_null (none);
  g_assert_cmpfloat (analysis.alert_high_bytes, ==, 20e6);
  g_settings_set_double (settings, "alert-high-bytes", 30e6);
  ms_preferences_read (settings, &analysis, NULL);
  g_assert_cmpfloat (analysis.alert_high_bytes, ==, 30e6);
  g_settings_set_double (settings, "alert-high-bytes", 1e6);
  ms_preferences_read (settings, &analysis, &problem);
  g_assert_nonnull (problem);
  g_assert_cmpfloat (analysis.alert_high_bytes, ==, 20e6);
  g_settings_reset (settings, "alert-high-bytes");
}

static gboolean
is_medium (gpointer data)
{
  MsThreadRow *row = ms_lens_find_row (data, 3);

  return row != NULL && ms_thread_row_get_alert (row) == MS_ALERT_MEDIUM;
}

/* The window shows it without being told again, and its own window changes it in MB. */
static void
test_applied (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autoptr (GSettings) settings = new_settings ();
  MsWindow *window = ms_window_new (NULL, settings);

  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, folder);
  while (ms_window_get_document (window) == NULL)
    g_main_context_iteration (NULL, TRUE);
  MsLens *lens = ms_window_get_lens (window);
  g_assert_cmpint (ms_thread_row_get_alert (ms_lens_find_row (lens, 3)), ==, MS_ALERT_HIGH);

  GtkWindow *preferences = ms_preferences_window_new (GTK_WINDOW (window), settings);
  gtk_window_present (preferences);
  widget_test_wait_frames (GTK_WIDGET (preferences), 3);
  g_settings_set_double (settings, "alert-high-bytes", 40e6);
  widget_test_wait (is_medium, lens);
  GtkWidget *label = widget_test_find_label (GTK_WIDGET (preferences), "High alert: peak above");
  GtkWidget *row = gtk_widget_get_ancestor (label, ADW_TYPE_ACTION_ROW);
  GtkWidget *spin = widget_test_find (row, GTK_TYPE_SPIN_BUTTON);
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 40);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 20);
  g_assert_cmpfloat (g_settings_get_double (settings, "alert-high-bytes"), ==, 20e6);

  /* What was opened is remembered. */
  g_auto (GStrv) recent = g_settings_get_strv (settings, "recent-traces");
  g_assert_cmpuint (g_strv_length (recent), ==, 1);
  g_assert_cmpstr (recent[0], ==, folder);
  widget_test_close (preferences);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/preferences/schema", test_schema);
  g_test_add_func ("/preferences/read", test_read);
  g_test_add_func ("/preferences/applied", test_applied);
  return g_test_run ();
}
