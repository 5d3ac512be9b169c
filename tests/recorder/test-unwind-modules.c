/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two modules of the same layout and different frames, loaded one after the other at the same
 * address: the rules of the first must not be used in the second.  With the argument "stale" the
 * walk is not told about dlclose, and the test asserts that it would then go wrong, so that it
 * cannot pass by the modules having become alike.  With UNWIND_OWN_TABLE the objects are found as on
 * an older C library.
 */
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "trk-loaded-object.h"
#include "unwind-oracle.h"

typedef void (*EnterModule) (void (*check) (void));

static OracleStacks stacks;
static OracleVerdict verdict;
static uint64_t frame_in_module;

/* unw_backtrace has the very fault that is tested for: a cache that outlives dlclose. */
static __attribute__ ((noinline)) int
backtrace_without_cache (void **frames, int max)
{
  unw_context_t context;
  unw_cursor_t cursor;
  unw_word_t pc;
  int n = 0;

  unw_getcontext (&context);
  unw_init_local (&cursor, &context);
  while (n < max && unw_step (&cursor) > 0 && unw_get_reg (&cursor, UNW_REG_IP, &pc) == 0)
    frames[n++] = (void *) (uintptr_t) pc;
  return n;
}

static __attribute__ ((noinline)) void
checked (void)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  verdict = oracle_compare (&stacks, &start, ORACLE_MAX_FRAMES, backtrace_without_cache);
  frame_in_module = stacks.ours[0];
}

/* Loads, walks through and unloads the module. Returns the module's frame. */
static uint64_t
visit (const char *path)
{
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  EnterModule enter;

  g_assert_nonnull (module);
  enter = (EnterModule) dlsym (module, "enter_module");
  g_assert_nonnull (enter);
  enter (checked);
  g_assert_cmpint (dlclose (module), ==, 0);
  return frame_in_module;
}

int
main (int argc, char **argv)
{
  bool stale = argc > 3 && strcmp (argv[3], "stale") == 0;
  unsigned n_same_address = 0;
  uint64_t before = 0;

  g_assert_cmpint (argc, >=, 3);
  trk_unwind_init ();
  if (g_getenv ("UNWIND_OWN_TABLE"))
    trk_loaded_object_use_own_table ();
  unw_set_caching_policy (unw_local_addr_space, UNW_CACHE_NONE);
  for (int turn = 0; turn < 20; turn++)
    {
      uint64_t at = visit (argv[1 + turn % 2]);

      if (turn > 0 && at == before)
        {
          n_same_address++;
          /* The rules kept are those of the first module. */
          if (stale && turn % 2 == 1)
            g_assert_cmpint (verdict, !=, ORACLE_EQUAL);
        }
      if (!stale)
        g_assert_cmpint (verdict, ==, ORACLE_EQUAL);
      before = at;
      if (!stale)
        trk_unwind_forget ();
    }
  /* The kernel put them elsewhere each time: nothing was tested. */
  return n_same_address > 0 ? 0 : 77;
}
