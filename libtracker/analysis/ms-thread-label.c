/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-label.h"

#include "ms-site-text.h"

char *
ms_thread_label_new (MsTrace *trace, MsThread *thread, guint most_chars)
{
  const char *name = ms_thread_get_name (thread);
  g_autofree char *text = ms_cut_text_new (name, most_chars);

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *other = ms_trace_get_thread (trace, i);

      if (other != thread && g_str_equal (ms_thread_get_name (other), name))
        return g_strdup_printf ("%s (%d)", text, ms_thread_get_tid (thread));
    }
  return g_steal_pointer (&text);
}
