/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus-pill.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>

#define NAME_MAX_CHARS 24

struct _MsFocusPill {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (MsFocusPill, ms_focus_pill, ADW_TYPE_BIN)

static void
ms_focus_pill_class_init (MsFocusPillClass *klass)
{
}

static void
ms_focus_pill_init (MsFocusPill *self)
{
}

GtkWidget *
ms_focus_pill_new (void)
{
  return g_object_new (MS_TYPE_FOCUS_PILL, NULL);
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_thread_button (MsThreadRow *row)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = new_label (ms_thread_row_get_name (row), "focus-name");
  g_autofree char *tid = g_strdup_printf ("%d", ms_thread_row_get_tid (row));
  /* Translators: a button that ends the restriction to one thread. */
  g_autofree char *label =
      g_strdup_printf (_ ("Remove filter: thread %s"), ms_thread_row_get_name (row));

  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (name), NAME_MAX_CHARS);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), new_label (tid, "dim-label"));
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("window-close-symbolic"));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.leave-focus");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return button;
}

void
ms_focus_pill_update (MsFocusPill *self, MsDocument *document, MsFocus *focus)
{
  GtkWidget *child = NULL;
  guint id;

  g_return_if_fail (MS_IS_FOCUS_PILL (self));

  if (document != NULL)
    {
      MsThreadRow *row =
          ms_focus_get_thread (focus, &id) ? ms_document_find_row (document, id) : NULL;

      if (row != NULL)
        child = new_thread_button (row);
      else
        {
          guint n_threads = ms_document_get_rows (document)->len;
          g_autofree char *count = ms_figure_count (n_threads);
          g_autofree char *text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s thread",
                                                                "All %s threads", n_threads),
                                                   count);

          child = gtk_label_new (text);
        }
      gtk_widget_add_css_class (child, "focus-pill");
    }
  adw_bin_set_child (ADW_BIN (self), child);
}
