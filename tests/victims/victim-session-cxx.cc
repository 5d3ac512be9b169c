/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A profiling session from C++, recorded by itself or by others: a pool whose blocks are declared, and a heap
 * that only the preload sees. */
#include <memscope/tracker.h>

#include <memory>
#include <thread>
#include <vector>

#include "victim.h"

namespace {

struct SessionFree {
  void
  operator() (MemscopeProfilingSession *session) const
  {
    memscope_profiling_session_free (session);
  }
};

void
work (char *pool)
{
  CHECK (memscope_init_thread_tracker (nullptr, nullptr) == MEMSCOPE_OK);
  for (int i = 0; i < 50; i++)
    CHECK (memscope_track_allocation (pool + 64 * i, VICTIM_MARK_BYTES, nullptr, 0) == MEMSCOPE_OK);
  for (int i = 1; i < 50; i++)
    CHECK (memscope_track_deallocation (pool + 64 * i, nullptr, 0) == MEMSCOPE_OK);
}

int
pool ()
{
  MemscopeResourceCollector *collector = memscope_resource_collector_new (0);
  std::unique_ptr<MemscopeProfilingSession, SessionFree> session (
      memscope_profiling_session_new ("session", collector));
  std::vector<char> storage (4 * 64 * 50);
  std::vector<std::thread> threads;

  memscope_resource_collector_free (collector);
  CHECK (session);
  CHECK (memscope_profiling_session_start (session.get ()) == MEMSCOPE_OK);
  for (int i = 0; i < 4; i++)
    threads.emplace_back (work, &storage[static_cast<size_t> (64 * 50 * i)]);
  for (auto &thread : threads)
    thread.join ();
  CHECK (memscope_profiling_session_stop (session.get ()) == MEMSCOPE_OK);
  CHECK (memscope_profiling_session_stop (session.get ()) == MEMSCOPE_ERROR_NOT_RUNNING);
  session.reset ();
  CHECK (memscope_export_comprehensive_analysis ("session", "cxx", nullptr) == MEMSCOPE_OK);
  return 0;
}

const VictimCase cases[] = { { "pool", pool } };

} /* namespace */

VICTIM_MAIN (cases)
