/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rows of thresholds are made from ms_analysis_settings_list(), so that a new threshold has its row as soon
 * as it has its key.  Bytes are set in MB, nanoseconds in seconds.
 */
#include "ms-preferences.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Which thresholds stand together: those whose names begin with one of @prefixes. */
static const struct {
  const char *title;
  const char *prefixes[6];
  gboolean is_first_page;
} GROUPS[] = {
  { N_ ("Roles of threads"),
    { "memory_", "cpu_percent", "cpu_seconds", "io_operations", "balanced_", NULL },
    TRUE },
  { N_ ("Alerts"), { "alert_", NULL }, TRUE },
  { N_ ("Leaks: the tail of a run"), { "leak_", NULL }, TRUE },
  { N_ ("Thread score"), { "score_", NULL }, TRUE },
  { N_ ("Bottlenecks"), { "bottleneck_", NULL }, FALSE },
  { N_ ("Out of the ordinary"), { "growth_", "rise_", "peer_", NULL }, FALSE },
  { N_ ("Patterns of the correlation"), { "pattern_", NULL }, FALSE },
  { N_ ("Findings"), { "finding_", NULL }, FALSE },
};

typedef struct {
  double factor;
  const char *unit;
} Unit;

static Unit
get_unit (const char *name)
{
  if (g_str_has_suffix (name, "_bytes"))
    return (Unit) { 1e6, N_ ("MB") };
  if (g_str_has_suffix (name, "_bytes_per_second"))
    return (Unit) { 1e6, N_ ("MB/s") };
  if (g_str_has_suffix (name, "_ns"))
    return (Unit) { 1e9, N_ ("seconds") };
  if (g_str_has_suffix (name, "_percent"))
    return (Unit) { 1, N_ ("%") };
  return (Unit) { 1, NULL };
}

/* --- one row --- */

static gboolean
from_setting (GValue *value, GVariant *variant, gpointer user_data)
{
  const double *factor = user_data;

  g_value_set_double (value, g_variant_get_double (variant) / *factor);
  return TRUE;
}

static GVariant *
to_setting (const GValue *value, const GVariantType *type, gpointer user_data)
{
  const double *factor = user_data;

  return g_variant_new_double (g_value_get_double (value) * *factor);
}

static guint
choose_digits (const MsAnalysisSetting *setting, double factor)
{
  if (setting->maximum <= 1)
    return 2;
  return factor > 1 || g_str_has_suffix (setting->name, "_percent")
                 || g_str_has_suffix (setting->name, "_ratio")
             ? 1
             : 0;
}

static void
reset_cb (GtkWidget *button, GSettings *settings)
{
  g_settings_reset (settings, g_object_get_data (G_OBJECT (button), "key"));
}

/* The analysis speaks English; translators find its summaries in the schema, which says the same. */
static GtkWidget *
new_row (const MsAnalysisSetting *setting, GSettings *settings)
{
  Unit unit = get_unit (setting->name);
  GtkWidget *row = adw_action_row_new ();
  guint digits = choose_digits (setting, unit.factor);
  GtkWidget *spin =
      gtk_spin_button_new_with_range (setting->minimum / unit.factor,
                                      setting->maximum / unit.factor, pow (10, -(double) digits));
  GtkWidget *reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  char *key = g_strdelimit (g_strdup (setting->name), "_", '-');
  g_autofree char *title = g_markup_escape_text (_ (setting->summary), -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  if (unit.unit != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (unit.unit));
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), digits);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (setting->summary), -1);
  g_settings_bind_with_mapping (settings, key, spin, "value", G_SETTINGS_BIND_DEFAULT, from_setting,
                                to_setting, g_memdup2 (&unit.factor, sizeof unit.factor), g_free);

  g_object_set_data_full (G_OBJECT (reset), "key", key, g_free);
  gtk_widget_set_valign (reset, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (reset, "flat");
  gtk_widget_set_tooltip_text (reset, _ ("As it was at first"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (reset), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("As it was at first"), -1);
  g_signal_connect_object (reset, "clicked", G_CALLBACK (reset_cb), settings, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), reset);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  return row;
}

/* --- groups and pages --- */

static gboolean
is_in_group (const MsAnalysisSetting *setting, guint group)
{
  for (const char *const *prefix = GROUPS[group].prefixes; *prefix != NULL; prefix++)
    if (g_str_has_prefix (setting->name, *prefix))
      return TRUE;
  return FALSE;
}

static AdwPreferencesGroup *
new_group (const char *title, const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  return ADW_PREFERENCES_GROUP (group);
}

static void
problem_changed_cb (GtkLabel *label, const char *key, GSettings *settings)
{
  g_autofree char *problem = NULL;
  MsAnalysisSettings analysis;

  ms_preferences_read (settings, &analysis, &problem);
  if (problem != NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("Not used, the defaults are: %s"), problem);

      gtk_label_set_text (label, text);
    }
  gtk_widget_set_visible (GTK_WIDGET (label), problem != NULL);
}

/* Thresholds that contradict each other are not applied, and that is said above them. */
static void
add_problem (AdwPreferencesPage *page, GSettings *settings)
{
  AdwPreferencesGroup *group = new_group (NULL, NULL);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "error");
  g_signal_connect_object (settings, "changed", G_CALLBACK (problem_changed_cb), label,
                           G_CONNECT_SWAPPED);
  problem_changed_cb (GTK_LABEL (label), NULL, settings);
  adw_preferences_group_add (group, label);
  adw_preferences_page_add (page, group);
}

static AdwPreferencesPage *
new_page (AdwPreferencesWindow *window, const char *title, const char *icon)
{
  GtkWidget *page = adw_preferences_page_new ();

  adw_preferences_page_set_title (ADW_PREFERENCES_PAGE (page), title);
  adw_preferences_page_set_icon_name (ADW_PREFERENCES_PAGE (page), icon);
  adw_preferences_window_add (window, ADW_PREFERENCES_PAGE (page));
  return ADW_PREFERENCES_PAGE (page);
}

static void
add_thresholds (AdwPreferencesPage *page, GSettings *settings, gboolean is_first_page)
{
  guint n;
  const MsAnalysisSetting *list = ms_analysis_settings_list (&n);

  for (guint at = 0; at < G_N_ELEMENTS (GROUPS); at++)
    {
      if (GROUPS[at].is_first_page != is_first_page)
        continue;

      AdwPreferencesGroup *group = new_group (_ (GROUPS[at].title), NULL);
      for (guint i = 0; i < n; i++)
        if (is_in_group (&list[i], at))
          adw_preferences_group_add (group, new_row (&list[i], settings));
      adw_preferences_page_add (page, group);
    }
}

/* --- text --- */

static gboolean
paths_from_setting (GValue *value, GVariant *variant, gpointer user_data)
{
  g_autofree const char **paths = g_variant_get_strv (variant, NULL);

  g_value_take_string (value, g_strjoinv (":", (char **) paths));
  return TRUE;
}

static void
paths_applied_cb (AdwEntryRow *row, GSettings *settings)
{
  g_auto (GStrv) paths = g_strsplit (gtk_editable_get_text (GTK_EDITABLE (row)), ":", -1);

  g_settings_set_strv (settings, MS_PREFERENCES_SYMBOL_PATHS, (const char *const *) paths);
}

static void
add_source (AdwPreferencesPage *page, GSettings *settings)
{
  AdwPreferencesGroup *editor =
      new_group (_ ("Editor"),
                 _ ("What opens a line of source: {file} and {line} are put in. Empty: "
                    "the source is shown here."));
  AdwPreferencesGroup *symbols =
      new_group (_ ("Symbols"),
                 _ ("Folders with debug information, as /usr/lib/debug is one, asked before "
                    "the system’s own; with colons between them."));
  GtkWidget *command = adw_entry_row_new (), *paths = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (command), _ ("Command"));
  g_settings_bind (settings, "editor-command", command, "text", G_SETTINGS_BIND_DEFAULT);
  adw_preferences_group_add (editor, command);
  adw_preferences_page_add (page, editor);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (paths), _ ("Folders"));
  /* Typing a path letter by letter would look in each of its beginnings. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (paths), TRUE);
  g_settings_bind_with_mapping (settings, MS_PREFERENCES_SYMBOL_PATHS, paths, "text",
                                G_SETTINGS_BIND_GET, paths_from_setting, NULL, NULL, NULL);
  adw_preferences_group_add (symbols, paths);
  adw_preferences_page_add (page, symbols);
  g_signal_connect_object (paths, "apply", G_CALLBACK (paths_applied_cb), settings, 0);
}

GtkWindow *
ms_preferences_window_new (GtkWindow *parent, GSettings *settings)
{
  AdwPreferencesWindow *window =
      g_object_new (ADW_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", parent != NULL,
                    "title", _ ("Preferences"), "default-height", 720, NULL);
  AdwPreferencesPage *page = new_page (window, _ ("Threads"), "ms-threads-symbolic");

  add_problem (page, settings);
  add_thresholds (page, settings, TRUE);
  add_thresholds (new_page (window, _ ("Analysis"), "ms-correlation-symbolic"), settings, FALSE);
  add_source (new_page (window, _ ("Source"), "text-x-generic-symbolic"), settings);
  return GTK_WINDOW (window);
}
