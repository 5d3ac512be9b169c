/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus-words.h"
#include "ms-figures.h"
#include "ms-language.h"

#include <glib/gi18n-lib.h>

char *
ms_focus_dup_stack_words (MsLens *lens)
{
  MsFocus *focus = ms_lens_get_focus (lens);
  guint n, stack;

  if (ms_focus_get_stacks (focus, &n) == NULL)
    return NULL;
  if (ms_focus_get_stacks_label (focus) != NULL)
    return g_strdup (ms_focus_get_stacks_label (focus));
  if (ms_focus_get_stack (focus, &stack))
    return ms_lens_dup_site (lens, stack);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u stack", "%u stacks", n), n);
}

char *
ms_focus_dup_words (MsLens *lens)
{
  MsFocus *focus = ms_lens_get_focus (lens);
  g_autofree char *stacks = ms_focus_dup_stack_words (lens);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  gint64 start_ns, end_ns;
  guint id;

  if (ms_focus_get_thread (focus, &id))
    {
      MsThreadRow *row = ms_document_find_row (ms_lens_get_document (lens), id);

      if (row != NULL)
        g_ptr_array_add (parts, g_strdup (ms_thread_row_get_name (row)));
    }
  if (ms_focus_get_range (focus, &start_ns, &end_ns))
    g_ptr_array_add (parts, ms_figure_range (start_ns, end_ns));
  if (stacks != NULL)
    g_ptr_array_add (parts, g_steal_pointer (&stacks));
  if (parts->len == 0)
    return NULL;
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (ms_language_get_comma (), (char **) parts->pdata);
}
