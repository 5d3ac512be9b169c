/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-heaviest-stacks.h"
#include "ms-display-name.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>

#define N_ROWS 5
#define N_FRAMES_SHOWN 3

struct _MsHeaviestStacks {
  AdwBin parent_instance;

  GtkWidget *expander;
  MsLens *lens;
};

G_DEFINE_FINAL_TYPE (MsHeaviestStacks, ms_heaviest_stacks, ADW_TYPE_BIN)

/* --- in words --- */

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

/* From the first frame that has a name; many stacks share it, and who called it tells them apart. */
static char *
describe_line (MsFrameNames *names, const guint *frames, guint depth)
{
  GString *text = g_string_new (NULL);
  guint first = 0;

  while (first < depth && ms_frame_names_get_frame (names, frames[first])->function == NULL)
    first++;
  if (first == depth)
    first = 0;
  for (guint i = first; i < MIN (depth, first + N_FRAMES_SHOWN); i++)
    {
      g_autofree char *frame = describe_frame (ms_frame_names_get_frame (names, frames[i]));

      g_string_append_printf (text, "%s%s", i > first ? " ← " : "", frame);
    }
  return g_string_free (text, FALSE);
}

static char *
describe_stack (MsFrameNames *names, const guint *frames, guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    {
      g_autofree char *frame = describe_frame (ms_frame_names_get_frame (names, frames[i]));

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", frame);
    }
  return g_string_free (text, FALSE);
}

/* --- which stacks --- */

typedef struct {
  guint stack;
  guint64 bytes, allocations;
  double bytes_error, count_error; /* of a sampled trace */
} Entry;

/* The N_ROWS with the most bytes, most first. */
static guint
find_heaviest (MsLens *lens, Entry *entries)
{
  MsView *view = ms_lens_get_view (lens);
  MsDomain domain = ms_lens_get_domain (lens);
  guint n = 0, n_stacks = ms_trace_get_n_stacks (ms_lens_get_trace (lens));

  for (guint stack = 0; stack < n_stacks; stack++)
    {
      const MsTotals *totals = ms_view_get_stack_totals (view, stack, domain);
      Entry entry = { stack, totals->allocated_bytes, totals->allocations,
                      totals->standard_errors.allocated_bytes,
                      totals->standard_errors.allocations };
      guint at = n;

      if (entry.allocations == 0)
        continue;
      while (at > 0 && entries[at - 1].bytes < entry.bytes)
        at--;
      if (at == N_ROWS)
        continue;
      n = MIN (n + 1, N_ROWS);
      for (guint i = n - 1; i > at; i--)
        entries[i] = entries[i - 1];
      entries[at] = entry;
    }
  return n;
}

/* --- the widget --- */

static void
clicked_cb (MsHeaviestStacks *self, GtkWidget *button)
{
  guint stack = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "stack"));

  if (self->lens == NULL)
    return;
  ms_focus_set_stack (ms_lens_get_focus (self->lens), stack);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "memory");
}

static GtkWidget *
new_line (MsHeaviestStacks *self, guint stack)
{
  MsFrameNames *names = ms_lens_get_frame_names (self->lens);
  GtkWidget *button = gtk_button_new ();
  g_autofree char *line = NULL, *all = NULL;

  if (names != NULL)
    {
      guint depth = 0;
      const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);

      line = depth > 0 ? describe_line (names, frames, depth)
                       : g_strdup (_ ("no call stack was recorded"));
      all = describe_stack (names, frames, depth);
    }
  GtkWidget *label = gtk_label_new (line != NULL ? line : "…");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "stack-line");
  gtk_widget_set_tooltip_text (button, all);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  line != NULL ? line : "…", -1);
  g_object_set_data (G_OBJECT (button), "stack", GUINT_TO_POINTER (stack));
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (clicked_cb), self);
  return button;
}

static GtkWidget *
new_figure (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, "numeric");
  return label;
}

static void
add_row (MsHeaviestStacks *self, GtkGrid *grid, const Entry *entry, int place)
{
  g_autofree char *bytes = ms_figure_bytes_with_error (entry->bytes, entry->bytes_error);
  g_autofree char *count = ms_figure_count_with_error (entry->allocations, entry->count_error);
  /* Translators: how often memory was allocated from one line. */
  g_autofree char *allocations =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s allocation", "%s allocations",
                                    (gulong) MIN (entry->allocations, G_MAXLONG)),
                       count);
  GtkWidget *dim = new_figure (allocations);

  gtk_widget_add_css_class (dim, "dim-label");
  gtk_grid_attach (grid, new_line (self, entry->stack), 0, place, 1, 1);
  gtk_grid_attach (grid, new_figure (bytes), 1, place, 1, 1);
  gtk_grid_attach (grid, dim, 2, place, 1, 1);
}

static void
ms_heaviest_stacks_dispose (GObject *object)
{
  g_clear_object (&MS_HEAVIEST_STACKS (object)->lens);
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

static void
update_title (MsHeaviestStacks *self)
{
  MsThreadRow *row = NULL;
  guint id;

  if (ms_focus_get_thread (ms_lens_get_focus (self->lens), &id))
    row = ms_lens_find_row (self->lens, id);

  /* The program is called what its main thread is called: its name would be taken for that one's. */
  g_autofree char *title =
      row != NULL ? g_strdup_printf (
          /* Translators: of a thread. */
          _ ("Heaviest call stacks of %s, by bytes allocated"), ms_thread_row_get_name (row))
                  : g_strdup (_ ("Heaviest call stacks of all threads, by bytes allocated"));
  gtk_expander_set_label (GTK_EXPANDER (self->expander), title);
  gtk_label_set_ellipsize (GTK_LABEL (
                               gtk_expander_get_label_widget (GTK_EXPANDER (self->expander))),
                           PANGO_ELLIPSIZE_END);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
}

void
ms_heaviest_stacks_show (MsHeaviestStacks *self, MsLens *lens)
{
  Entry entries[N_ROWS];
  guint n_entries =
      lens != NULL && ms_lens_get_view (lens) != NULL ? find_heaviest (lens, entries) : 0;
  GtkWidget *grid = gtk_grid_new ();

  g_return_if_fail (MS_IS_HEAVIEST_STACKS (self));

  g_set_object (&self->lens, lens);
  gtk_widget_set_visible (GTK_WIDGET (self), n_entries > 0);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_widget_set_margin_top (grid, 6);
  gtk_expander_set_child (GTK_EXPANDER (self->expander), grid);
  if (n_entries == 0)
    return;
  update_title (self);
  for (guint i = 0; i < n_entries; i++)
    add_row (self, GTK_GRID (grid), &entries[i], (int) i);
}
