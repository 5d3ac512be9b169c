// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A C++ program for the preloaded unwind-check module: allocates while exceptions pass through deep
// frames, in destructors that run during the unwinding, in handlers, in rethrows, and in threads.
#include <algorithm>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static std::size_t total;

struct Witness
{
  explicit Witness (int depth) : text (std::to_string (depth) + std::string (40, 'w')) {}
  ~Witness () { total += std::make_unique<std::string> (text + text)->size (); }
  std::string text;
};

static int
throw_at (int depth)
{
  Witness witness (depth);
  alignas (64) volatile char buffer[128];

  buffer[depth & 127] = 1;
  if (depth == 0)
    throw std::runtime_error (std::string (100, 'x'));
  if (depth % 7 == 0)
    {
      try
        {
          return throw_at (depth - 1) + 1;
        }
      catch (const std::exception &error)
        {
          total += std::string (error.what ()).append (error.what ()).size ();
          throw;
        }
    }
  return throw_at (depth - 1) + buffer[depth & 127];
}

static void
run (int rounds)
{
  for (int i = 0; i < rounds; i++)
    try
      {
        throw_at (i % 40);
      }
    catch (const std::runtime_error &error)
      {
        std::list<std::string> list (10, error.what ());
        list.sort ([] (const std::string &a, const std::string &b) {
          return std::make_unique<std::string> (a + b)->size () < b.size ();
        });
        std::vector<std::function<std::string ()>> functions (
          5, [&] { return list.front () + std::string (50, 'f'); });
        for (auto &function : functions)
          total += function ().size ();
      }
}

int
main ()
{
  run (100);
  std::thread thread (run, 100);
  thread.join ();
  return total > 0 ? 0 : 1;
}
