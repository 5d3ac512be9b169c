/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A library that records through the explicit API; see victim-loader.c. */
#include <memscope/tracker.h>

#include "victim.h"

int plugin_record (const char *folder);

int
plugin_record (const char *folder)
{
  int result = memscope_init_thread_tracker (folder, NULL);

  if (result == MEMSCOPE_OK)
    result = memscope_track_allocation (&result, 64, NULL, 0);
  if (result == MEMSCOPE_OK)
    result = memscope_track_deallocation (&result, NULL, 0);
  return result;
}
