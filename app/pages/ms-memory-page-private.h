/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the files of the page Memory share: what it shows (ms-memory-page.c), where its picture is scrolled to
 * (ms-memory-page-root.c), and what can be done with a frame or a row of it (ms-memory-page-actions.c). */
#pragma once

#include "ms-memory-choices.h"
#include "ms-memory-page.h"

G_BEGIN_DECLS

struct _MsMemoryPage {
  AdwBin parent_instance;

  GtkWidget *stack, *nothing, *body, *main, *side;
  GtkWidget *choices, *lists, *flame_card, *flame_scrolled, *reading, *search, *found;
  GtkWidget *table_card, *note, *empty;
  GtkWidget *flame, *legend, *table, *cards;
  GMenuModel *frame_menu, *row_menu;

  MsLens *lens; /* NULL: nothing */
  GSettings *settings;
  MsMemoryFigures *figures;  /* NULL: none yet */
  GCancellable *cancellable; /* while they are computed */
  gboolean is_mapped_stale;  /* what is looked at changed while nobody looked */

  MsMemoryMeasure measure, chosen_measure; /* as shown, and as somebody wants it */
  MsMemoryShape shape;
  MsMemoryList list;
  guint around;                     /* function; MS_FUNCTION_NONE: none is chosen */
  char *around_label;               /* of it: names may become others */
  MsMemoryAround *around_trees;     /* of it; NULL: not known yet */
  GCancellable *around_cancellable; /* while they are grown */
  guint root_tick, n_root_frames;
  gint chosen_node;    /* of the picture… */
  guint choice_end;    /* …while a second click may take that back */
  double from_root_px; /* what the picture is scrolled to */
};

void ms_memory_page_install_actions (GtkWidgetClass *widget_class);
/* Which make sense where the picture's cursor is. */
void ms_memory_page_update_actions (MsMemoryPage *self);

/* Filters by the call stacks of a node of the picture; the same once more takes the filter away.  Twice within a double
 * click leaves nothing in the history. */
void ms_memory_page_frame_chosen (MsMemoryPage *self, gint node);
/* Before another lens, or none. */
void ms_memory_page_end_choice (MsMemoryPage *self);
/* Goes to the source. */
void ms_memory_page_frame_opened (MsMemoryPage *self, gint node);
void ms_memory_page_row_opened (MsMemoryPage *self, MsMemoryRow *row);

/* Scrolls the picture: to its root; as far from its root as before, once its new size is known. */
void ms_memory_page_show_root (MsMemoryPage *self);
void ms_memory_page_keep_root (MsMemoryPage *self);
/* Once, when the picture is there. */
void ms_memory_page_watch_root (MsMemoryPage *self);

/* The function under the cursor of the picture; MS_FUNCTION_NONE: there is none. */
guint ms_memory_page_get_cursor_function (MsMemoryPage *self);
/* Shows who calls it, and what it calls. */
void ms_memory_page_go_around (MsMemoryPage *self, guint function);

G_END_DECLS
