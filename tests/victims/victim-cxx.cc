/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* C++: exceptions through deep frames, operator new in its forms, thread_local objects. */
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "victim.h"

namespace
{

struct Marked {
  void *block = victim_mark ();
  Marked () = default;
  Marked (const Marked &) = delete;
  Marked &operator= (const Marked &) = delete;
  ~Marked () { free (block); }
};

Marked global; /* constructed before main, destroyed after it */

int
descend (int depth, std::vector<std::string> &names)
{
  Marked marked;

  names.emplace_back (static_cast<size_t> (40 + depth), 'n');
  if (depth == 0)
    throw std::runtime_error ("deep down");
  return descend (depth - 1, names) + depth;
}

int
exceptions ()
{
  int n_caught = 0;

  for (int i = 0; i < 10; i++)
    {
      std::vector<std::string> names;

      try
        {
          descend (9, names);
        }
      catch (const std::runtime_error &error)
        {
          CHECK (std::string (error.what ()) == "deep down");
          n_caught += names.size () == 10;
        }
    }
  CHECK (n_caught == 10);
  return 0;
}

struct alignas (256) Aligned {
  char bytes[1000];
};

int
operators ()
{
  volatile size_t too_much = static_cast<size_t> (-1) / 4;
  bool refused = false;

  try
    {
      std::unique_ptr<char[]> never (new char[too_much]);
    }
  catch (const std::bad_alloc &)
    {
      refused = true;
    }
  CHECK (refused);
  CHECK (!std::unique_ptr<char[]> (new (std::nothrow) char[too_much]));
  for (int i = 0; i < 100; i++)
    {
      auto one = std::make_unique<Aligned> ();
      CHECK (reinterpret_cast<uintptr_t> (one.get ()) % 256 == 0);
    }
  ::operator delete (::operator new (VICTIM_MARK_BYTES));
  return 0;
}

thread_local Marked per_thread;

int
thread_locals ()
{
  for (int i = 0; i < 10; i++)
    std::thread ([] { CHECK (per_thread.block); }).join ();
  return 0;
}

const VictimCase cases[] = {
  { "exceptions", exceptions }, { "operators", operators }, { "thread-local", thread_locals },
};

} // namespace

VICTIM_MAIN (cases)
