/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-window-pages.h"
#include "ms-compare-page.h"
#include "ms-correlation-page.h"
#include "ms-memory-page.h"
#include "ms-overview-page.h"
#include "ms-system-page.h"
#include "ms-threads-page.h"
#include "ms-timeline-page.h"

#include <glib/gi18n-lib.h>

typedef void (*SetLens) (gpointer page, MsLens *lens);
typedef gboolean (*IsBusy) (gpointer page);

#define PAGE(name, is_busy) \
  { \
    ms_##name##_page_get_type, (SetLens) ms_##name##_page_set_lens, (IsBusy) is_busy \
  }

static const struct {
  GType (*get_type) (void);
  SetLens set_lens;
  IsBusy is_busy; /* or NULL: it never waits */
} PAGES[] = {
  PAGE (overview, ms_overview_page_is_busy), PAGE (threads, NULL),
  PAGE (timeline, ms_timeline_page_is_busy), PAGE (correlation, ms_correlation_page_is_busy),
  PAGE (memory, ms_memory_page_get_busy),    PAGE (system, ms_system_page_is_busy),
  PAGE (compare, ms_compare_page_is_busy),
};

void
ms_window_pages_ensure_types (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    g_type_ensure (PAGES[i].get_type ());
}

/* Every switcher below @widget: the bar has one, the header two. */
static void
fit_switchers (GtkWidget *widget, gboolean is_in_bar)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (widget);

  is_in_bar = is_in_bar || ADW_IS_VIEW_SWITCHER_BAR (widget);
  if (ADW_IS_VIEW_SWITCHER (widget))
    {
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      C_ ("name of the row of page buttons", "Pages"), -1);
      /* libadwaita lays its buttons out in a box; where it no longer does, shares stay equal. */
      if (is_in_bar && GTK_IS_BOX_LAYOUT (layout))
        gtk_box_layout_set_homogeneous (GTK_BOX_LAYOUT (layout), FALSE);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    fit_switchers (child, is_in_bar);
}

void
ms_window_pages_fit_switchers (GtkWidget *window)
{
  fit_switchers (window, FALSE);
}

void
ms_window_pages_set_lens (AdwViewStack *pages, MsLens *lens)
{
  for (GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (pages)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
      if (G_TYPE_CHECK_INSTANCE_TYPE (page, PAGES[i].get_type ()))
        PAGES[i].set_lens (page, lens);
}

void
ms_window_pages_start_search (AdwViewStack *pages)
{
  GtkWidget *page = adw_view_stack_get_visible_child (pages);

  if (MS_IS_OVERVIEW_PAGE (page))
    ms_overview_page_start_search (MS_OVERVIEW_PAGE (page));
  else if (MS_IS_MEMORY_PAGE (page))
    ms_memory_page_start_search (MS_MEMORY_PAGE (page));
  else
    {
      adw_view_stack_set_visible_child_name (pages, "threads");
      ms_threads_page_start_search (MS_THREADS_PAGE (adw_view_stack_get_visible_child (pages)));
    }
}

gboolean
ms_window_pages_copy_table (AdwViewStack *pages)
{
  static const char *const ACTIONS[] = { "memory.copy-csv", "compare.copy-csv", "timeline.copy-csv",
                                         "correlation.copy-csv" };
  GtkWidget *page = adw_view_stack_get_visible_child (pages);

  for (guint i = 0; page != NULL && i < G_N_ELEMENTS (ACTIONS); i++)
    if (gtk_widget_activate_action (page, ACTIONS[i], NULL))
      return TRUE;
  return FALSE;
}

gboolean
ms_window_pages_is_busy (AdwViewStack *pages)
{
  GtkWidget *page = adw_view_stack_get_visible_child (pages);

  for (guint i = 0; page != NULL && i < G_N_ELEMENTS (PAGES); i++)
    if (G_TYPE_CHECK_INSTANCE_TYPE (page, PAGES[i].get_type ()) && PAGES[i].is_busy != NULL)
      return PAGES[i].is_busy (page);
  return FALSE;
}
