/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-choices.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>

#define SPACING_PX 4

static const char *const SHAPES[MS_N_MEMORY_SHAPES] = { "flame", "icicle", "callers" };
static const char *const LISTS[MS_N_MEMORY_LISTS] = { "stacks", "functions", "top-down",
                                                      "bottom-up", "around" };

static guint
find (const char *const *words, guint n, const char *text)
{
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (words[i], text) == 0)
      return i;
  return 0;
}

const char *
ms_memory_shape_to_string (MsMemoryShape shape)
{
  return SHAPES[MIN (shape, MS_N_MEMORY_SHAPES - 1)];
}

MsMemoryShape
ms_memory_shape_from_string (const char *text)
{
  return find (SHAPES, MS_N_MEMORY_SHAPES, text);
}

const char *
ms_memory_list_to_string (MsMemoryList list)
{
  return LISTS[MIN (list, MS_N_MEMORY_LISTS - 1)];
}

MsMemoryList
ms_memory_list_from_string (const char *text)
{
  return find (LISTS, MS_N_MEMORY_LISTS, text);
}

static void
add_button (GtkWidget *box,
            const char *action,
            const char *target,
            const char *label,
            const char *tooltip)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "choice");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_box_append (GTK_BOX (box), button);
}

void
ms_memory_choices_fill (GtkWidget *box)
{
  GtkWidget *by;

  gtk_widget_set_layout_manager (box, ms_wrap_layout_new (SPACING_PX, FALSE));
  add_button (box, "memory.shape", SHAPES[MS_MEMORY_SHAPE_FLAME], _ ("Flame"),
              _ ("Callers below, what they call above"));
  add_button (box, "memory.shape", SHAPES[MS_MEMORY_SHAPE_ICICLE], _ ("Icicle"),
              _ ("Callers above, what they call below"));
  add_button (box, "memory.shape", SHAPES[MS_MEMORY_SHAPE_CALLERS], _ ("Callers"),
              _ ("What allocates above, who calls it below"));
  /* Translators: between kinds of pictures and what they are drawn by: "Flame … by … allocated". */
  by = gtk_label_new (_ ("by"));
  gtk_widget_add_css_class (by, "dim-label");
  gtk_widget_set_margin_start (by, 8);
  gtk_widget_set_margin_end (by, 8);
  gtk_box_append (GTK_BOX (box), by);

  add_button (box, "memory.measure", ms_memory_measure_to_string (MS_MEASURE_PEAK),
              _ ("Live at Peak"), _ ("Bytes that were live when memory was highest"));
  add_button (box, "memory.measure", ms_memory_measure_to_string (MS_MEASURE_ALLOCATED),
              _ ("Allocated"), _ ("All bytes ever asked for"));
  add_button (box, "memory.measure", ms_memory_measure_to_string (MS_MEASURE_COUNT), _ ("Count"),
              _ ("How often memory was asked for"));
  add_button (box, "memory.measure", ms_memory_measure_to_string (MS_MEASURE_LEAKED),
              _ ("Never Freed"), _ ("Bytes that nobody freed before the end"));
  add_button (box, "memory.measure", ms_memory_measure_to_string (MS_MEASURE_TEMPORARY),
              _ ("Temporary"), _ ("How often memory was freed again at once"));
}

void
ms_memory_choices_fill_lists (GtkWidget *box)
{
  gtk_widget_set_layout_manager (box, ms_wrap_layout_new (SPACING_PX, FALSE));
  add_button (box, "memory.list", LISTS[MS_MEMORY_LIST_STACKS], _ ("Stacks"),
              _ ("Call stacks, the heaviest first"));
  add_button (box, "memory.list", LISTS[MS_MEMORY_LIST_FUNCTIONS], _ ("Functions"),
              _ ("What each function allocates itself"));
  add_button (box, "memory.list", LISTS[MS_MEMORY_LIST_TOP_DOWN], _ ("Top Down"),
              _ ("From the program's start to what allocates"));
  add_button (box, "memory.list", LISTS[MS_MEMORY_LIST_BOTTOM_UP], _ ("Bottom Up"),
              _ ("From what allocates to who calls it"));
  add_button (box, "memory.list", LISTS[MS_MEMORY_LIST_AROUND], _ ("Callers and Callees"),
              _ ("Around the selected function"));
}
