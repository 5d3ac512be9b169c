/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus-bar.h"
#include "ms-end-layout.h"
#include "ms-figures.h"
#include "ms-focus-words.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>

#define NAME_MAX_CHARS 24
#define NAME_LEAST_CHARS 18
#define STACK_MAX_CHARS 36
#define DIM_MAX_CHARS 20

/* A button that ends one restriction.  It stays as long as the bar: a key presses a button for a quarter of a second,
 * and one that went meanwhile would not do it. */
typedef struct {
  GtkWidget *button, *strong, *dim;
} Pill;

struct _MsFocusBar {
  AdwBin parent_instance;

  Pill thread, range, stack;
  GtkWidget *all_threads;
  GtkWidget *pills, *program, *description, *peak;
  MsLens *lens;
};

G_DEFINE_FINAL_TYPE (MsFocusBar, ms_focus_bar, ADW_TYPE_BIN)

/* --- pills --- */

static GtkWidget *
new_label (const char *text, const char *css_class, int max_chars)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  if (max_chars > 0)
    {
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_label_set_max_width_chars (GTK_LABEL (label), max_chars);
    }
  return label;
}

static Pill
add_pill (MsFocusBar *self, const char *filter, int max_chars)
{
  Pill pill = { gtk_button_new (), new_label (NULL, "focus-name", max_chars),
                new_label (NULL, "dim-label", DIM_MAX_CHARS) };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_box_append (GTK_BOX (box), pill.strong);
  gtk_box_append (GTK_BOX (box), pill.dim);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("window-close-symbolic"));
  gtk_button_set_child (GTK_BUTTON (pill.button), box);
  gtk_widget_add_css_class (pill.button, "focus-pill");
  gtk_widget_set_visible (pill.button, FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (pill.button), "win.remove-filter");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (pill.button), "s", filter);
  gtk_box_append (GTK_BOX (self->pills), pill.button);
  return pill;
}

/* @strong and @dim: what it says; @words: what the button does. */
static void
show_pill (const Pill *pill, const char *strong, const char *dim, const char *words)
{
  gtk_label_set_text (GTK_LABEL (pill->strong), strong);
  gtk_label_set_text (GTK_LABEL (pill->dim), dim != NULL ? dim : "");
  gtk_widget_set_visible (pill->dim, dim != NULL);
  gtk_widget_set_tooltip_text (pill->button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (pill->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words, -1);
  gtk_widget_set_visible (pill->button, TRUE);
}

static void
update_thread (MsFocusBar *self, MsFocus *focus)
{
  MsDocument *document = ms_lens_get_document (self->lens);
  MsThreadRow *row = NULL;
  guint id;

  if (ms_focus_get_thread (focus, &id))
    row = ms_document_find_row (document, id);
  gtk_widget_set_visible (self->thread.button, row != NULL);
  gtk_widget_set_visible (self->all_threads, row == NULL);
  if (row != NULL)
    {
      const char *name = ms_thread_row_get_name (row);
      g_autofree char *tid = g_strdup_printf ("%d", ms_thread_row_get_tid (row));
      /* Translators: a button that ends the restriction to one thread. */
      g_autofree char *words = g_strdup_printf (_ ("Remove filter: thread %s"), name);

      show_pill (&self->thread, name, tid, words);
    }
  else
    {
      guint64 n_threads = ms_document_get_n_threads (document);
      g_autofree char *count = ms_figure_count (n_threads);
      g_autofree char *text =
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s thread", "All %s threads", n_threads),
                           count);

      gtk_label_set_text (GTK_LABEL (self->all_threads), text);
    }
}

static void
update_range (MsFocusBar *self, MsFocus *focus)
{
  gint64 start_ns, end_ns;

  if (!ms_focus_get_range (focus, &start_ns, &end_ns))
    {
      gtk_widget_set_visible (self->range.button, FALSE);
      return;
    }

  g_autofree char *range = ms_figure_range (start_ns, end_ns);
  g_autofree char *whole =
      ms_figure_duration (ms_trace_get_duration_ns (ms_lens_get_trace (self->lens)));
  /* Translators: after a range of time: of the whole recording's length. */
  g_autofree char *of = g_strdup_printf (_ ("of %s"), whole);
  /* Translators: a button that ends the restriction to a range of time. */
  g_autofree char *words = g_strdup_printf (_ ("Remove filter: range %s"), range);
  show_pill (&self->range, range, of, words);
}

static void
update_stack (MsFocusBar *self)
{
  g_autofree char *site = ms_focus_dup_stack_words (self->lens);

  if (site == NULL)
    {
      gtk_widget_set_visible (self->stack.button, FALSE);
      return;
    }

  /* Translators: a button that ends the restriction to call stacks. */
  g_autofree char *words = g_strdup_printf (_ ("Remove filter: stack %s"), site);
  show_pill (&self->stack, site, NULL, words);
}

/* Of what it goes to: the focused thread's own, else all of them together. */
static void
update_peak (MsFocusBar *self, MsFocus *focus)
{
  MsDocument *document = ms_lens_get_document (self->lens);
  MsThreadRow *row = NULL;
  gint64 peak_ns;
  guint id;

  if (ms_focus_get_thread (focus, &id))
    row = ms_document_find_row (document, id);
  peak_ns = ms_document_get_peak_time_ns (document, row);
  gtk_widget_set_visible (self->peak, peak_ns != MS_TIME_NONE);
  if (peak_ns == MS_TIME_NONE)
    return;

  g_autofree char *when = ms_figure_duration (peak_ns);
  /* Translators: buttons that go to the time of the highest memory, of the process or of the focused thread. */
  g_autofree char *label =
      g_strdup_printf (row != NULL ? _ ("Its peak at %s") : _ ("Peak at %s"), when);
  g_autofree char *words = row != NULL
                               /* Translators: the name of a thread. */
                               ? g_strdup_printf (_ ("Show the time around the peak of %s"),
                                                  ms_thread_row_get_name (row))
                               : g_strdup (_ ("Show the time around the peak of the process"));
  gtk_button_set_label (GTK_BUTTON (self->peak), label);
  gtk_widget_set_tooltip_text (self->peak, words);
}

static void
update_pills (MsFocusBar *self)
{
  MsFocus *focus = ms_lens_get_focus (self->lens);

  update_thread (self, focus);
  update_peak (self, focus);
  update_range (self, focus);
  update_stack (self);
}

/* --- the rest of the line --- */

static void
update_trace (MsFocusBar *self)
{
  MsDocument *document = ms_lens_get_document (self->lens);
  const char *title = ms_document_get_title (document);
  g_autofree char *description = ms_document_describe (document);
  g_autofree char *folder =
      g_filename_display_name (ms_trace_get_folder (ms_lens_get_trace (self->lens)));

  gtk_label_set_text (GTK_LABEL (self->program), title);
  /* Where room is short, what follows gives way first: it can be read elsewhere, too. */
  gtk_label_set_width_chars (GTK_LABEL (self->program),
                             (int) MIN (g_utf8_strlen (title, -1), NAME_LEAST_CHARS));
  gtk_widget_set_tooltip_text (self->program, folder);
  gtk_label_set_text (GTK_LABEL (self->description), description);
  gtk_widget_set_tooltip_text (self->description, description);
}

/* A later document has more threads, and is longer. */
static void
document_changed_cb (MsFocusBar *self)
{
  update_pills (self);
  update_trace (self);
}

static void
forget_lens (MsFocusBar *self)
{
  if (self->lens == NULL)
    return;
  g_signal_handlers_disconnect_by_data (ms_lens_get_focus (self->lens), self);
  g_signal_handlers_disconnect_by_data (self->lens, self);
  g_clear_object (&self->lens);
}

static void
ms_focus_bar_dispose (GObject *object)
{
  forget_lens (MS_FOCUS_BAR (object));
  G_OBJECT_CLASS (ms_focus_bar_parent_class)->dispose (object);
}

static void
ms_focus_bar_class_init (MsFocusBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_focus_bar_dispose;
}

/* --- the widget --- */

static GtkWidget *
new_step_button (const char *icon, const char *action, const char *name, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "step-button");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

static GtkWidget *
new_steps (MsFocusBar *self)
{
  GtkWidget *steps = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->peak = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->peak, "flat");
  gtk_widget_add_css_class (self->peak, "peak-button");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->peak), "win.go-to-peak");

  gtk_widget_set_valign (steps, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (steps),
                  new_step_button ("go-previous-symbolic", "win.go-back", _ ("Back"),
                                   _ ("Back to what was focused before")));
  gtk_box_append (GTK_BOX (steps), new_step_button ("go-next-symbolic", "win.go-forward",
                                                    _ ("Forward"), _ ("Forward again")));
  gtk_box_append (GTK_BOX (steps), self->peak);
  return steps;
}

static GtkWidget *
new_words (MsFocusBar *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->program = new_label (NULL, "heading", NAME_MAX_CHARS);
  gtk_label_set_xalign (GTK_LABEL (self->program), 0);
  self->description = new_label (NULL, "dim-label", 60);
  gtk_widget_add_css_class (self->description, "numeric");
  gtk_label_set_xalign (GTK_LABEL (self->description), 0);
  gtk_widget_set_hexpand (self->description, TRUE);
  gtk_box_append (GTK_BOX (words), self->program);
  gtk_box_append (GTK_BOX (words), self->description);
  return words;
}

/* Where the line is too long for the window, its words go below its pills. */
static void
ms_focus_bar_init (MsFocusBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->pills = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_layout_manager (self->pills, ms_wrap_layout_new (8, FALSE));
  gtk_widget_set_valign (self->pills, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pills), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Filters"), -1);
  self->thread = add_pill (self, "thread", NAME_MAX_CHARS);
  self->all_threads = new_label (NULL, "focus-pill", 0);
  gtk_box_append (GTK_BOX (self->pills), self->all_threads);
  self->range = add_pill (self, "range", 0);
  self->stack = add_pill (self, "stack", STACK_MAX_CHARS);

  gtk_widget_set_layout_manager (box, ms_end_layout_new (10));
  gtk_box_append (GTK_BOX (box), self->pills);
  gtk_box_append (GTK_BOX (box), new_steps (self));
  gtk_box_append (GTK_BOX (box), new_words (self));
  gtk_widget_add_css_class (box, "orientation-row");
  adw_bin_set_child (ADW_BIN (self), box);
}

void
ms_focus_bar_set_lens (MsFocusBar *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_FOCUS_BAR (self));

  forget_lens (self);
  if (lens == NULL)
    return;
  self->lens = g_object_ref (lens);
  g_signal_connect_swapped (ms_lens_get_focus (lens), "changed", G_CALLBACK (update_pills), self);
  g_signal_connect_swapped (lens, "names-changed", G_CALLBACK (update_pills), self);
  g_signal_connect_swapped (lens, "document-changed", G_CALLBACK (document_changed_cb), self);
  update_pills (self);
  update_trace (self);
}
