/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rows of thresholds are made from ms_analysis_settings_list(), so that a new threshold has its row as soon
 * as it has its key.  Bytes are set in MB or MiB, nanoseconds in seconds.
 */
#include "ms-preferences.h"
#include "ms-display-units.h"
#include "ms-figures.h"

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
  const char *bytes, *rate;
  double mega = ms_figures_get_mega (&bytes, &rate);

  if (g_str_has_suffix (name, "_bytes"))
    return (Unit) { mega, bytes };
  if (g_str_has_suffix (name, "_bytes_per_second"))
    return (Unit) { mega, rate };
  if (g_str_has_suffix (name, "_ns"))
    return (Unit) { 1e9, _ ("seconds") };
  if (g_str_has_suffix (name, "_percent"))
    return (Unit) { 1, _ ("%") };
  return (Unit) { 1, NULL };
}

/* --- one row --- */

typedef struct {
  const MsAnalysisSetting *setting;
  GSettings *settings; /* borrowed: the rows go first */
  char *key;
  GtkWidget *row, *spin; /* borrowed: what this belongs to */
  double factor;
  guint digits;
} Threshold;

static void
threshold_free (gpointer data)
{
  Threshold *self = data;

  g_free (self->key);
  g_free (self);
}

static gboolean
from_setting (GValue *value, GVariant *variant, gpointer user_data)
{
  const Threshold *self = user_data;

  g_value_set_double (value, g_variant_get_double (variant) / self->factor);
  return TRUE;
}

/* 20 MB are 19.1 MiB in an entry: who only looks at it has not set 20.03 MB. */
static GVariant *
to_setting (const GValue *value, const GVariantType *type, gpointer user_data)
{
  const Threshold *self = user_data;
  double wanted = g_value_get_double (value) * self->factor;
  double is_now = g_settings_get_double (self->settings, self->key);
  double rounding = 0.5001 * pow (10, -(double) self->digits) * self->factor;

  return g_variant_new_double (fabs (wanted - is_now) <= rounding ? is_now : wanted);
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

/* Also when memory is to be shown in other units. */
static void
update_unit (Threshold *self)
{
  Unit unit = get_unit (self->setting->name);
  double step;

  self->factor = unit.factor;
  self->digits = choose_digits (self->setting, unit.factor);
  step = pow (10, -(double) self->digits);
  g_settings_unbind (self->spin, "value");
  if (unit.unit != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row), unit.unit);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (self->spin), self->digits);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (self->spin), step, 10 * step);
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->spin), self->setting->minimum / self->factor,
                             self->setting->maximum / self->factor);
  g_settings_bind_with_mapping (self->settings, self->key, self->spin, "value",
                                G_SETTINGS_BIND_DEFAULT, from_setting, to_setting, self, NULL);
}

static void
units_changed_cb (GtkWidget *row)
{
  update_unit (g_object_get_data (G_OBJECT (row), "threshold"));
}

static void
reset_cb (GtkWidget *button, Threshold *threshold)
{
  g_settings_reset (threshold->settings, threshold->key);
}

static GtkWidget *
new_reset_button (Threshold *threshold)
{
  GtkWidget *reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");

  gtk_widget_set_valign (reset, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (reset, "flat");
  gtk_widget_set_tooltip_text (reset, _ ("As it was at first"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (reset), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("As it was at first"), -1);
  g_signal_connect (reset, "clicked", G_CALLBACK (reset_cb), threshold);
  return reset;
}

/* The analysis speaks English; translators find its summaries in the schema, which says the same. */
static GtkWidget *
new_row (const MsAnalysisSetting *setting, GSettings *settings)
{
  Threshold *self = g_new0 (Threshold, 1);
  g_autofree char *title = g_markup_escape_text (_ (setting->summary), -1);

  self->setting = setting;
  self->settings = settings;
  self->key = g_strdelimit (g_strdup (setting->name), "_", '-');
  self->row = adw_action_row_new ();
  self->spin = gtk_spin_button_new_with_range (0, 1, 1);
  g_object_set_data_full (G_OBJECT (self->row), "threshold", self, threshold_free);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (self->row), 2);
  gtk_widget_set_valign (self->spin, GTK_ALIGN_CENTER);
  update_unit (self);
  ms_display_units_watch (self->row, G_CALLBACK (units_changed_cb));

  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), self->spin);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), new_reset_button (self));
  /* It is called by the row's title then, too. */
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->row), self->spin);
  return self->row;
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

/* --- units --- */

static const char *const UNITS[] = { "decimal", "binary" };

static gboolean
units_from_setting (GValue *value, GVariant *variant, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (UNITS); i++)
    if (g_str_equal (g_variant_get_string (variant, NULL), UNITS[i]))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
units_to_setting (const GValue *value, const GVariantType *type, gpointer user_data)
{
  return g_variant_new_string (UNITS[MIN (g_value_get_uint (value), G_N_ELEMENTS (UNITS) - 1)]);
}

static void
add_units (AdwPreferencesPage *page, GSettings *settings)
{
  AdwPreferencesGroup *group = new_group (_ ("Units"), NULL);
  const char *const names[] = { _ ("kB, MB, GB"), _ ("KiB, MiB, GiB"), NULL };
  GtkStringList *list = gtk_string_list_new (names);
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Memory"));
  /* Translators: of the units that a list offers, "kB, MB, GB" and "KiB, MiB, GiB". */
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("Powers of 1000, or of 1024"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  g_settings_bind_with_mapping (settings, MS_PREFERENCES_UNITS, row, "selected",
                                G_SETTINGS_BIND_DEFAULT, units_from_setting, units_to_setting, NULL,
                                NULL);
  adw_preferences_group_add (group, row);
  adw_preferences_page_add (page, group);
  g_object_unref (list);
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
  AdwPreferencesPage *page = new_page (window, _ ("General"), "preferences-system-symbolic");

  add_units (page, settings);
  add_source (page, settings);
  page = new_page (window, _ ("Threads"), "ms-threads-symbolic");
  add_problem (page, settings);
  add_thresholds (page, settings, TRUE);
  add_thresholds (new_page (window, _ ("Analysis"), "ms-correlation-symbolic"), settings, FALSE);
  return GTK_WINDOW (window);
}
