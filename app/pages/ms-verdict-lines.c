/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-verdict-lines.h"
#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-display-name.h"
#include "ms-headline.h"
#include "ms-symbolizer.h"

#define MAX_LINES 3
#define MAX_CHARS 400

typedef struct {
  char *text;
  const char *recommendation;
} Line;

/* What the worker found. */
typedef struct {
  char *headline; /* NULL: nothing was allocated */
  GArray *lines;  /* of Line */
} Verdicts;

struct _MsVerdictLines {
  AdwBin parent_instance;

  GtkWidget *box, *headline;
  MsNameResolver *resolver;
  GCancellable *cancellable;
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

/* The sentences hold names from the traced program. */
static void
add_line (Verdicts *verdicts, const char *text, const char *recommendation)
{
  Line line = { ms_display_text (text, MAX_CHARS), recommendation };

  g_array_append_val (verdicts->lines, line);
}

static void
add_lines (Verdicts *verdicts, MsView *view, MsDomain domain)
{
  g_autoptr (MsBottleneckReport) bottlenecks =
      ms_bottlenecks_of_process (view, NULL, NULL, NULL, NULL);
  g_autoptr (GPtrArray) anomalies = ms_anomalies_new (view, domain, NULL);

  if (bottlenecks->verdicts->len > 0)
    {
      const MsVerdict *severest = g_ptr_array_index (bottlenecks->verdicts, 0);

      add_line (verdicts, severest->text, severest->recommendation);
    }
  for (guint i = 0; i < anomalies->len && verdicts->lines->len < MAX_LINES; i++)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (anomalies, i);

      add_line (verdicts, anomaly->text, anomaly->recommendation);
    }
}

typedef struct {
  MsTrace *trace;
  MsNameResolver *resolver;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->trace);
  g_object_unref (job->resolver);
  g_free (job);
}

static void
verdicts_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  MsDomain domain = ms_trace_get_main_domain (job->trace);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsView) view = ms_view_new (job->trace, NULL, cancellable, &error);
  g_autoptr (MsFrameNames) names =
      view != NULL ? ms_frame_names_new (job->trace, job->resolver, cancellable, &error) : NULL;
  g_autoptr (MsHeadline) headline = NULL;
  Verdicts *verdicts;

  if (names == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  verdicts = g_new0 (Verdicts, 1);
  verdicts->lines = g_array_new (FALSE, TRUE, sizeof (Line));
  g_array_set_clear_func (verdicts->lines, line_clear);
  headline = ms_headline_new (view, domain, names, cancellable);
  if (headline != NULL)
    verdicts->headline = ms_display_text (headline->text, MAX_CHARS);
  add_lines (verdicts, view, domain);
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
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, "warning");
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
  gtk_widget_set_visible (GTK_WIDGET (self), verdicts != NULL && verdicts->headline != NULL);
  if (verdicts == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->headline),
                      verdicts->headline != NULL ? verdicts->headline : "");
  for (guint i = 0; i < verdicts->lines->len; i++)
    add_row (self, &g_array_index (verdicts->lines, Line, i));
  verdicts_free (verdicts);
}

static void
stop (MsVerdictLines *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
ms_verdict_lines_dispose (GObject *object)
{
  MsVerdictLines *self = MS_VERDICT_LINES (object);

  stop (self);
  g_clear_object (&self->resolver);
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
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self->box), self->headline);
  adw_bin_set_child (ADW_BIN (self), self->box);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
ms_verdict_lines_show (MsVerdictLines *self, MsDocument *document)
{
  MsTrace *trace = document != NULL ? ms_document_get_trace (document) : NULL;
  g_autoptr (GTask) task = NULL;
  Job *job;

  g_return_if_fail (MS_IS_VERDICT_LINES (self));

  stop (self);
  clear_rows (self);
  gtk_label_set_text (GTK_LABEL (self->headline), "…");
  gtk_widget_set_visible (GTK_WIDGET (self),
                          trace != NULL
                              && ms_trace_get_totals (trace, ms_trace_get_main_domain (trace))
                                         ->peak_bytes
                                     > 0);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (self->resolver == NULL)
    self->resolver = MS_NAME_RESOLVER (ms_symbolizer_new_for_user ());
  job = g_new0 (Job, 1);
  job->trace = g_object_ref (trace);
  job->resolver = g_object_ref (self->resolver);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, verdicts_found_cb, self);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, verdicts_worker);
}
