/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <string.h>

#include "ms-resource-private.h"

/* Around a visited stretch: what is read most seldom is read once a second. */
#define NEAR_NS G_GINT64_CONSTANT (3000000000)

/* What a visit goes on with from block to block. */
typedef struct {
  guint32 seen, broken;
  gint64 last_ns;
} Progress;

typedef struct {
  Progress *progress; /* by source */
  guint source;
  MsResourceVisit visit;
  gpointer data;
} Visit;

static void
visit_sample (const MsResources *self,
              const Visit *visit,
              guint source,
              const TrkResourceRecord *record)
{
  Progress *progress = &visit->progress[source];
  MsResourceSample sample = { .time_ns = ms_resources_to_trace_time (self, record->time_ns),
                              .present = record->fields };

  if (record->fields == 0 || (progress->seen != 0 && sample.time_ns <= progress->last_ns))
    return;
  sample.broken = record->fields & (progress->broken | ~progress->seen);
  memcpy (sample.values, record->values, sizeof sample.values);
  progress->seen |= record->fields;
  progress->broken &= ~record->fields;
  progress->last_ns = sample.time_ns;
  visit->visit (source, &sample, visit->data);
}

static void
visit_block (const MsResources *self,
             TrkResourceDecoder *decoder,
             const MsResourceBlock *block,
             const Visit *visit)
{
  TrkResourceRecordType type;
  TrkResourceRecord record;

  trk_resource_decoder_begin (decoder, block->payload, block->n_bytes, block->first_ns);
  while ((type = trk_resource_decode (decoder, &record)) < TRK_RESOURCE_END)
    {
      guint32 source;

      if (type != TRK_RESOURCE_SAMPLE && type != TRK_RESOURCE_ABSENT)
        continue;
      source = block->numbers[record.source];
      if (source == MS_RESOURCE_NOT_KEPT
          || (visit->source != MS_RESOURCE_ALL && visit->source != source))
        continue;
      if (type == TRK_RESOURCE_SAMPLE)
        visit_sample (self, visit, source, &record);
      else
        visit->progress[source].broken |= record.fields;
    }
}

/* A block begins where the one before ends, roughly: samples of one moment may be in two. */
static gboolean
is_near (const MsResources *self, guint block, gint64 from_ns, gint64 to_ns)
{
  if (ms_resources_to_trace_time (self, ms_resources_get_block (self, block)->first_ns) > to_ns)
    return FALSE;
  return block + 1 == self->n_blocks
         || ms_resources_to_trace_time (self, ms_resources_get_block (self, block + 1)->first_ns)
                >= from_ns;
}

void
ms_resources_visit (MsResources *self,
                    guint source,
                    gint64 from_ns,
                    gint64 to_ns,
                    MsResourceVisit visit,
                    gpointer data)
{
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  g_autofree Progress *progress = g_new0 (Progress, self->sources->len + 1);
  Visit state = { .progress = progress, .source = source, .visit = visit, .data = data };
  gint64 near_ns = MAX (NEAR_NS, 3 * self->interval_ns);
  guint first = 0, last = self->n_blocks;

  if (source != MS_RESOURCE_ALL)
    {
      const MsResourceEntry *found;

      g_return_if_fail (source < self->sources->len);
      found = g_ptr_array_index (self->sources, source);
      first = found->first_block;
      last = MIN (found->last_block + 1, last);
    }
  from_ns = CLAMP (from_ns, -MS_RESOURCE_MOST_TIME_NS, MS_RESOURCE_MOST_TIME_NS) - near_ns;
  to_ns = CLAMP (to_ns, -MS_RESOURCE_MOST_TIME_NS, MS_RESOURCE_MOST_TIME_NS) + near_ns;
  for (guint i = first; i < last; i++)
    if (is_near (self, i, from_ns, to_ns))
      visit_block (self, decoder, ms_resources_get_block (self, i), &state);
}

static void
append_sample (guint source, const MsResourceSample *sample, gpointer data)
{
  (void) source;
  g_array_append_vals (data, sample, 1);
}

GArray *
ms_resources_dup_samples (MsResources *self, guint source)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (MsResourceSample));

  g_return_val_if_fail (source < self->sources->len, samples);
  ms_resources_visit (self, source, -MS_RESOURCE_MOST_TIME_NS, MS_RESOURCE_MOST_TIME_NS,
                      append_sample, samples);
  return samples;
}
