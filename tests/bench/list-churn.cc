/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * list-churn THREADS STEPS: std::list used as a queue, one node allocated and one freed a step.
 *
 * The smallest blocks, the shortest stacks and the strictest order of any common workload: each
 * free is of the oldest block.  Prints the same JSON object as churn.
 */
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

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
push_and_pop (long n_steps, Barrier &start, Barrier &end)
{
  std::list<int> queue;

  for (int i = 0; i < queue_length; i++)
    queue.push_back (i);
  start.wait ();
  for (long i = 0; i < n_steps; i++)
    {
      queue.push_back (static_cast<int> (i));
      queue.pop_front ();
    }
  end.wait ();
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

  Barrier start (n_threads + 1), end (n_threads + 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < n_threads; i++)
    threads.emplace_back (push_and_pop, n_steps, std::ref (start), std::ref (end));

  start.wait ();
  const auto begin = std::chrono::steady_clock::now ();
  end.wait ();
  const std::chrono::nanoseconds wall = std::chrono::steady_clock::now () - begin;
  for (std::thread &thread : threads)
    thread.join ();

  std::printf ("{\"wall_ns\": %lld, \"steps\": %ld, \"events\": %lld}\n",
               static_cast<long long> (wall.count ()), n_steps,
               2LL * n_threads * (n_steps + queue_length));
  return 0;
}
