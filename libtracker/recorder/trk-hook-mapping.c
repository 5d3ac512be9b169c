/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The recording half of the mmap family's hooks, and the stacks of threads. */
#include "trk-hook-mapping.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trk-clock.h"
#include "trk-event-stack.h"
#include "trk-hooks.h"
#include "trk-mapping-encoder.h"
#include "trk-process.h"
#include "trk-stream.h"
#include "trk-thread-stack.h"
#include "unwind/trk-unwind-fallback.h"

/* Not in older headers. */
#define HUGE_SHIFT 26
#define HUGE_MASK 0x3fU
#define DEFAULT_HUGE_BYTES (UINT64_C (2) << 20)
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Set with the first mapping that is recorded: before it an untracked thread can end none. */
static _Atomic bool any_recorded;

static uint64_t
round_up (uint64_t n_bytes, uint64_t unit)
{
  return (n_bytes + unit - 1) / unit * unit;
}

static uint64_t
round_to_pages (uint64_t n_bytes)
{
  return round_up (n_bytes, (uint64_t) sysconf (_SC_PAGESIZE));
}

/* --- the way in and out ----------------------------------------------------------------------- */

void
trk_hook_mapping_begin (TrkMappingCall *call, const TrkUnwindStart *start)
{
  call->thread = NULL;
  /* libunwind, which takes its memory from mmap while we record. */
  if (trk_thread_gate.place == TRK_HOOK_RECORDING && trk_unwind_fallback_is_active ())
    return;
  call->thread = trk_hook_enter_free (start);
  if (!call->thread)
    return;
  if (!trk_process.config.mappings
      || (!call->thread->tracked && !atomic_load_explicit (&any_recorded, memory_order_relaxed)))
    {
      trk_hook_abandon (call->thread);
      call->thread = NULL;
      return;
    }
  /* Not before the address was read, which another thread may have stored a moment ago. */
  call->begin_ticks = trk_clock_now_ordered ();
}

void
trk_hook_mapping_abandon (TrkMappingCall *call)
{
  trk_hook_abandon (call->thread);
}

static void
begin_record (TrkThread *thread, uint64_t ticks)
{
  TrkThreadGate *gate = &trk_thread_gate;

  gate->place = TRK_HOOK_RECORDING;
  trk_stream_reserve (thread, ticks);
  if (TRK_UNLIKELY (gate->reentered))
    trk_stream_put_reentered (thread, gate);
}

static void
put_unmap (TrkThread *thread, uint64_t ticks, uint64_t address, uint64_t n_bytes)
{
  begin_record (thread, ticks);
  trk_event_put_unmap (&thread->encoder, ticks, address, n_bytes);
  trk_stream_commit (thread);
}

/* --- calls ------------------------------------------------------------------------------------ */

static uint32_t
protection_to_flags (int protection)
{
  return (protection & PROT_READ ? TRK_MAPPING_READABLE : 0U)
         | (protection & PROT_WRITE ? TRK_MAPPING_WRITABLE : 0U)
         | (protection & PROT_EXEC ? TRK_MAPPING_EXECUTABLE : 0U);
}

/* What the kernel takes for a length: whole pages, of the size that was chosen. */
static uint64_t
mapped_bytes (uint64_t n_bytes, int flags)
{
  unsigned shift = (unsigned) flags >> HUGE_SHIFT & HUGE_MASK;

  if (!(flags & MAP_HUGETLB) || !(flags & MAP_ANONYMOUS))
    return round_to_pages (n_bytes);
  return round_up (n_bytes, shift ? UINT64_C (1) << shift : DEFAULT_HUGE_BYTES);
}

static void
put_map (TrkThread *thread, TrkMappingMade *made, const TrkUnwindStart *start)
{
  /* Before the record: whoever ends the mapping has seen its address, and with it this. */
  atomic_store_explicit (&any_recorded, true, memory_order_relaxed);
  begin_record (thread, made->begin_ticks);
  trk_event_put_map (&thread->encoder, made, trk_event_stack_capture (thread, start));
  trk_stream_commit (thread);
}

void
trk_hook_mapped (TrkMappingCall *call,
                 void *address,
                 size_t n_bytes,
                 int protection,
                 int flags,
                 const TrkUnwindStart *start)
{
  TrkThread *thread = call->thread;
  bool replaces = flags & MAP_FIXED;
  TrkMappingMade made = {
    .end_ticks = trk_clock_now_ordered (),
    .kind = flags & MAP_ANONYMOUS ? TRK_MAPPING_ANONYMOUS : TRK_MAPPING_FILE,
    .flags = protection_to_flags (protection) | (replaces ? TRK_MAPPING_REPLACES : 0U)
             | (flags & MAP_SHARED ? TRK_MAPPING_SHARED : 0U),
    .address = (uint64_t) (uintptr_t) address,
    .n_bytes = mapped_bytes (n_bytes, flags),
  };

  /* Of a call that ended nothing only the end counts. */
  made.begin_ticks = replaces ? call->begin_ticks : made.end_ticks;
  if (thread->tracked)
    put_map (thread, &made, start);
  else if (replaces)
    put_unmap (thread, call->begin_ticks, made.address, made.n_bytes);
  trk_hook_abandon (thread);
}

void
trk_hook_unmapped (TrkMappingCall *call, void *address, size_t n_bytes)
{
  put_unmap (call->thread, call->begin_ticks, (uint64_t) (uintptr_t) address,
             round_to_pages (n_bytes));
  trk_hook_abandon (call->thread);
}

void
trk_hook_remapped (TrkMappingCall *call,
                   void *old_address,
                   size_t old_n_bytes,
                   void *address,
                   size_t n_bytes,
                   int flags,
                   const TrkUnwindStart *start)
{
  TrkThread *thread = call->thread;
  uint64_t old = (uint64_t) (uintptr_t) old_address, old_bytes = round_to_pages (old_n_bytes);
  bool keeps_old = old_n_bytes == 0 || flags & MREMAP_DONTUNMAP;
  TrkMappingMade made = {
    .begin_ticks = call->begin_ticks,
    .end_ticks = trk_clock_now_ordered (),
    .flags = (flags & MREMAP_FIXED ? TRK_MAPPING_REPLACES : 0U)
             | (keeps_old ? TRK_MAPPING_KEEPS_OLD : 0U),
    .address = (uint64_t) (uintptr_t) address,
    .n_bytes = round_to_pages (n_bytes),
  };

  if (thread->tracked)
    {
      atomic_store_explicit (&any_recorded, true, memory_order_relaxed);
      begin_record (thread, made.begin_ticks);
      trk_event_put_remap (&thread->encoder, &made, old, old_bytes,
                           trk_event_stack_capture (thread, start));
      trk_stream_commit (thread);
    }
  else
    {
      if (!keeps_old)
        put_unmap (thread, made.begin_ticks, old, old_bytes);
      if (flags & MREMAP_FIXED)
        put_unmap (thread, made.begin_ticks, made.address, made.n_bytes);
    }
  trk_hook_abandon (thread);
}

void
trk_hook_break_moved (TrkMappingCall *call,
                      void *old_break,
                      void *new_break,
                      const TrkUnwindStart *start)
{
  uint64_t old = (uint64_t) (uintptr_t) old_break, new = (uint64_t) (uintptr_t) new_break;
  uint64_t now = trk_clock_now_ordered ();
  TrkMappingMade made = { .begin_ticks = now,
                          .end_ticks = now,
                          .kind = TRK_MAPPING_BREAK,
                          .flags = TRK_MAPPING_READABLE | TRK_MAPPING_WRITABLE,
                          .address = old,
                          .n_bytes = new - old };

  if (new < old)
    put_unmap (call->thread, call->begin_ticks, new, old - new);
  else if (new > old && call->thread->tracked)
    put_map (call->thread, &made, start);
  trk_hook_abandon (call->thread);
}

/* --- the stacks of threads -------------------------------------------------------------------- */

/* Of this thread, if it is recorded; in a forked child it is another process's. */
static __thread struct {
  uint64_t address, n_bytes;
  int32_t process;
} own_stack __attribute__ ((tls_model ("initial-exec")));

/* glibc has the thread's control block, whose address pthread_self is, in the topmost page. */
void
trk_thread_stack_begin (TrkThread *thread, uint64_t n_bytes, uint32_t creator_stack)
{
  uint64_t self = (uint64_t) pthread_self (), now = trk_clock_now_ordered ();
  uint64_t here = (uint64_t) (uintptr_t) __builtin_frame_address (0);
  TrkMappingMade made = { .begin_ticks = now,
                          .end_ticks = now,
                          .kind = TRK_MAPPING_THREAD_STACK,
                          .flags = TRK_MAPPING_READABLE | TRK_MAPPING_WRITABLE,
                          .n_bytes = round_to_pages (n_bytes) };

  made.address = round_to_pages (self + 1) - made.n_bytes;
  if (here < made.address || here >= self)
    return; /* not laid out as we know it */
  own_stack.address = made.address;
  own_stack.n_bytes = made.n_bytes;
  own_stack.process = trk_process.pid;

  atomic_store_explicit (&any_recorded, true, memory_order_relaxed);
  begin_record (thread, now);
  trk_event_put_map (&thread->encoder, &made,
                     trk_event_put_stack (&thread->encoder, creator_stack));
  trk_stream_commit (thread);
}

void
trk_thread_stack_leave (void)
{
  own_stack.n_bytes = 0;
}

void
trk_thread_stack_end (TrkThread *thread)
{
  uint64_t n_bytes = own_stack.n_bytes;

  own_stack.n_bytes = 0;
  if (n_bytes > 0 && own_stack.process == trk_process.pid)
    put_unmap (thread, trk_clock_now (), own_stack.address, n_bytes);
}
