/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread's names from two sides, put in one order:
 *
 *   its own events   main ───────────── first ───────────────────────────────   as it noticed
 *   samples                main ──────────────────── worker-7 ──────────────    as others saw it
 *   together         main ───────────── first ────── worker-7 ──────────────
 *
 * A thread does not notice that another one names it before it allocates again or ends, and never if the new name
 * is written to /proc.  Samples see it within a second, and only where there are any.
 */
#include "ms-resource-file.h"
#include "ms-resource-private.h"
#include "ms-thread-private.h"

/* A name may have been read so long before the sample that tells it: those of threads that rest are read once a
 * second, those of threads that run in every fourth sample. */
#define MOST_AGE_NS G_GINT64_CONSTANT (2000000000)
#define MOST_AGE_SAMPLES 5

static void
clear_span (gpointer data)
{
  g_free (((MsNameSpan *) data)->name);
}

static gint
compare_spans (gconstpointer a, gconstpointer b)
{
  const MsNameSpan *x = a, *y = b;

  return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static void
add_span (GArray *spans, MsThread *thread, gint64 time_ns, const char *name)
{
  MsNameSpan span = { MAX (time_ns, thread->start_ns), g_strdup (name) };

  if (thread->end_ns == MS_TIME_NONE || span.start_ns <= thread->end_ns)
    g_array_append_val (spans, span);
  else
    g_free (span.name);
}

/* The last one is said twice, when it was first and when it was last read: the thread may have noticed another between
 * the two, and lost that again. */
static void
add_sampled (GArray *spans, MsThread *thread, const GArray *names, gint64 most_age_ns)
{
  for (guint i = 0; i < names->len; i++)
    {
      const MsResourceName *name = &g_array_index (names, MsResourceName, i);

      add_span (spans, thread, name->first_ns, name->name);
      if (name->last_ns - most_age_ns > name->first_ns)
        add_span (spans, thread, name->last_ns - most_age_ns, name->name);
    }
}

static void
remove_repeated (GArray *spans)
{
  for (guint i = 1; i < spans->len;)
    {
      const MsNameSpan *span = &g_array_index (spans, MsNameSpan, i);

      if (g_str_equal (span->name, (span - 1)->name))
        g_array_remove_index (spans, i);
      else
        i++;
    }
}

static gboolean
is_known (const GArray *spans, const GArray *names)
{
  return names->len == 1 && spans->len == 1
         && g_str_equal (g_array_index (spans, MsNameSpan, 0).name,
                         g_array_index (names, MsResourceName, 0).name);
}

static void
name_thread (MsThread *thread, const GArray *names, gint64 most_age_ns)
{
  GArray *spans;

  if (is_known (thread->names, names))
    return;
  spans = g_array_new (FALSE, FALSE, sizeof (MsNameSpan));
  g_array_set_clear_func (spans, clear_span);
  for (guint i = 0; i < thread->names->len; i++)
    {
      const MsNameSpan *span = &g_array_index (thread->names, MsNameSpan, i);

      add_span (spans, thread, span->start_ns, span->name);
    }
  add_sampled (spans, thread, names, most_age_ns);
  g_array_sort (spans, compare_spans); /* is stable */
  remove_repeated (spans);
  g_array_unref (thread->names);
  thread->names = spans;
}

void
ms_resources_name_threads (MsResources *self, GPtrArray *threads, gint replaced_pid)
{
  gint64 most_age_ns = MOST_AGE_NS + MOST_AGE_SAMPLES * MIN (self->interval_ns, G_TIME_SPAN_DAY);

  for (guint i = 0; i < threads->len; i++)
    {
      MsThread *thread = g_ptr_array_index (threads, i);
      guint source;

      if ((replaced_pid != 0 && thread->tid == replaced_pid)
          || !ms_resources_find_thread (self, thread->id, &source))
        continue;
      name_thread (thread, ((MsResourceEntry *) g_ptr_array_index (self->sources, source))->names,
                   most_age_ns);
    }
}
