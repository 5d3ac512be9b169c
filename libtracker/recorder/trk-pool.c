/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-pool.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "trk-process.h"
#include "trk-ring.h"
#include "trk-system.h"
#include "trk-text.h"
#include "trk-thread.h"
#include "trk-window.h"

#define LANES_A_SEGMENT TRK_POOL_LANES_A_SEGMENT
#define MAX_SEGMENTS (TRK_MAX_LANES / LANES_A_SEGMENT)
/* For threads that are yet to begin, however many windows others want: 4096 of them. */
#define RESERVED_SEGMENTS (MAX_SEGMENTS / 8)
#define SEGMENT_BYTES (LANES_A_SEGMENT * TRK_LANE_BYTES)
#define NO_LANE 0xffffffffU

typedef struct {
  uint8_t *lanes;     /* mapping of the file */
  TrkThread *threads; /* anonymous, LANES_A_SEGMENT of them; NULL: a bare segment */
} Segment;

static struct {
  char path[TRK_PATH_BYTES];
  TrkPoolHeader *header;
  Segment segments[MAX_SEGMENTS];
  _Atomic uint32_t n_segments; /* reserved, not all of them mapped yet */
  _Atomic uint64_t free_lanes; /* (counter << 32 | first free lane): the counter defeats ABA */
} pool = { .free_lanes = NO_LANE };

TrkPoolHeader *
trk_pool_get_header (void)
{
  return pool.header;
}

void
trk_pool_count_failed_write (uint64_t n_events, int error)
{
  TrkPoolHeader *header = pool.header;

  if (!header)
    return;
  __atomic_fetch_add (&header->failed_writes, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add (&header->dropped_events, n_events, __ATOMIC_RELAXED);
  __atomic_store_n (&header->last_errno, -error, __ATOMIC_RELAXED);
}

static void
fill_file_header (TrkFileHeader *header)
{
  header->version_major = TRK_VERSION_MAJOR;
  header->version_minor = TRK_VERSION_MINOR;
  header->header_size = TRK_POOL_HEADER_BYTES;
  header->kind = TRK_FILE_POOL;
  memcpy (header->trace_id, trk_process.trace_id, sizeof header->trace_id);
}

static int
create (const char *path)
{
  TrkPoolHeader *header = NULL;
  int fd = trk_system_create (path, 0644), error; /* nobody else may truncate what is mapped */

  if (fd < 0)
    return fd;
  error = trk_system_allocate (fd, 0, TRK_POOL_HEADER_BYTES);
  if (error == 0)
    header = trk_system_map_file (fd, 0, TRK_POOL_HEADER_BYTES, NULL);
  trk_system_close (fd);
  if (!header)
    {
      trk_system_unlink (path);
      return error ? error : -ENOMEM;
    }

  memset (header, 0, sizeof *header);
  fill_file_header (&header->file);
  header->pool_header_bytes = TRK_POOL_HEADER_BYTES;
  header->lane_bytes = TRK_LANE_BYTES;
  header->lane_header_bytes = TRK_LANE_HEADER_BYTES;
  header->stack_window_bytes = TRK_STACK_WINDOW_BYTES;
  header->event_window_bytes = TRK_EVENT_WINDOW_BYTES;
  header->n_event_windows = TRK_EVENT_WINDOWS;
  header->state = TRK_PROCESS_RUNNING;
  header->pid = trk_process.pid;
  header->flags = (trk_process.forked ? TRK_POOL_FLAG_FORKED : 0)
                  | (trk_process.config.sockets ? TRK_POOL_FLAG_SOCKETS : 0)
                  | (trk_ring_is_on () ? TRK_POOL_FLAG_RING | TRK_POOL_FLAG_LANE_SUMS : 0);
  /* Last: a pool without its magic was never begun. */
  atomic_signal_fence (memory_order_release);
  memcpy (header->file.magic, TRK_FILE_MAGIC, sizeof header->file.magic);

  memcpy (pool.path, path, strlen (path) + 1);
  atomic_store (&pool.n_segments, 0);
  atomic_store (&pool.free_lanes, NO_LANE);
  trk_window_reset_spares ();
  pool.header = header;
  if (!trk_ring_is_on () || trk_ring_begin_process ())
    return 0;
  pool.header = NULL;
  trk_system_unmap (header, TRK_POOL_HEADER_BYTES);
  trk_system_unlink (path);
  return -ENOMEM;
}

/* Where nobody waits for a disk: @path becomes a link to it.  Negative: it is to lie at @path itself. */
static int
create_in_memory (const char *path)
{
  static char target[TRK_PATH_BYTES]; /* one thread starts a process */
  TrkText text;
  int error;

  if (!*trk_process.config.pool_folder)
    return -ENOENT;
  trk_text_begin (&text, target, sizeof target);
  trk_text_add (&text, trk_process.config.pool_folder);
  trk_text_add (&text, strrchr (trk_process.folder, '/'));
  trk_text_add (&text, "." TRK_POOL_FILE_NAME);
  error = text.overflow ? -ENAMETOOLONG : trk_system_symlink (target, path);
  if (error < 0)
    return error;
  error = create (target);
  if (error < 0)
    trk_system_unlink (path);
  return error;
}

int
trk_pool_create (const char *path)
{
  return create_in_memory (path) == 0 ? 0 : create (path);
}

static TrkThread *
thread_of_lane (uint32_t lane)
{
  return &pool.segments[lane / LANES_A_SEGMENT].threads[lane % LANES_A_SEGMENT];
}

static void
push_free (uint32_t lane)
{
  uint64_t head = atomic_load (&pool.free_lanes), next;

  do
    {
      __atomic_store_n (&thread_of_lane (lane)->next_free, (uint32_t) head, __ATOMIC_RELAXED);
      next = ((head >> 32) + 1) << 32 | lane;
    }
  while (!atomic_compare_exchange_weak (&pool.free_lanes, &head, next));
}

static uint32_t
pop_free (void)
{
  uint64_t head = atomic_load (&pool.free_lanes), next;

  do
    {
      uint32_t lane = (uint32_t) head;
      if (lane == NO_LANE)
        return NO_LANE;
      /* A lane's state is never unmapped, so this read is safe even if another thread took the lane and
       * is giving it back.  Then what was read means nothing, and the counter has moved on. */
      next = ((head >> 32) + 1) << 32
             | __atomic_load_n (&thread_of_lane (lane)->next_free, __ATOMIC_RELAXED);
    }
  while (!atomic_compare_exchange_weak (&pool.free_lanes, &head, next));
  return (uint32_t) head;
}

/* Maps the file storage of segment @index.  In a forked child the memory of the parent's segment is
 * reused, at the same address. */
static bool
map_lanes (uint32_t index)
{
  Segment *segment = &pool.segments[index];
  uint64_t offset = TRK_POOL_HEADER_BYTES + (uint64_t) index * SEGMENT_BYTES;
  int fd = trk_system_open_shared (pool.path), error;
  void *lanes = NULL;

  if (fd < 0)
    return false;
  error = trk_system_allocate (fd, offset, SEGMENT_BYTES);
  if (error == 0)
    lanes = trk_system_map_file (fd, offset, SEGMENT_BYTES, segment->lanes);
  trk_system_close (fd);
  if (!lanes)
    {
      __atomic_store_n (&pool.header->last_errno, error ? -error : ENOMEM, __ATOMIC_RELAXED);
      return false;
    }
  segment->lanes = lanes;
  return true;
}

/* And the private state of its threads. */
static bool
map_threads (uint32_t index)
{
  Segment *segment = &pool.segments[index];
  size_t thread_bytes = LANES_A_SEGMENT * sizeof (TrkThread);

  if (segment->threads)
    madvise (segment->threads, thread_bytes, MADV_DONTNEED);
  else
    segment->threads = trk_system_map_anonymous (thread_bytes);
  return segment->threads != NULL;
}

/* The number of a new segment of zeros, or NO_LANE. */
static uint32_t
add_segment (bool bare)
{
  uint32_t index = atomic_fetch_add (&pool.n_segments, 1);

  if (index < MAX_SEGMENTS && map_lanes (index) && (bare || map_threads (index)))
    return index;
  /* The number is free again, unless another thread already has the next one. */
  index++;
  atomic_compare_exchange_strong (&pool.n_segments, &index, index - 1);
  return NO_LANE;
}

/* Readers may look at the lanes of segment @index from now on. */
static void
publish_segment (uint32_t index)
{
  uint32_t end = (index + 1) * LANES_A_SEGMENT;
  uint32_t n_lanes = __atomic_load_n (&pool.header->n_lanes, __ATOMIC_RELAXED);

  while (n_lanes < end
         && !__atomic_compare_exchange_n (&pool.header->n_lanes, &n_lanes, end, false,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED))
    ;
}

bool
trk_pool_has_room_for_windows (void)
{
  return atomic_load (&pool.n_segments) < MAX_SEGMENTS - RESERVED_SEGMENTS;
}

uint8_t *
trk_pool_add_bare_segment (uint32_t *first_lane)
{
  uint32_t index = trk_pool_has_room_for_windows () ? add_segment (true) : NO_LANE;

  if (index == NO_LANE)
    return NULL;
  publish_segment (index);
  *first_lane = index * LANES_A_SEGMENT;
  return pool.segments[index].lanes;
}

TrkLane *
trk_pool_get_lane (uint32_t lane)
{
  return (TrkLane *) (void *) (pool.segments[lane / LANES_A_SEGMENT].lanes
                               + (size_t) (lane % LANES_A_SEGMENT) * TRK_LANE_BYTES);
}

/* A segment of our own; its other lanes go to whoever wants them. */
static uint32_t
grow (void)
{
  uint32_t index = add_segment (false), first = index * LANES_A_SEGMENT;

  if (index == NO_LANE)
    return NO_LANE;
  for (uint32_t i = 0; i < LANES_A_SEGMENT; i++)
    {
      TrkThread *thread = thread_of_lane (first + i);
      thread->lane_index = first + i;
      thread->lane = (TrkLane *) (pool.segments[index].lanes + i * TRK_LANE_BYTES);
      memset (thread->lane, 0, sizeof *thread->lane);
      trk_window_init (thread);
    }
  publish_segment (index);
  if (trk_ring_is_on ())
    trk_ring_add_windows (first);
  for (uint32_t i = LANES_A_SEGMENT - 1; i > 0; i--)
    push_free (first + i);
  return first;
}

TrkThread *
trk_pool_acquire (void)
{
  uint32_t lane = pop_free ();

  if (lane == NO_LANE)
    lane = grow ();
  if (lane == NO_LANE)
    return NULL;
  if (!trk_ring_is_on () || trk_ring_begin (thread_of_lane (lane)))
    return thread_of_lane (lane);
  push_free (lane);
  return NULL;
}

void
trk_pool_release (TrkThread *thread)
{
  __atomic_store_n (&thread->lane->state, 0, __ATOMIC_RELEASE);
  push_free (thread->lane_index);
}

bool
trk_pool_has_thread_inside (void)
{
  uint32_t n_segments = atomic_load (&pool.n_segments);

  for (uint32_t i = 0; i < n_segments && i < MAX_SEGMENTS; i++)
    for (uint32_t lane = 0; pool.segments[i].threads && lane < LANES_A_SEGMENT; lane++)
      if (pool.segments[i].threads[lane].inside)
        return true;
  return false;
}

void
trk_pool_detach (void)
{
  uint32_t n_segments = atomic_load (&pool.n_segments);

  for (uint32_t i = 0; i < n_segments && i < MAX_SEGMENTS; i++)
    if (pool.segments[i].lanes)
      (void) trk_system_map_anonymous_at (pool.segments[i].lanes, SEGMENT_BYTES);
  if (pool.header)
    trk_system_unmap (pool.header, TRK_POOL_HEADER_BYTES);
  pool.header = NULL;
  atomic_store (&pool.free_lanes, NO_LANE);
}

void
trk_pool_orphan (void)
{
  uint32_t n_segments = atomic_load (&pool.n_segments);

  if (n_segments > MAX_SEGMENTS)
    n_segments = MAX_SEGMENTS;
  trk_pool_detach ();
  memset (pool.segments, 0, n_segments * sizeof pool.segments[0]);
  atomic_store (&pool.n_segments, 0);
}
