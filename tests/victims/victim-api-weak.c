/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program annotated for the tracker and not linked with it: says whether the library is there. */
#define MEMSCOPE_WEAK
#include <memscope/tracker.h>

#include "victim.h"

static int
weak (void)
{
  int block;

  if (!memscope_available ())
    {
      puts ("absent");
      return 0;
    }
  CHECK (memscope_init_thread_tracker ("declared", NULL) == MEMSCOPE_OK);
  CHECK (memscope_track_allocation (&block, VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_OK);
  puts ("present");
  return 0;
}

static const VictimCase cases[] = { { "weak", weak } };

VICTIM_MAIN (cases)
