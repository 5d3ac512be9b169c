/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A C++ library that throws through many frames; see victim-loader.c. */
#include <memory>
#include <stdexcept>
#include <string>

#include "victim.h"

static int
descend (int depth)
{
  auto held = std::make_unique<std::string> (100, 'x');

  if (depth == 0)
    {
      free (victim_mark ());
      throw std::runtime_error (*held);
    }
  return descend (depth - 1) + static_cast<int> (held->size ());
}

extern "C" int
plugin_throw_and_catch (int n_times)
{
  int n_caught = 0;

  for (int i = 0; i < n_times; i++)
    try
      {
        descend (20);
      }
    catch (const std::exception &)
      {
        n_caught++;
      }
  return n_caught;
}
