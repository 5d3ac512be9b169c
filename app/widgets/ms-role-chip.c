/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-role-chip.h"
#include "ms-figures.h"
#include "ms-role-glyph.h"
#include "ms-role-look.h"

#include <glib/gi18n-lib.h>

struct _MsRoleChip {
  GtkToggleButton parent_instance;

  MsRole role;
  GtkWidget *count;
};

G_DEFINE_FINAL_TYPE (MsRoleChip, ms_role_chip, GTK_TYPE_TOGGLE_BUTTON)

static void
ms_role_chip_class_init (MsRoleChipClass *klass)
{
}

static void
ms_role_chip_init (MsRoleChip *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "role-chip");
}

GtkWidget *
ms_role_chip_new (MsRole role)
{
  MsRoleChip *self = g_object_new (MS_TYPE_ROLE_CHIP, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *word = gtk_label_new (ms_role_get_word (role));

  self->role = role;
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "numeric");
  gtk_widget_add_css_class (self->count, "count");
  gtk_box_append (GTK_BOX (box), ms_role_glyph_new (role));
  gtk_box_append (GTK_BOX (box), word);
  gtk_box_append (GTK_BOX (box), self->count);
  gtk_button_set_child (GTK_BUTTON (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), ms_role_to_string (role));
  return GTK_WIDGET (self);
}

MsRole
ms_role_chip_get_role (MsRoleChip *self)
{
  g_return_val_if_fail (MS_IS_ROLE_CHIP (self), MS_ROLE_LIGHTWEIGHT);

  return self->role;
}

void
ms_role_chip_set_count (MsRoleChip *self, guint n_threads)
{
  g_return_if_fail (MS_IS_ROLE_CHIP (self));

  g_autofree char *text = ms_figure_count (n_threads);
  /* Translators: a filter button: a role such as "Memory intensive", and how many threads have it. */
  g_autofree char *label =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s: %u thread", "%s: %u threads", n_threads),
                       ms_role_get_title (self->role), n_threads);

  gtk_label_set_text (GTK_LABEL (self->count), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), label);
  gtk_widget_set_visible (GTK_WIDGET (self), n_threads > 0);
}
