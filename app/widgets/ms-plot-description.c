/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-plot-description.h"

void
ms_plot_describe (GtkWidget *plot, const char *item, const char *picture)
{
  g_autofree char *both = item != NULL ? g_strdup_printf ("%s. %s", item, picture) : NULL;

  gtk_accessible_update_property (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  both != NULL ? both : picture, -1);
}
