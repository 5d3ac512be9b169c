/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The explicit API from C++: an arena that declares its blocks. */
#include <memscope/tracker.h>

#include <thread>
#include <vector>

#include "victim.h"

namespace
{

class Arena
{
public:
  explicit Arena (size_t n_blocks) : storage (n_blocks * 64) {}

  void *
  take ()
  {
    void *block = &storage[64 * used++];
    CHECK (memscope_track_allocation (block, VICTIM_MARK_BYTES, nullptr, 0) == MEMSCOPE_OK);
    return block;
  }

  void
  give (void *block)
  {
    CHECK (memscope_track_deallocation (block, nullptr, 0) == MEMSCOPE_OK);
  }

private:
  std::vector<char> storage;
  size_t used = 0;
};

int
arena ()
{
  std::vector<Arena> arenas (4, Arena (50)); /* all at once: their addresses differ */
  std::vector<std::thread> threads;

  for (int i = 0; i < 4; i++)
    threads.emplace_back ([&mine = arenas[static_cast<size_t> (i)]] {
      MemscopeSamplingConfig config;

      CHECK (memscope_sampling_config_init (&config, MEMSCOPE_PRESET_HIGH_PRECISION) == MEMSCOPE_OK);
      CHECK (memscope_init_thread_tracker ("declared", &config) == MEMSCOPE_OK);
      for (int n = 0; n < 50; n++)
        {
          void *block = mine.take ();
          if (n > 0)
            mine.give (block); /* one of each thread stays */
        }
      CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_OK);
    });
  for (auto &thread : threads)
    thread.join ();
  return 0;
}

const VictimCase cases[] = { { "arena", arena } };

} // namespace

VICTIM_MAIN (cases)
