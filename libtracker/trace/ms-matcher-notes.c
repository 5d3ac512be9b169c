/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What happens rarely: names, sampling, rules, drops.  What only counts goes on to who counts. */
#include "ms-matcher.h"

#include <math.h>
#include <string.h>

#include "ms-diagnostic.h"
#include "ms-estimate.h"

#define MAX_RULES_SAID 16

/* A record holds 32 binary digits of what the manifest has in decimal ones. */
static gboolean
is_same_rate (double a, double b)
{
  return fabs (a - b) < 1e-9;
}

/* Each thread tells it when it comes to allocate; whoever does so first is the one that counts. */
static void
say_sampling (MsMatcher *self, const MsThreadLife *thread, guint64 ticks)
{
  double seconds = (double) ms_clock_to_ns (self->clock, ticks) / 1e9;
  g_autofree char *what = NULL;

  if (is_same_rate (thread->rate, self->said_rate)
      && thread->interval_bytes == self->said_interval_bytes)
    return;
  self->said_rate = thread->rate;
  self->said_interval_bytes = thread->interval_bytes;
  if (self->n_samplings++ >= MAX_RULES_SAID)
    return;
  if (thread->interval_bytes > 0)
    what =
        g_strdup_printf ("one allocation in %" G_GUINT64_FORMAT " bytes", thread->interval_bytes);
  else if (thread->rate < 1)
    what = g_strdup_printf ("each allocation with a probability of %g", thread->rate);
  else
    what = g_strdup ("every allocation");
  ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0, "From %.3f s on %s was kept.",
                      seconds, what);
}

static void
take_sampling (MsMatcher *self, MsThreadLife *thread, const TrkEvent *event)
{
  double rate = (double) event->u.sampling.rate_q32 / 0x1p32;
  gboolean is_new = !is_same_rate (rate, thread->rate)
                    || event->u.sampling.interval_bytes != thread->interval_bytes;

  thread->rate = rate;
  thread->interval_bytes = event->u.sampling.interval_bytes;
  thread->sampled = TRUE;
  if (is_new)
    say_sampling (self, thread, event->ticks);
  if (thread->rate < 1 || thread->interval_bytes > 0)
    self->sampled = TRUE;
}

/* A name is not said again: a thread that sets the one it has does not begin a new span. */
static void
take_name (MsThreadLife *thread, guint64 ticks, const char *name)
{
  MsNameChange change = { .ticks = ticks };

  if (thread->names->len > 0
      && strcmp (g_array_index (thread->names, MsNameChange, thread->names->len - 1).name, name)
             == 0)
    return;
  change.name = g_strdup (name);
  g_array_append_val (thread->names, change);
}

/* Threads were chosen anew.  Blocks of those that were not recorded may be freed by all from here on. */
static void
take_rule (MsMatcher *self, const TrkEvent *event, const char *rule)
{
  double seconds = (double) ms_clock_to_ns (self->clock, event->ticks) / 1e9;

  if (!event->u.rule.on || strcmp (rule, "none") == 0)
    self->options.was_off = TRUE;
  else if (strcmp (rule, "all") != 0)
    self->options.some_untracked = TRUE;
  if (self->n_rules++ >= MAX_RULES_SAID)
    return;
  if (event->u.rule.on)
    ms_diagnostics_add (
        self->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
        "From %.3f s on the threads that were recorded were those of the rule '%s'.", seconds,
        rule);
  else
    ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                        "At %.3f s recording was switched off.", seconds);
}

/* --- what is counted elsewhere ---------------------------------------------------------------------- */

static void
pass_on (MsMatcher *self,
         MsThreadLife *thread,
         const TrkEvent *event,
         guint domain,
         MsUnmatchedReason reason,
         guint32 site)
{
  MsMatched *said = ms_matcher_emit (self);

  if (self->out->notes == NULL)
    self->out->notes = g_array_new (FALSE, FALSE, sizeof (TrkEvent));
  *said = (MsMatched) { .ticks = self->now,
                        .kind = MS_MATCHED_NOTE,
                        .thread = thread->stream.reader.thread_index,
                        .domain = (guint8) domain,
                        .number = self->out->notes->len,
                        .site = site,
                        .detail = reason };
  g_array_append_val (self->out->notes, *event);
}

static void
take_mapping (MsMatcher *self, MsThreadLife *thread, const TrkEvent *event)
{
  gboolean foreign = event->kind == TRK_EVENT_UNMAP && !thread->tracking;
  guint32 site = 0;

  if (event->kind == TRK_EVENT_MAP && event->size > 0)
    site = ms_matcher_site (self, thread, MS_DOMAIN_MAPPING, event->stack);
  pass_on (self, thread, event, MS_DOMAIN_MAPPING, ms_matcher_reason (self, thread, foreign), site);
  if (event->kind != TRK_EVENT_UNMAP)
    thread->recorded = TRUE;
  if (event->kind == TRK_EVENT_MAP
      || (event->kind == TRK_EVENT_UNMAP && !(event->u.mapping.flags & TRK_MAPPING_REPLACES)))
    self->n_events++;
}

/* The counts are sums from the thread's beginning: who counts knows how much of them it has seen. */
static void
take_earlier (MsMatcher *self,
              MsThreadLife *thread,
              const TrkEvent *event,
              const TrkEarlier *earlier)
{
  if (!thread->has_start)
    {
      thread->start_ticks = event->ticks - MIN (earlier->age_ticks, event->ticks);
      thread->has_parent = earlier->has_parent;
      thread->parent_id = earlier->parent_thread_id;
      thread->start_routine = earlier->start_routine;
      thread->tracking = earlier->tracked;
    }
  thread->has_start = TRUE;
  if (!thread->has_gap)
    return;
  thread->has_gap = FALSE;
  thread->is_partly = TRUE;
  thread->kept_ticks = event->ticks;
  thread->last_alloc = 0;
  for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      TrkEvent counts = *event;

      if (earlier->counts[d].allocations == 0 && earlier->counts[d].deallocations == 0)
        continue;
      counts.u.skipped.allocations = earlier->counts[d].allocations;
      counts.u.skipped.bytes = earlier->counts[d].allocated_bytes;
      counts.u.skipped.frees = earlier->counts[d].deallocations;
      pass_on (self, thread, &counts, d, MS_UNMATCHED_UNKNOWN, 0);
      thread->recorded = TRUE;
    }
}

void
ms_matcher_note (MsMatcher *self, MsThreadLife *thread, const MsStreamNote *note)
{
  const TrkEvent *event = &note->event;

  switch (event->kind)
    {
    case TRK_EVENT_THREAD_START:
      if (!thread->has_start)
        thread->start_ticks = event->ticks;
      thread->has_start = TRUE;
      thread->has_parent = event->u.start.has_parent;
      thread->parent_id = event->u.start.parent_thread_id;
      thread->start_routine = event->u.start.start_routine;
      break;
    case TRK_EVENT_THREAD_NAME:
      take_name (thread, event->ticks, note->name);
      break;
    case TRK_EVENT_THREAD_EXIT:
      thread->has_end = TRUE;
      thread->end_ticks = event->ticks;
      thread->cpu_ns =
          event->u.exit.cpu_ns < (guint64) G_MAXINT64 ? (gint64) event->u.exit.cpu_ns : -1;
      thread->exit_figures = *note->exit_figures;
      break;
    case TRK_EVENT_TRACKING:
      thread->tracking = event->u.tracking.on;
      thread->paused |= !event->u.tracking.on;
      break;
    case TRK_EVENT_SKIPPED:
      pass_on (self, thread, event, event->domain, ms_matcher_reason_of_skipped (self, thread), 0);
      thread->recorded = TRUE;
      thread->last_alloc = 0;
      break;
    case TRK_EVENT_SAMPLING:
      take_sampling (self, thread, event);
      break;
    case TRK_EVENT_EARLIER:
      if (note->earlier != NULL && self->options.is_ring)
        take_earlier (self, thread, event, note->earlier);
      break;
    case TRK_EVENT_DROPPED:
      thread->has_gap |= event->u.dropped.n_events == 0;
      self->n_dropped += event->u.dropped.n_events;
      self->n_dropped_for[event->u.dropped.reason < MS_N_DROP_REASONS ? event->u.dropped.reason
                                                                      : 0] +=
          event->u.dropped.n_events;
      thread->last_alloc = 0;
      break;
    case TRK_EVENT_RULE:
      take_rule (self, event, note->name);
      break;
    case TRK_EVENT_MAP:
    case TRK_EVENT_UNMAP:
    case TRK_EVENT_REMAP:
      take_mapping (self, thread, event);
      break;
    default:
      break;
    }
}
