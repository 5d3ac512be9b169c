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

#include "ms-card-board.h"
#include "ms-flame-graph.h"
#include "ms-scatter.h"
#include "ms-timeline.h"

typedef void (*SetLens) (gpointer page, MsLens *lens);
typedef gboolean (*IsBusy) (gpointer page);

#define PAGE(name, is_busy, get_main_type) \
  { \
    ms_##name##_page_get_type, (SetLens) ms_##name##_page_set_lens, (IsBusy) is_busy, \
        get_main_type \
  }

static const struct {
  GType (*get_type) (void);
  SetLens set_lens;
  IsBusy is_busy;                /* or NULL: it never waits */
  GType (*get_main_type) (void); /* of what somebody comes for; NULL: the whole page */
} PAGES[] = {
  PAGE (overview, ms_overview_page_is_busy, ms_card_board_get_type),
  PAGE (threads, NULL, gtk_column_view_get_type),
  PAGE (timeline, ms_timeline_page_is_busy, ms_timeline_get_type),
  PAGE (correlation, ms_correlation_page_is_busy, ms_scatter_get_type),
  PAGE (memory, ms_memory_page_get_busy, ms_flame_graph_get_type),
  PAGE (system, ms_system_page_is_busy, NULL),
  PAGE (compare, ms_compare_page_is_busy, gtk_column_view_get_type),
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

/* The first that is seen. */
static GtkWidget *
find_shown (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_child_visible (widget) || !gtk_widget_get_visible (widget))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_shown (child, type);
  return found;
}

/* Of a table its rows; of anything else itself, or the first that is in it. */
static gboolean
focus_into (GtkWidget *widget)
{
  if (GTK_IS_COLUMN_VIEW (widget))
    widget = gtk_widget_get_last_child (widget);
  return gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD);
}

void
ms_window_pages_grab_focus (AdwViewStack *pages)
{
  GtkWidget *page = adw_view_stack_get_visible_child (pages), *main = NULL;

  for (guint i = 0; page != NULL && i < G_N_ELEMENTS (PAGES); i++)
    if (G_TYPE_CHECK_INSTANCE_TYPE (page, PAGES[i].get_type ()) && PAGES[i].get_main_type != NULL)
      main = find_shown (page, PAGES[i].get_main_type ());
  if (page != NULL && (main == NULL || !focus_into (main)))
    gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD);
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
