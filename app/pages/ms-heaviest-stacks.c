/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-heaviest-stacks.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-symbolizer.h"

#include <glib/gi18n-lib.h>

#define N_ROWS 5
#define N_FRAMES_SHOWN 3

/* A frame as the worker gets it; the strings are the job's. */
typedef struct {
  gboolean has_module;
  MsModule module;
  guint64 address;
} Frame;

typedef struct {
  GStringChunk *text;
  GArray *frames[N_ROWS]; /* of Frame, innermost first */
  guint n_rows;
  MsNameResolver *resolver;
  MsTrace *trace; /* which names of its own are */
} Job;

/* What the worker found. */
typedef struct {
  char *line;  /* from the innermost frame that has a name */
  char *stack; /* all frames, a line each */
} Names;

struct _MsHeaviestStacks {
  AdwBin parent_instance;

  GtkWidget *expander, *grid;
  GtkWidget *lines[N_ROWS];
  MsNameResolver *resolver;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (MsHeaviestStacks, ms_heaviest_stacks, ADW_TYPE_BIN)

/* --- names, on the worker --- */

static void
job_free (gpointer data)
{
  Job *job = data;

  for (guint i = 0; i < job->n_rows; i++)
    g_array_unref (job->frames[i]);
  g_string_chunk_free (job->text);
  g_object_unref (job->resolver);
  g_clear_object (&job->trace);
  g_free (job);
}

static void
names_clear (gpointer data)
{
  Names *names = data;

  g_free (names->line);
  g_free (names->stack);
}

static char *
describe_frame (const MsFrame *frame)
{
  g_autofree char *function = frame->function != NULL ? ms_display_name (frame->function) : NULL;
  g_autofree char *base = frame->file != NULL ? g_path_get_basename (frame->file) : NULL;
  g_autofree char *place = ms_display_name (base != NULL            ? base
                                            : frame->module != NULL ? frame->module
                                                                    : "");

  if (function == NULL)
    return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x%s%s%s", frame->address,
                            *place != '\0' ? " (" : "", place, *place != '\0' ? ")" : "");
  if (base != NULL && frame->line > 0)
    return g_strdup_printf ("%s (%s:%u)", function, place, frame->line);
  return *place != '\0' ? g_strdup_printf ("%s (%s)", function, place) : g_strdup (function);
}

/* Many stacks share their innermost frame: who called it tells them apart. */
static char *
describe_callers (const GArray *frames, guint first)
{
  GString *text = g_string_new (NULL);

  for (guint i = first; i < MIN (frames->len, first + N_FRAMES_SHOWN); i++)
    {
      g_autofree char *frame = describe_frame (&g_array_index (frames, MsFrame, i));

      g_string_append_printf (text, "%s%s", i > first ? " ← " : "", frame);
    }
  return g_string_free (text, FALSE);
}

static Names
find_names (const Job *job, const GArray *stack)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  g_autoptr (GString) text = g_string_new (NULL);
  Names names = { 0 };
  guint first = 0;

  for (guint i = 0; i < stack->len; i++)
    {
      const Frame *frame = &g_array_index (stack, Frame, i);
      MsFrame unknown = { .address = frame->address };

      if (frame->has_module)
        ms_name_resolver_resolve (job->resolver, &frame->module, frame->address, FALSE, frames);
      else
        g_array_append_val (frames, unknown);
    }
  for (guint i = 0; i < frames->len; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);
      g_autofree char *described = describe_frame (frame);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", described);
    }
  while (first < frames->len && g_array_index (frames, MsFrame, first).function == NULL)
    first++;
  if (first == frames->len)
    first = 0;
  names.line = frames->len > 0 ? describe_callers (frames, first)
                               : g_strdup (_ ("no call stack was recorded"));
  names.stack = g_strdup (text->str);
  return names;
}

static void
names_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Names));

  g_array_set_clear_func (all, names_clear);
  for (guint i = 0; i < job->n_rows && !g_cancellable_is_cancelled (cancellable); i++)
    {
      Names names = find_names (job, job->frames[i]);

      g_array_append_val (all, names);
    }
  g_task_return_pointer (task, all, (GDestroyNotify) g_array_unref);
}

static void
names_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MsHeaviestStacks *self = MS_HEAVIEST_STACKS (source);
  g_autoptr (GArray) all = g_task_propagate_pointer (G_TASK (result), NULL);

  /* Cancelled: other stacks are shown by now. */
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const Names *names = &g_array_index (all, Names, i);

      gtk_label_set_text (GTK_LABEL (self->lines[i]), names->line);
      gtk_widget_set_tooltip_text (self->lines[i], names->stack);
    }
}

static void
add_to_job (Job *job, MsTrace *trace, guint stack)
{
  GArray *frames = g_array_new (FALSE, TRUE, sizeof (Frame));
  guint depth = 0;

  ms_trace_get_stack_frames (trace, stack, &depth, NULL);
  for (guint i = 0; i < depth; i++)
    {
      Frame frame = { 0 };
      const MsModule *module = ms_trace_find_module (trace, stack, i, &frame.address);

      if (module != NULL)
        {
          frame.has_module = TRUE;
          frame.module = *module;
          frame.module.path = g_string_chunk_insert_const (job->text, module->path);
          if (module->build_id != NULL)
            frame.module.build_id = g_string_chunk_insert_const (job->text, module->build_id);
        }
      g_array_append_val (frames, frame);
    }
  job->frames[job->n_rows++] = frames;
}

/* --- which stacks --- */

static int
compare_bytes (gconstpointer a, gconstpointer b)
{
  guint64 bytes_a = ((const MsThreadStack *) a)->allocated_bytes;
  guint64 bytes_b = ((const MsThreadStack *) b)->allocated_bytes;

  return (bytes_b > bytes_a) - (bytes_b < bytes_a);
}

/* (element-type MsThreadStack), most bytes first. */
static GArray *
get_stacks (MsTrace *trace, MsThreadRow *row)
{
  GArray *all = g_array_new (FALSE, TRUE, sizeof (MsThreadStack));
  MsDomain domain = ms_trace_get_main_domain (trace);
  guint n_stacks = 0;

  if (row != NULL)
    {
      MsThread *thread = ms_thread_row_get_thread (row);
      const MsThreadStack *stacks = ms_trace_get_thread_stacks (trace, thread, domain, &n_stacks);

      if (n_stacks > 0)
        g_array_append_vals (all, stacks, MIN (n_stacks, N_ROWS));
      return all;
    }
  for (guint stack = 0; stack < ms_trace_get_n_stacks (trace); stack++)
    {
      const MsTotals *totals = ms_trace_get_stack_totals (trace, stack, domain);
      MsThreadStack entry = { .stack = stack,
                              .allocations = totals->allocations,
                              .allocated_bytes = totals->allocated_bytes };

      if (totals->allocations > 0)
        g_array_append_val (all, entry);
    }
  g_array_sort (all, compare_bytes);
  g_array_set_size (all, MIN (all->len, N_ROWS));
  return all;
}

/* --- the widget --- */

static GtkWidget *
add_label (MsHeaviestStacks *self, const char *text, int column, int place, float xalign)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  if (column == 0)
    {
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (label, TRUE);
    }
  else
    gtk_widget_add_css_class (label, "numeric");
  gtk_grid_attach (GTK_GRID (self->grid), label, column, place, 1, 1);
  return label;
}

static void
add_row (MsHeaviestStacks *self, const MsThreadStack *entry, int place)
{
  g_autofree char *bytes = ms_figure_bytes (entry->allocated_bytes);
  g_autofree char *count = ms_figure_count (entry->allocations);
  /* Translators: how often memory was allocated from one line. */
  g_autofree char *allocations =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s allocation", "%s allocations",
                                    (gulong) MIN (entry->allocations, G_MAXLONG)),
                       count);

  self->lines[place] = add_label (self, "…", 0, place, 0);
  add_label (self, bytes, 1, place, 1);
  gtk_widget_add_css_class (add_label (self, allocations, 2, place, 1), "dim-label");
}

static void
ms_heaviest_stacks_dispose (GObject *object)
{
  MsHeaviestStacks *self = MS_HEAVIEST_STACKS (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->resolver);
  G_OBJECT_CLASS (ms_heaviest_stacks_parent_class)->dispose (object);
}

static void
ms_heaviest_stacks_class_init (MsHeaviestStacksClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_heaviest_stacks_dispose;
}

static void
ms_heaviest_stacks_init (MsHeaviestStacks *self)
{
  self->expander = gtk_expander_new (NULL);
  gtk_expander_set_expanded (GTK_EXPANDER (self->expander), TRUE);
  gtk_widget_set_margin_start (self->expander, 18);
  gtk_widget_set_margin_end (self->expander, 18);
  gtk_widget_set_margin_top (self->expander, 8);
  gtk_widget_set_margin_bottom (self->expander, 8);
  adw_bin_set_child (ADW_BIN (self), self->expander);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
ms_heaviest_stacks_show (MsHeaviestStacks *self, MsDocument *document, MsThreadRow *row)
{
  g_return_if_fail (MS_IS_HEAVIEST_STACKS (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);

  MsTrace *trace = document != NULL ? ms_document_get_trace (document) : NULL;
  g_autoptr (GArray) stacks = trace != NULL ? get_stacks (trace, row) : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self), stacks != NULL && stacks->len > 0);
  if (stacks == NULL || stacks->len == 0)
    return;

  /* Translators: of a thread or of a program. */
  g_autofree char *title = g_strdup_printf (_ ("Heaviest call stacks of %s, by bytes allocated"),
                                            row != NULL ? ms_thread_row_get_name (row)
                                                        : ms_document_get_title (document));
  gtk_expander_set_label (GTK_EXPANDER (self->expander), title);
  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), 3);
  gtk_widget_set_margin_top (self->grid, 6);
  gtk_expander_set_child (GTK_EXPANDER (self->expander), self->grid);

  if (self->resolver == NULL)
    self->resolver = MS_NAME_RESOLVER (ms_symbolizer_new_for_user ());
  Job *job = g_new0 (Job, 1);
  job->text = g_string_chunk_new (4096);
  job->resolver = g_object_ref (self->resolver);
  job->trace = g_object_ref (trace);
  for (guint i = 0; i < stacks->len; i++)
    {
      const MsThreadStack *entry = &g_array_index (stacks, MsThreadStack, i);

      add_row (self, entry, (int) i);
      add_to_job (job, trace, entry->stack);
    }

  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, names_found_cb, NULL);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, names_worker);
}
