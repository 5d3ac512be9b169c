/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Thresholds: each has its key with the same range and default, and a change is seen at once, as one of units is. */
#include "ms-card-board.h"
#include "ms-card-paint.h"
#include "ms-figures.h"
#include "ms-preferences.h"
#include "ms-strip.h"
#include "ms-thread-card.h"
#include "ms-timeline.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <math.h>
#include <string.h>

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

/* --- units --- */

static const char *const PAGES[] = { "overview", "threads", "timeline", "correlation",
                                     "memory",   "system",  "compare" };

/* How many figures of memory that are seen below @widget are in @units, such as "MB"; and how many in @wrong. */
static void
count_units (GtkWidget *widget, const GRegex *units, const GRegex *wrong, guint *n, guint *n_wrong)
{
  const char *texts[] = { gtk_widget_get_tooltip_text (widget),
                          GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL };

  /* A page that nobody sees says it when it comes. */
  if (!gtk_widget_get_mapped (widget))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (texts[i] == NULL)
        continue;
      *n += g_regex_match (units, texts[i], 0, NULL);
      *n_wrong += g_regex_match (wrong, texts[i], 0, NULL);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count_units (child, units, wrong, n, n_wrong);
}

typedef struct {
  MsWindow *window;
  GRegex *units, *wrong;
  guint n;
} Look;

static gboolean
is_said_in_units (gpointer data)
{
  Look *look = data;
  guint n_wrong = 0;

  look->n = 0;
  count_units (GTK_WIDGET (look->window), look->units, look->wrong, &look->n, &n_wrong);
  return n_wrong == 0 && !ms_window_get_busy (look->window);
}

/* At once, but for what workers find. */
static guint
wait_for_units (MsWindow *window, gboolean is_binary)
{
  g_autoptr (GRegex) decimal = g_regex_new ("[0-9]\\s*[kMGT]B\\b", G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GRegex) binary = g_regex_new ("[0-9]\\s*[KMGT]iB\\b", G_REGEX_OPTIMIZE, 0, NULL);
  Look look = { window, is_binary ? binary : decimal, is_binary ? decimal : binary, 0 };

  widget_test_wait_frames (GTK_WIDGET (window), 3);
  widget_test_wait (is_said_in_units, &look);
  g_test_message ("%u figures", look.n);
  return look.n;
}

typedef struct {
  GtkWidget *widget;
  cairo_surface_t *before;
  gboolean is_same;
} Picture;

static gboolean
has_picture (gpointer data)
{
  const Picture *wanted = data;
  cairo_surface_t *picture = widget_test_picture (wanted->widget);
  gsize n_bytes = (gsize) cairo_image_surface_get_stride (picture)
                  * (gsize) cairo_image_surface_get_height (picture);
  gboolean is_same =
      cairo_image_surface_get_height (picture) == cairo_image_surface_get_height (wanted->before)
      && memcmp (cairo_image_surface_get_data (picture),
                 cairo_image_surface_get_data (wanted->before), n_bytes)
             == 0;

  cairo_surface_destroy (picture);
  return is_same == wanted->is_same;
}

/* As soon as the workers that paint are done with it. */
static void
assert_same_picture (GtkWidget *widget, cairo_surface_t *before, gboolean is_same)
{
  Picture wanted = { widget, before, is_same };

  widget_test_wait (has_picture, &wanted);
}

/* One that stays as it is while nothing is changed. */
static cairo_surface_t *
take_picture (GtkWidget *widget)
{
  cairo_surface_t *picture = NULL;
  Picture wanted = { widget, NULL, TRUE };

  do
    {
      g_clear_pointer (&picture, cairo_surface_destroy);
      picture = widget_test_picture (widget);
      wanted.before = picture;
      widget_test_wait_frames (GTK_WIDGET (gtk_widget_get_root (widget)), 10);
    }
  while (!has_picture (&wanted));
  return picture;
}

/* Each page says the same in other units, at once and without being looked at again. */
static void
test_units (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autoptr (GSettings) settings = new_settings ();
  MsWindow *window = ms_window_new (NULL, settings);
  guint n_figures = 0;

  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, folder);
  widget_test_wait (window_test_is_settled, window);
  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    {
      ms_window_show_page (window, PAGES[i]);
      g_test_message ("%s", PAGES[i]);
      guint n = wait_for_units (window, FALSE);
      GtkWidget *plot = widget_test_find (GTK_WIDGET (window), MS_TYPE_TIMELINE);
      gboolean is_painted = gtk_widget_get_mapped (plot);
      cairo_surface_t *before = is_painted ? take_picture (plot) : NULL;

      n_figures += n;
      g_settings_set_string (settings, "units", "binary");
      wait_for_units (window, TRUE);
      if (is_painted)
        assert_same_picture (plot, before, FALSE);
      g_settings_set_string (settings, "units", "decimal");
      wait_for_units (window, FALSE);
      if (is_painted)
        assert_same_picture (plot, before, TRUE);
      g_clear_pointer (&before, cairo_surface_destroy);
    }
  g_assert_cmpuint (n_figures, >=, 20);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static GtkWidget *
find_table_window (GtkWidget *parent)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *at = windows; at != NULL; at = at->next)
    if (gtk_window_get_transient_for (at->data) == GTK_WINDOW (parent))
      return at->data;
  return NULL;
}

static gboolean
is_at_rest (gpointer window)
{
  return !ms_window_get_busy (window);
}

/* A plot's figures in a window of their own, which stays open meanwhile. */
static void
test_units_of_table (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autoptr (GSettings) settings = new_settings ();
  MsWindow *window = ms_window_new (NULL, settings);

  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, folder);
  widget_test_wait (window_test_is_settled, window);
  ms_window_show_page (window, "timeline");
  widget_test_wait (is_at_rest, window);
  GtkWidget *button = widget_test_find_button (GTK_WIDGET (window), "Show as a table");
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  GtkWidget *table = find_table_window (GTK_WIDGET (window));
  g_assert_nonnull (table);
  widget_test_wait_frames (table, 3);
  g_assert_nonnull (widget_test_find_label (table, MS_THIN_SPACE "MB"));
  g_assert_null (widget_test_find_label (table, MS_THIN_SPACE "MiB"));
  g_settings_set_string (settings, "units", "binary");
  widget_test_wait_frames (table, 3);
  g_assert_nonnull (widget_test_find_label (table, MS_THIN_SPACE "MiB"));
  g_assert_null (widget_test_find_label (table, MS_THIN_SPACE "MB"));
  g_settings_reset (settings, "units");
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* What is painted, and its name. */
static void
test_unit_pictures (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autoptr (GSettings) settings = new_settings ();
  MsWindow *window = ms_window_new (NULL, settings);

  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, folder);
  widget_test_wait (window_test_is_settled, window);
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  GtkWidget *board = widget_test_find (GTK_WIDGET (window), MS_TYPE_CARD_BOARD);
  MsThreadCard *card = MS_THREAD_CARD (ms_card_board_get_card (MS_CARD_BOARD (board), 2));
  GtkWidget *strip = widget_test_find (GTK_WIDGET (window), MS_TYPE_STRIP);
  cairo_surface_t *card_before = take_picture (GTK_WIDGET (card));
  cairo_surface_t *strip_before = take_picture (strip);

  g_settings_set_string (settings, "units", "binary");
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  assert_same_picture (GTK_WIDGET (card), card_before, FALSE);
  assert_same_picture (strip, strip_before, FALSE);
  g_autofree char *words =
      ms_card_describe (ms_card_item_get_data (ms_thread_card_get_item (card)));
  g_assert_nonnull (strstr (words, "19.1" MS_THIN_SPACE "MiB"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_PROPERTY_LABEL, words);

  g_settings_reset (settings, "units");
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  assert_same_picture (GTK_WIDGET (card), card_before, TRUE);
  assert_same_picture (strip, strip_before, TRUE);
  cairo_surface_destroy (card_before);
  cairo_surface_destroy (strip_before);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* Thresholds are set in them, and are not rounded by being looked at. */
static void
test_unit_rows (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  ms_preferences_follow_units (settings);
  GtkWindow *preferences = ms_preferences_window_new (NULL, settings);

  gtk_window_present (preferences);
  widget_test_wait_frames (GTK_WIDGET (preferences), 3);
  GtkWidget *label = widget_test_find_label (GTK_WIDGET (preferences), "High alert: peak above");
  GtkWidget *row = gtk_widget_get_ancestor (label, ADW_TYPE_ACTION_ROW);
  GtkSpinButton *spin = GTK_SPIN_BUTTON (widget_test_find (row, GTK_TYPE_SPIN_BUTTON));
  AdwComboRow *units =
      ADW_COMBO_ROW (widget_test_find (GTK_WIDGET (preferences), ADW_TYPE_COMBO_ROW));

  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "MB");
  adw_combo_row_set_selected (units, 1);
  g_autofree char *chosen = g_settings_get_string (settings, "units");
  g_assert_cmpstr (chosen, ==, "binary");
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "MiB");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (spin)), ==, "19.1");
  gtk_spin_button_update (spin);
  g_assert_cmpfloat (g_settings_get_double (settings, "alert-high-bytes"), ==, 20e6);
  gtk_spin_button_set_value (spin, 32);
  g_assert_cmpfloat (g_settings_get_double (settings, "alert-high-bytes"), ==, 0x1p25);

  g_settings_reset (settings, "alert-high-bytes");
  g_settings_reset (settings, "units");
  g_assert_cmpuint (adw_combo_row_get_selected (units), ==, 0);
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "MB");
  g_assert_cmpfloat (gtk_spin_button_get_value (spin), ==, 20);
  widget_test_close (preferences);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/preferences/schema", test_schema);
  g_test_add_func ("/preferences/read", test_read);
  g_test_add_func ("/preferences/applied", test_applied);
  g_test_add_func ("/preferences/units", test_units);
  g_test_add_func ("/preferences/unit-pictures", test_unit_pictures);
  g_test_add_func ("/preferences/unit-rows", test_unit_rows);
  g_test_add_func ("/preferences/units-of-table", test_units_of_table);
  return g_test_run ();
}
