/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What holds the program up, what is out of the ordinary, who uses badly what it takes. */
#include "ms-system-rows.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-score-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MOST_ANOMALIES 12
#define MOST_SCORES 6

/* --- bottlenecks --- */

static const struct {
  const char *verdict, *name;
} KINDS[MS_N_BOTTLENECKS] = {
  [MS_BOTTLENECK_CPU] = { NC_ ("verdict", "The processor is the limit"),
                          NC_ ("bottleneck", "Processor") },
  [MS_BOTTLENECK_MEMORY] = { NC_ ("verdict", "Memory is the limit"), NC_ ("bottleneck", "Memory") },
  [MS_BOTTLENECK_IO] = { NC_ ("verdict", "Input and output are the limit"),
                         NC_ ("bottleneck", "I/O") },
  [MS_BOTTLENECK_GPU] = { NC_ ("verdict", "The GPU is the limit"), NC_ ("bottleneck", "GPU") },
  [MS_BOTTLENECK_CONTENTION] = { NC_ ("verdict", "Threads wait for processors"),
                                 NC_ ("bottleneck", "Contention") },
  [MS_BOTTLENECK_BALANCED] = { NC_ ("verdict", "Nothing measured is at its limit"),
                               NC_ ("bottleneck", "Balanced") },
};

/* "97.3 % of one core". */
static GtkWidget *
new_evidence_row (const MsEvidence *evidence)
{
  const MsLanguage *language = ms_language_get ();
  const char *unit =
      g_str_equal (evidence->unit, "1/s") ? "" : evidence->unit; /* the label says it */
  g_autofree char *value = language->format_value (evidence->value, unit, language->data);
  g_autofree char *threshold =
      language->format_limit (evidence->threshold, evidence->unit, language->data);
  /* Translators: the figure from which on something is a bottleneck. */
  g_autofree char *limit = g_strdup_printf (C_ ("evidence", "limit %s"), threshold);
  /* Translators: a figure, and what it is of: "97.3 %", "of one core". */
  g_autofree char *title = g_strdup_printf (C_ ("evidence", "%s %s"), value,
                                            ms_language_word ("evidence", evidence->label));

  return ms_system_figure_row_new (title, NULL, limit);
}

static GtkWidget *
new_verdict_row (const MsVerdict *verdict, gboolean is_first)
{
  gboolean is_balanced = verdict->kind == MS_BOTTLENECK_BALANCED;
  const char *title = verdict->kind == MS_BOTTLENECK_CONTENTION && verdict->thread_id >= 0
                          ? C_ ("verdict", "It waits for a processor")
                          : ms_language_word ("verdict", KINDS[verdict->kind].verdict);
  GtkWidget *row;

  if (is_balanced || verdict->evidence->len == 0)
    return ms_system_row_new (title, ms_language_word ("recommendation", verdict->recommendation),
                              is_balanced ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  row = ms_system_expander_new (title, ms_language_word ("recommendation", verdict->recommendation),
                                "dialog-warning-symbolic");
  for (guint i = 0; i < verdict->evidence->len; i++)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (row),
                              new_evidence_row (&g_array_index (verdict->evidence, MsEvidence, i)));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), is_first);
  return row;
}

static GtkWidget *
new_not_judged_row (const MsBottleneckReport *report)
{
  g_autoptr (GString) names = g_string_new (NULL);
  GtkWidget *row = ms_system_expander_new (_ ("Not judged"), NULL, NULL);

  for (guint kind = 0; kind < MS_N_BOTTLENECKS; kind++)
    /* That all is balanced is no judgement of its own. */
    if (report->not_judged[kind] != NULL && kind != MS_BOTTLENECK_BALANCED)
      {
        const char *name = g_dpgettext2 (GETTEXT_PACKAGE, "bottleneck", KINDS[kind].name);

        g_string_append_printf (names, "%s%s", names->len > 0 ? ms_language_get_comma () : "",
                                name);
        adw_expander_row_add_row (ADW_EXPANDER_ROW (row),
                                  ms_system_row_new (name,
                                                     ms_language_reason (report->not_judged[kind]),
                                                     NULL));
      }
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), names->str);
  if (names->len > 0)
    return row;
  g_object_ref_sink (row);
  g_object_unref (row);
  return NULL;
}

GtkWidget *
ms_system_verdicts_new (const MsSystemFigures *figures)
{
  const MsBottleneckReport *report = figures->bottlenecks;
  GtkWidget *group = ms_system_group_new (figures->has_thread ? _ ("What Holds This Thread Up")
                                                              : _ ("What Holds the Program Up"),
                                          NULL);
  GtkWidget *not_judged = new_not_judged_row (report);

  for (guint i = 0; i < report->verdicts->len; i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               new_verdict_row (g_ptr_array_index (report->verdicts, i), i == 0));
  if (report->verdicts->len == 0)
    adw_preferences_group_add (
        ADW_PREFERENCES_GROUP (group),
        ms_system_row_new (_ ("No limit was reached"),
                           _ ("Of all that was measured; not everything could be."), NULL));
  if (not_judged != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), not_judged);
  return group;
}

/* --- anomalies --- */

/* What to do is said once of each kind.  A thread is focused; of a sudden rise, also its time. */
static GtkWidget *
new_anomaly_row (const MsSystemFigures *figures, guint which, MsFocus *focus)
{
  const MsAnomaly *anomaly = g_ptr_array_index (figures->anomalies, which);
  const MsAnomaly *before = which > 0 ? g_ptr_array_index (figures->anomalies, which - 1) : NULL;
  gboolean is_said =
      before != NULL && g_str_equal (before->recommendation, anomaly->recommendation);
  g_autofree char *text = ms_sentence_write (anomaly->sentence, ms_language_get ());
  GtkWidget *row =
      ms_system_row_new (text,
                         is_said ? NULL
                                 : ms_language_word ("recommendation", anomaly->recommendation),
                         "dialog-warning-symbolic");
  gint thread = figures->has_thread ? -1 : anomaly->thread_id;
  gboolean has_time = anomaly->kind == MS_ANOMALY_RISE;

  if (thread >= 0 || has_time)
    ms_system_row_set_target (row, focus, thread, has_time ? anomaly->start_ns : 0,
                              has_time ? anomaly->end_ns : 0);
  return row;
}

GtkWidget *
ms_system_anomalies_new (const MsSystemFigures *figures, MsFocus *focus)
{
  GtkWidget *group = ms_system_group_new (_ ("Out of the Ordinary"), NULL);
  guint n = figures->anomalies->len;

  for (guint i = 0; i < MIN (n, MOST_ANOMALIES); i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_anomaly_row (figures, i, focus));
  if (n > MOST_ANOMALIES)
    {
      g_autofree char *more = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u more",
                                                            "and %u more", n - MOST_ANOMALIES),
                                               n - MOST_ANOMALIES);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 ms_system_row_new (more, NULL, NULL));
    }
  if (n == 0)
    adw_preferences_group_add (
        ADW_PREFERENCES_GROUP (group),
        ms_system_row_new (_ ("Nothing"),
                           _ ("No growth, no sudden rise, no thread unlike its peers."), NULL));
  return group;
}

/* --- scores --- */

static gint
compare_scores (gconstpointer a, gconstpointer b)
{
  MsThreadRow *x = *(MsThreadRow *const *) a, *y = *(MsThreadRow *const *) b;
  double left = ms_thread_row_get_scores (x)->score.value;
  double right = ms_thread_row_get_scores (y)->score.value;

  if (left < right || left > right)
    return left < right ? -1 : 1;
  return ms_thread_row_get_id (x) < ms_thread_row_get_id (y) ? -1 : 1;
}

/* Those with a score, lowest first. (transfer full) (element-type MsThreadRow) */
static GPtrArray *
dup_scored (MsLens *lens)
{
  GPtrArray *rows = ms_lens_get_rows (lens), *scored = g_ptr_array_new ();
  guint only = 0;
  gboolean has_thread = ms_focus_get_thread (ms_lens_get_focus (lens), &only);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      MsThreadRow *row = g_ptr_array_index (rows, i);

      if (ms_thread_row_get_scores (row)->score.known
          && (!has_thread || ms_thread_row_get_id (row) == only))
        g_ptr_array_add (scored, row);
    }
  g_ptr_array_sort (scored, compare_scores);
  return scored;
}

static void
append_part (GString *text, const char *name, MsMeasured part)
{
  g_autofree char *figure =
      part.known ? ms_figure_percent (part.value) : g_strdup (MS_NOT_MEASURED);

  g_string_append_printf (text, "%s%s %s", text->len > 0 ? " · " : "", name, figure);
}

static GtkWidget *
new_score_row (MsThreadRow *thread, MsFocus *focus)
{
  const MsThreadScores *scores = ms_thread_row_get_scores (thread);
  g_autoptr (GString) parts = g_string_new (NULL);
  g_autofree char *score = g_strdup_printf ("%.0f", scores->score.value);
  GtkWidget *row;

  append_part (parts, C_ ("score", "memory"), scores->memory_efficiency);
  append_part (parts, C_ ("score", "returned"), scores->memory_returned);
  append_part (parts, C_ ("score", "CPU"), scores->cpu_efficiency);
  row = ms_system_figure_row_new (ms_thread_row_get_name (thread), parts->str, score);
  if (!ms_focus_get_thread (focus, NULL))
    ms_system_row_set_target (row, focus, (gint) ms_thread_row_get_id (thread), 0, 0);
  return row;
}

static GtkWidget *
new_formula_button (MsThreadRow *example)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new ();
  GtkWidget *label = gtk_label_new (NULL);
  g_autofree char *text = ms_score_words (example);

  gtk_label_set_markup (GTK_LABEL (label), text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 48);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_margin_end (label, 6);
  gtk_popover_set_child (GTK_POPOVER (popover), label);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _ ("Formula"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Formula"), -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

GtkWidget *
ms_system_scores_new (MsLens *lens)
{
  g_autoptr (GPtrArray) scored = dup_scored (lens);
  guint n_rows = ms_lens_get_rows (lens) != NULL ? ms_lens_get_rows (lens)->len : 0;
  MsThreadRow *first = scored->len > 0 ? g_ptr_array_index (scored, 0) : NULL;
  GtkWidget *group =
      ms_system_group_new (_ ("Efficiency"), _ ("How well threads use what they take, lowest "
                                                "first: 0 to 100."));

  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (group),
                                           new_formula_button (first));
  for (guint i = 0; i < MIN (scored->len, MOST_SCORES); i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               new_score_row (g_ptr_array_index (scored, i),
                                              ms_lens_get_focus (lens)));
  if (scored->len == 0)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               ms_system_row_new (_ ("No thread has a score"),
                                                  _ ("A part of it was not measured of any."),
                                                  NULL));
  else if (n_rows > MOST_SCORES && scored->len > MOST_SCORES)
    {
      GtkWidget *row = ms_system_row_new (_ ("All threads"), NULL, NULL);

      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.show-page");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", "threads");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("go-next-symbolic"));
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  return group;
}
