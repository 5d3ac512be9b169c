/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pipeline.h"

/* Events read ahead in all, shared out among the threads of the trace. */
#define MAX_EVENTS_PER_BATCH 8192U
#define MIN_EVENTS_PER_BATCH 128U
#define EVENTS_IN_FLIGHT 262144U
#define BATCHES_AHEAD 2
/* Matched batches that wait to be counted: a few caches' worth. */
#define MAX_WAITING 8
#define MAX_WORKERS 3

struct _MsPipeline {
  MsAccounting *accounting;
  MsEventSource source;
  MsMatchedSink sink;
  guint events_per_batch;

  GMutex mutex; /* for all that follows and the streams' part */
  GCond changed;
  GThread *workers[MAX_WORKERS];
  guint n_workers;
  gboolean stopping, resting;

  GQueue wanted;       /* of MsEventStream *: to be read ahead */
  MsEventBatch *spare; /* list */
  GQueue waiting;      /* of MsMatchedBatch *: to be counted, in order */
  GQueue empty;        /* of MsMatchedBatch * */
  guint n_reading;
  gboolean is_counting;
  MsMatchedBatch *lent; /* to the matcher */
};

guint
ms_pipeline_default_workers (void)
{
  return MIN (g_get_num_processors () - 1, MAX_WORKERS);
}

/* --- reading -------------------------------------------------------------------------------------- */

/* Locked. */
static MsEventBatch *
get_spare (MsPipeline *self)
{
  MsEventBatch *batch = self->spare;

  if (batch == NULL)
    return NULL;
  self->spare = batch->next;
  batch->next = NULL;
  return batch;
}

/* Locked; not while it reads.  NULL: there is no more. */
static MsEventBatch *
read_batch (MsPipeline *self, MsEventStream *stream)
{
  MsEventBatch *batch = get_spare (self);
  gboolean any;

  stream->is_reading = TRUE;
  self->n_reading++;
  g_mutex_unlock (&self->mutex);
  if (batch == NULL)
    batch = ms_event_batch_new (self->events_per_batch);
  any = ms_event_reader_read (&stream->reader, batch);
  g_mutex_lock (&self->mutex);
  stream->is_reading = FALSE;
  self->n_reading--;
  if (any)
    return batch;
  stream->is_read = TRUE;
  batch->next = self->spare;
  self->spare = batch;
  return NULL;
}

static gboolean
can_read_ahead (const MsEventStream *stream)
{
  return !stream->is_read && !stream->is_reading && stream->n_ready < BATCHES_AHEAD;
}

/* Locked. */
static void
want (MsPipeline *self, MsEventStream *stream)
{
  if (self->n_workers == 0 || self->resting || stream->is_wanted || !can_read_ahead (stream))
    return;
  stream->is_wanted = TRUE;
  g_queue_push_tail (&self->wanted, stream);
  g_cond_broadcast (&self->changed);
}

/* Locked. */
static void
read_ahead (MsPipeline *self, MsEventStream *stream)
{
  MsEventBatch *batch;

  stream->is_wanted = FALSE;
  if (!can_read_ahead (stream))
    return;
  batch = read_batch (self, stream);
  if (batch != NULL)
    {
      if (stream->last_ready != NULL)
        stream->last_ready->next = batch;
      else
        stream->ready = batch;
      stream->last_ready = batch;
      stream->n_ready++;
      want (self, stream);
    }
  g_cond_broadcast (&self->changed);
}

static MsEventBatch *
take_events (gpointer data, MsEventStream *stream)
{
  MsPipeline *self = data;
  MsEventBatch *batch;

  g_mutex_lock (&self->mutex);
  self->resting = FALSE;
  while (stream->ready == NULL && stream->is_reading)
    g_cond_wait (&self->changed, &self->mutex);
  batch = stream->ready;
  if (batch != NULL)
    {
      stream->ready = batch->next;
      batch->next = NULL;
      stream->n_ready--;
      if (stream->ready == NULL)
        stream->last_ready = NULL;
    }
  else if (!stream->is_read)
    {
      batch = read_batch (self, stream);
    }
  want (self, stream);
  g_mutex_unlock (&self->mutex);
  return batch;
}

static void
give_events_back (gpointer data, MsEventBatch *batch)
{
  MsPipeline *self = data;

  ms_event_batch_reset (batch);
  g_mutex_lock (&self->mutex);
  batch->next = self->spare;
  self->spare = batch;
  g_mutex_unlock (&self->mutex);
}

/* --- counting ------------------------------------------------------------------------------------- */

static MsMatchedBatch *
matched_batch_new (void)
{
  MsMatchedBatch *batch = g_new (MsMatchedBatch, 1);

  batch->n = 0;
  batch->notes = NULL;
  return batch;
}

static void
matched_batch_free (gpointer data)
{
  MsMatchedBatch *batch = data;

  g_clear_pointer (&batch->notes, g_array_unref);
  g_free (batch);
}

/* Locked; not while it counts. */
static void
count_first (MsPipeline *self)
{
  MsMatchedBatch *batch = g_queue_pop_head (&self->waiting);

  self->is_counting = TRUE;
  g_mutex_unlock (&self->mutex);
  ms_accounting_take (self->accounting, batch);
  batch->n = 0;
  g_clear_pointer (&batch->notes, g_array_unref);
  g_mutex_lock (&self->mutex);
  self->is_counting = FALSE;
  g_queue_push_tail (&self->empty, batch);
  g_cond_broadcast (&self->changed);
}

/* Locked. */
static gboolean
can_count (const MsPipeline *self)
{
  return !self->is_counting && self->waiting.length > 0;
}

/* Locked.  Until no more than @most batches wait, or are being counted if that is none. */
static void
count_down_to (MsPipeline *self, guint most)
{
  while (self->waiting.length > most || (most == 0 && self->is_counting))
    if (can_count (self))
      count_first (self);
    else
      g_cond_wait (&self->changed, &self->mutex);
}

static MsMatchedBatch *
take_matched (gpointer data, MsMatchedBatch *batch, gboolean more)
{
  MsPipeline *self = data;
  MsMatchedBatch *next;

  g_mutex_lock (&self->mutex);
  if (batch != NULL)
    {
      g_queue_push_tail (&self->waiting, batch);
      g_cond_broadcast (&self->changed);
    }
  count_down_to (self, more && self->n_workers > 0 ? MAX_WAITING : 0);
  next = g_queue_pop_head (&self->empty);
  self->lent = next != NULL ? next : matched_batch_new ();
  g_mutex_unlock (&self->mutex);
  return self->lent;
}

/* --- workers -------------------------------------------------------------------------------------- */

/* Counting first: what was matched is in the caches still. */
static gpointer
work (gpointer data)
{
  MsPipeline *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->stopping)
    {
      if (can_count (self))
        count_first (self);
      else if (self->wanted.length > 0)
        read_ahead (self, g_queue_pop_head (&self->wanted));
      else
        g_cond_wait (&self->changed, &self->mutex);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

MsPipeline *
ms_pipeline_new (MsAccounting *accounting, guint n_threads, guint n_workers)
{
  MsPipeline *self = g_new0 (MsPipeline, 1);

  self->accounting = accounting;
  self->events_per_batch =
      CLAMP (EVENTS_IN_FLIGHT / MAX (n_threads, 1), MIN_EVENTS_PER_BATCH, MAX_EVENTS_PER_BATCH);
  self->source = (MsEventSource) { take_events, give_events_back, self };
  self->sink = (MsMatchedSink) { take_matched, self };
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_queue_init (&self->wanted);
  g_queue_init (&self->waiting);
  g_queue_init (&self->empty);
  while (self->n_workers < MIN (n_workers, MAX_WORKERS))
    {
      GThread *worker = g_thread_try_new ("memscope-load", work, self, NULL);

      if (worker == NULL) /* as well without */
        break;
      g_mutex_lock (&self->mutex);
      self->workers[self->n_workers++] = worker;
      g_mutex_unlock (&self->mutex);
    }
  return self;
}

void
ms_pipeline_rest (MsPipeline *self)
{
  MsEventStream *stream;

  g_mutex_lock (&self->mutex);
  self->resting = TRUE;
  while ((stream = g_queue_pop_head (&self->wanted)) != NULL)
    stream->is_wanted = FALSE;
  count_down_to (self, 0);
  while (self->n_reading > 0)
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

void
ms_pipeline_stop (MsPipeline *self)
{
  guint n_workers = self->n_workers;

  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  self->n_workers = 0;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i < n_workers; i++)
    g_thread_join (self->workers[i]);
}

void
ms_pipeline_free (MsPipeline *self)
{
  ms_pipeline_stop (self);
  while (self->spare != NULL)
    ms_event_batch_free (get_spare (self));
  g_queue_clear (&self->wanted);
  g_queue_clear_full (&self->waiting, matched_batch_free);
  g_queue_clear_full (&self->empty, matched_batch_free);
  if (self->lent != NULL)
    matched_batch_free (self->lent);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

const MsEventSource *
ms_pipeline_get_source (MsPipeline *self)
{
  return &self->source;
}

const MsMatchedSink *
ms_pipeline_get_sink (MsPipeline *self)
{
  return &self->sink;
}
