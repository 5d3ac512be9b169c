/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-verdict-lines.h"
#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-display-name.h"
#include "ms-findings.h"
#include "ms-headline.h"
#include "ms-language.h"
#include "ms-request.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 4
#define MAX_CHARS 400

typedef struct {
  char *text;
  const char *recommendation;
  gboolean is_good; /* nothing to warn of */
} Line;

/* What the worker found. */
typedef struct {
  char *headline; /* markup; NULL: nothing was allocated */
  GArray *lines;  /* of Line */
} Verdicts;

struct _MsVerdictLines {
  AdwBin parent_instance;

  GtkWidget *box, *headline;
  MsLens *lens;
  GCancellable *cancellable;
  gboolean is_busy;
};

G_DEFINE_FINAL_TYPE (MsVerdictLines, ms_verdict_lines, ADW_TYPE_BIN)

/* --- the worker --- */

static void
line_clear (gpointer data)
{
  Line *line = data;

  g_free (line->text);
}

static void
verdicts_free (gpointer data)
{
  Verdicts *verdicts = data;

  g_free (verdicts->headline);
  g_array_unref (verdicts->lines);
  g_free (verdicts);
}

/* Where the names of a headline are, whatever the language's order: characters that no language has. */
#define THREAD_MARK "\uE000"
#define SITE_MARK "\uE001"
#define FREE_THREAD_MARK "\uE002"

static void
append_link (GString *markup, const char *name, const char *kind, gint number)
{
  g_autofree char *shown = ms_display_text (name, MAX_CHARS);
  g_autofree char *link = g_markup_printf_escaped ("<a href=\"%s:%d\">%s</a>", kind, number, shown);

  g_string_append (markup, link);
}

static char *
link_headline (const MsHeadline *headline)
{
  GString *markup = g_string_new (NULL);
  g_autofree char *text =
      ms_headline_write (headline, ms_language_get (), THREAD_MARK, SITE_MARK, FREE_THREAD_MARK);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_str_has_prefix (at, THREAD_MARK))
      append_link (markup, headline->thread_name, "thread", (gint) headline->thread_id);
    else if (g_str_has_prefix (at, SITE_MARK))
      /* One that is not known is no name. */
      append_link (markup, ms_language_word ("site", headline->site), "stack", headline->stack);
    else if (g_str_has_prefix (at, FREE_THREAD_MARK))
      append_link (markup, headline->free_thread_name, "thread", headline->free_thread_id);
    else
      {
        g_autofree char *escaped = g_markup_escape_text (at, g_utf8_next_char (at) - at);

        g_string_append (markup, escaped);
      }
  return g_string_free (markup, FALSE);
}

/* The sentences hold names from the traced program. */
static void
add_line (Verdicts *verdicts,
          const MsSentence *sentence,
          const char *recommendation,
          gboolean is_good)
{
  g_autofree char *text = ms_sentence_write (sentence, ms_language_get ());
  Line line = { ms_display_text (text, MAX_CHARS),
                ms_language_word ("recommendation", recommendation), is_good };

  g_array_append_val (verdicts->lines, line);
}

/* What the first sentence, which is about the peak of the heap, cannot say: that most memory is elsewhere, and who
 * leaves what it allocates. */
static void
add_findings (Verdicts *verdicts, const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const MsFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->code, "memory_outside_heap")
          || g_str_equal (finding->code, "never_freed"))
        add_line (verdicts, finding->sentence, finding->recommendation, FALSE);
    }
}

static void
add_lines (Verdicts *verdicts,
           MsView *view,
           MsDomain domain,
           MsFrameNames *names,
           const MsAnalysisSettings *settings,
           GCancellable *cancellable)
{
  g_autoptr (MsResourceJoin) resources = ms_resource_join_new (view);
  g_autoptr (GPtrArray) findings =
      ms_findings_new (view, domain, names, &resources->process, settings, cancellable);
  g_autoptr (MsBottleneckReport) bottlenecks =
      ms_bottlenecks_of_process (view, &resources->process, &resources->system, resources->threads,
                                 settings);
  g_autoptr (GPtrArray) anomalies = ms_anomalies_new (view, domain, resources->threads, settings);

  const MsVerdict *severest =
      bottlenecks->verdicts->len > 0 ? g_ptr_array_index (bottlenecks->verdicts, 0) : NULL;
  gboolean is_balanced = severest != NULL && severest->kind == MS_BOTTLENECK_BALANCED;

  add_findings (verdicts, findings);
  if (severest != NULL && !is_balanced)
    add_line (verdicts, severest->sentence, severest->recommendation, FALSE);
  for (guint i = 0; i < anomalies->len && verdicts->lines->len < MAX_LINES; i++)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (anomalies, i);

      add_line (verdicts, anomaly->sentence, anomaly->recommendation, FALSE);
    }
  /* What is well comes after what is not. */
  if (is_balanced && verdicts->lines->len < MAX_LINES)
    add_line (verdicts, severest->sentence, severest->recommendation, TRUE);
}

typedef struct {
  MsView *view;
  MsFrameNames *names;
  MsAnalysisSettings settings;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->view);
  ms_frame_names_unref (job->names);
  g_free (job);
}

static void
verdicts_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  MsDomain domain = ms_trace_get_main_domain (ms_view_get_trace (job->view));
  g_autoptr (MsHeadline) headline = ms_headline_new (job->view, domain, job->names, cancellable);
  Verdicts *verdicts;

  if (g_task_return_error_if_cancelled (task))
    return;
  verdicts = g_new0 (Verdicts, 1);
  verdicts->lines = g_array_new (FALSE, TRUE, sizeof (Line));
  g_array_set_clear_func (verdicts->lines, line_clear);
  if (headline != NULL)
    verdicts->headline = link_headline (headline);
  add_lines (verdicts, job->view, domain, job->names, &job->settings, cancellable);
  g_task_return_pointer (task, verdicts, verdicts_free);
}

/* --- the widget --- */

static GtkWidget *
new_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  return label;
}

static void
add_row (MsVerdictLines *self, const Line *line)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name (line->is_good ? "emblem-ok-symbolic"
                                                                : "dialog-warning-symbolic");

  if (!line->is_good)
    gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    C_ ("diagnostic", "Warning"), -1);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, line->is_good ? "success" : "warning");
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), new_label (line->text));
  gtk_widget_set_tooltip_text (row, line->recommendation);
  gtk_box_append (GTK_BOX (self->box), row);
}

static void
clear_rows (MsVerdictLines *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_next_sibling (self->headline)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), row);
}

/* Of a task that was cancelled, by another document or with the widget, @user_data is not touched. */
static void
verdicts_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MsVerdictLines *self = user_data;
  g_autoptr (GError) error = NULL;
  Verdicts *verdicts = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->is_busy = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self), verdicts != NULL && verdicts->headline != NULL);
  if (verdicts == NULL)
    return;
  clear_rows (self);
  gtk_label_set_markup (GTK_LABEL (self->headline),
                        verdicts->headline != NULL ? verdicts->headline : "");
  for (guint i = 0; i < verdicts->lines->len; i++)
    add_row (self, &g_array_index (verdicts->lines, Line, i));
  verdicts_free (verdicts);
}

/* A thread's name focuses it; a place in the code, its call stack, where that can be seen. */
static gboolean
link_activated_cb (GtkLabel *label, const char *target, gpointer user_data)
{
  MsVerdictLines *self = user_data;
  MsFocus *focus = self->lens != NULL ? ms_lens_get_focus (self->lens) : NULL;

  if (focus == NULL)
    return TRUE;
  if (g_str_has_prefix (target, "thread:"))
    ms_focus_set_thread (focus, (guint) strtoul (target + strlen ("thread:"), NULL, 10));
  else if (g_str_has_prefix (target, "stack:"))
    {
      ms_focus_set_stack (focus, (guint) strtoul (target + strlen ("stack:"), NULL, 10));
      gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "memory");
    }
  return TRUE;
}

static void
ms_verdict_lines_dispose (GObject *object)
{
  MsVerdictLines *self = MS_VERDICT_LINES (object);

  ms_request_cancel (&self->cancellable);
  g_clear_object (&self->lens);
  G_OBJECT_CLASS (ms_verdict_lines_parent_class)->dispose (object);
}

static void
ms_verdict_lines_class_init (MsVerdictLinesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_verdict_lines_dispose;
}

static void
ms_verdict_lines_init (MsVerdictLines *self)
{
  self->headline = new_label (NULL);
  gtk_widget_add_css_class (self->headline, "title-4");
  gtk_widget_add_css_class (self->headline, "headline");
  g_signal_connect (self->headline, "activate-link", G_CALLBACK (link_activated_cb), self);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self->box), self->headline);
  adw_bin_set_child (ADW_BIN (self), self->box);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
ms_verdict_lines_show (MsVerdictLines *self, MsLens *lens)
{
  MsView *view = lens != NULL ? ms_lens_get_view (lens) : NULL;
  MsFrameNames *names = lens != NULL ? ms_lens_get_frame_names (lens) : NULL;
  g_autoptr (GTask) task = NULL;
  Job *job;

  g_return_if_fail (MS_IS_VERDICT_LINES (self));

  ms_request_cancel (&self->cancellable);
  self->is_busy = FALSE;
  /* Of another trace nothing stays; of another part of the same, until that is known. */
  if (g_set_object (&self->lens, lens))
    {
      clear_rows (self);
      gtk_label_set_text (GTK_LABEL (self->headline), "…");
    }
  gtk_widget_set_visible (GTK_WIDGET (self),
                          view != NULL
                              && ms_view_get_totals (view, ms_lens_get_domain (lens))->allocations
                                     > 0);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)) || names == NULL)
    return;
  job = g_new0 (Job, 1);
  job->view = g_object_ref (view);
  job->names = ms_frame_names_ref (names);
  job->settings = *ms_lens_get_settings (lens);
  self->is_busy = TRUE;
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, verdicts_found_cb, self);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, verdicts_worker);
}

gboolean
ms_verdict_lines_is_busy (MsVerdictLines *self)
{
  g_return_val_if_fail (MS_IS_VERDICT_LINES (self), FALSE);

  return self->is_busy;
}
