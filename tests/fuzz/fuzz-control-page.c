/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: the control page of a trace folder, which whoever may write there may have filled. */
#include "fuzz-target.h"

#include <math.h>
#include <string.h>

#include "ms-control-page.h"
#include "test-folder.h"
#include "trk-format.h"

const guint fuzz_n_mutations = 500;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  TrkControlPage page = { .header = { .version_major = TRK_VERSION_MAJOR,
                                      .header_size = TRK_CONTROL_BYTES,
                                      .kind = TRK_FILE_CONTROL },
                          .generation = 2,
                          .seen_generation = 2,
                          .rate_q32 = (guint64) 1 << 32,
                          .rule_bytes = 8,
                          .rule = "worker-*" };

  memcpy (page.header.magic, TRK_FILE_MAGIC, sizeof page.header.magic);
  add ((const guint8 *) &page, sizeof page, user_data);
  /* All that is said, so that most mutations fall into it. */
  add ((const guint8 *) &page, G_STRUCT_OFFSET (TrkControlPage, rule) + 16, user_data);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, TRK_CONTROL_FILE_NAME, NULL);
  g_autofree TrkControlPage *page = g_new0 (TrkControlPage, 1);
  MsControl control;

  /* A cut input is a page with zeros behind it, but an empty one a file without a page. */
  if (n_bytes > 0)
    memcpy (page, bytes, MIN (n_bytes, TRK_CONTROL_BYTES));
  /* While it is odd, one waits. */
  page->generation &= ~1U;
  g_file_set_contents_full (path, (const char *) page, n_bytes ? TRK_CONTROL_BYTES : 0,
                            G_FILE_SET_CONTENTS_NONE, 0600, NULL);
  if (ms_control_read (folder, &control, NULL))
    {
      g_assert_true (memchr (control.rule, 0, sizeof control.rule) != NULL);
      g_assert_true (isfinite (control.sampling_rate));
      ms_control_change (folder, &control, 0, NULL);
    }
  test_folder_remove (folder);
  return 0;
}
