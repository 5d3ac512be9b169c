/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * list-churn THREADS STEPS: std::list used as a queue, one node allocated and one freed a step.
 *
 * The smallest blocks, the shortest stacks and the strictest order of any common workload: each
 * free is of the oldest block.  Prints what measured-part.h says.
 */
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "measured-part.h"

namespace {

constexpr int queue_length = 1000;

/* std::barrier is C++20. */
class Barrier {
public:
  explicit Barrier (int n_threads) : n_missing (n_threads)
  {
  }

  void
  wait ()
  {
    std::unique_lock<std::mutex> lock (mutex);

    if (--n_missing == 0)
      all_here.notify_all ();
    else
      all_here.wait (lock, [this] { return n_missing == 0; });
  }

private:
  std::mutex mutex;
  std::condition_variable all_here;
  int n_missing;
};

void
push_and_pop (long n_steps, Barrier &start, Barrier &end, MeasuredPart &part)
{
  std::list<int> queue;

  for (int i = 0; i < queue_length; i++)
    queue.push_back (i);
  start.wait ();
  measured_part_begin (&part, CLOCK_THREAD_CPUTIME_ID);
  for (long i = 0; i < n_steps; i++)
    {
      queue.push_back (static_cast<int> (i));
      queue.pop_front ();
    }
  measured_part_end (&part, CLOCK_THREAD_CPUTIME_ID);
  end.wait (); /* before the queue goes */
}

}

int
main (int argc, char **argv)
{
  const int n_threads = argc > 1 ? std::atoi (argv[1]) : 1;
  const long n_steps = argc > 2 ? std::atol (argv[2]) : 1000000;

  if (n_threads < 1 || n_threads > 1024 || n_steps < 1)
    {
      std::fprintf (stderr, "Usage: list-churn THREADS STEPS\n");
      return 2;
    }

  Barrier start (n_threads), end (n_threads);
  std::vector<MeasuredPart> parts (n_threads);
  std::vector<std::thread> threads;
  for (MeasuredPart &part : parts)
    threads.emplace_back (push_and_pop, n_steps, std::ref (start), std::ref (end), std::ref (part));

  MeasuredPart all {};
  for (int i = 0; i < n_threads; i++)
    {
      threads[i].join ();
      measured_part_join (&all, &parts[i]);
    }

  WorkDone done {};
  done.steps = n_steps;
  done.timed_events = 2ULL * n_threads * n_steps;
  done.events = 2ULL * n_threads * (n_steps + queue_length);
  done.threads = done.born_threads = n_threads;
  measured_part_print (&all, &done);
  return 0;
}
