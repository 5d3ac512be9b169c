/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-headline.h"

#include <glib/gi18n.h>

#include "ms-site-text.h"
#include "ms-thread-label.h"

#define NAME_CHARS 60

static guint
find_heaviest_thread (const MsPeak *peak)
{
  guint heaviest = 0;

  for (guint i = 1; i < peak->n_threads; i++)
    if (peak->thread_bytes[i] > peak->thread_bytes[heaviest])
      heaviest = i;
  return heaviest;
}

static gint
find_stack (MsView *view, MsThread *thread, MsDomain domain, const MsPeak *peak)
{
  guint n = 0;
  const MsThreadStack *stacks = ms_view_get_thread_stacks (view, thread, domain, &n);
  guint64 most = 0;
  gint heaviest = -1;

  for (guint i = 0; i < n; i++)
    {
      guint64 bytes = stacks[i].stack < peak->n_stacks ? peak->stack_bytes[stacks[i].stack] : 0;

      bytes = MIN (bytes, stacks[i].allocated_bytes);
      if (bytes > most)
        {
          most = bytes;
          heaviest = (gint) stacks[i].stack;
        }
    }
  return heaviest;
}

static gint
find_freeing_thread (MsView *view, guint index, guint thread_id, MsDomain domain)
{
  guint n = 0;
  const MsInteraction *interactions = ms_view_get_interactions (view, domain, &n);
  guint64 freed = ms_view_get_thread_totals (view, index, domain)->freed_bytes_of_own;

  /* Most bytes first. */
  for (guint i = 0; i < n; i++)
    if (interactions[i].alloc_thread == thread_id)
      return interactions[i].bytes > 0 && interactions[i].bytes >= freed / 2 + freed % 2
                 ? (gint) interactions[i].free_thread
                 : -1;
  return -1;
}

static char *
name_of (MsTrace *trace, guint id)
{
  MsThread *thread = ms_trace_find_thread (trace, id);

  if (thread == NULL)
    return g_strdup_printf ("thread %u", id);
  return ms_thread_label_new (trace, thread, NAME_CHARS);
}

/* It holds all of it then. */
static gboolean
is_of_one_thread (MsView *view)
{
  MsFilter *filter = ms_view_get_filter (view);
  guint n = 0;

  return filter != NULL && ms_filter_get_threads (filter, &n) != NULL && n == 1;
}

/* A whole sentence each, so that every language can have its own order. */
static const char *const OF_ONE_THREAD[] = {
  NC_ ("headline", "%s holds %s at its peak."),
  NC_ ("headline", "%s holds %s at its peak, from %s."),
  NC_ ("headline", "%s holds %s at its peak, freed by %s."),
  NC_ ("headline", "%s holds %s at its peak, from %s, freed by %s."),
};
static const char *const OF_SEVERAL[] = {
  NC_ ("headline", "%s holds %s %% of the peak of %s."),
  NC_ ("headline", "%s holds %s %% of the peak of %s, from %s."),
  NC_ ("headline", "%s holds %s %% of the peak of %s, freed by %s."),
  NC_ ("headline", "%s holds %s %% of the peak of %s, from %s, freed by %s."),
};

char *
ms_headline_write (const MsHeadline *self,
                   const MsLanguage *language,
                   const char *thread,
                   const char *site,
                   const char *free_thread)
{
  guint which = (self->site != NULL ? 1 : 0) + (self->free_thread_name != NULL ? 2 : 0);
  g_autoptr (MsSentence) sentence =
      ms_sentence_new ("headline", self->of_one_thread ? OF_ONE_THREAD[which] : OF_SEVERAL[which]);

  ms_sentence_add_name (sentence, thread);
  if (!self->of_one_thread)
    ms_sentence_add_count (sentence, (guint) (self->percent + 0.5));
  ms_sentence_add_estimate (sentence, (double) self->peak_bytes, self->peak_standard_error,
                            "bytes");
  if (self->site != NULL)
    ms_sentence_add_name (sentence, site);
  if (self->free_thread_name != NULL)
    ms_sentence_add_name (sentence, free_thread);
  return ms_sentence_write (sentence, language);
}

MsHeadline *
ms_headline_new (MsView *view, MsDomain domain, MsFrameNames *names, GCancellable *cancellable)
{
  MsTrace *trace = ms_view_get_trace (view);
  const MsPeak *peak = ms_view_find_peak (view, domain, cancellable, NULL);
  MsHeadline *self;
  guint index;

  if (peak == NULL || peak->bytes == 0 || peak->n_threads == 0)
    return NULL;
  self = g_new0 (MsHeadline, 1);
  index = find_heaviest_thread (peak);
  self->thread_id = ms_thread_get_id (ms_trace_get_thread (trace, index));
  self->bytes = peak->thread_bytes[index];
  self->peak_bytes = peak->bytes;
  self->peak_standard_error = peak->standard_error;
  self->percent = 100.0 * (double) self->bytes / (double) peak->bytes;
  self->time_ns = peak->time_ns;
  self->stack = find_stack (view, ms_trace_get_thread (trace, index), domain, peak);
  self->free_thread_id = find_freeing_thread (view, index, self->thread_id, domain);
  self->thread_name = name_of (trace, self->thread_id);
  if (self->stack >= 0)
    self->site = ms_site_text_new (names, (guint) self->stack);
  if (self->free_thread_id >= 0)
    self->free_thread_name = name_of (trace, (guint) self->free_thread_id);
  self->of_one_thread = is_of_one_thread (view);
  self->text =
      ms_headline_write (self, NULL, self->thread_name, self->site, self->free_thread_name);
  return self;
}

void
ms_headline_free (MsHeadline *self)
{
  if (self == NULL)
    return;
  g_free (self->thread_name);
  g_free (self->site);
  g_free (self->free_thread_name);
  g_free (self->text);
  g_free (self);
}
