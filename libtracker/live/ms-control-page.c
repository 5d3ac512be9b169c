/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-control-page.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-format.h"

G_STATIC_ASSERT (MS_CONTROL_RULE_BYTES == TRK_CONTROL_RULE_BYTES);

/* A writer that was killed leaves an odd generation; after so long the next one takes it for its own. */
#define ABANDONED_MS 1000

static gboolean
is_control_page (const TrkControlPage *page)
{
  return memcmp (page->header.magic, TRK_FILE_MAGIC, sizeof page->header.magic) == 0
         && page->header.version_major == TRK_VERSION_MAJOR && page->header.kind == TRK_FILE_CONTROL
         && page->header.incompatible == 0
         && __atomic_load_n (&page->generation, __ATOMIC_RELAXED) != 0;
}

static TrkControlPage *
map_page (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, TRK_CONTROL_FILE_NAME, NULL);
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
  void *page = MAP_FAILED;
  struct stat status;

  if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
      && status.st_size >= TRK_CONTROL_BYTES)
    page = mmap (NULL, TRK_CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path,
                 g_strerror (errno));
  else
    close (fd);
  if (page != MAP_FAILED && is_control_page (page))
    return page;
  if (page != MAP_FAILED)
    munmap (page, TRK_CONTROL_BYTES);
  if (fd >= 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "%s: not the control page of a process", path);
  return NULL;
}

/* FALSE: somebody writes it. */
static gboolean
copy_page (TrkControlPage *page, MsControl *control)
{
  guint32 generation = __atomic_load_n (&page->generation, __ATOMIC_ACQUIRE);
  guint32 n_bytes = MIN (page->rule_bytes, TRK_CONTROL_RULE_BYTES - 1);

  if (generation & 1)
    return FALSE;
  control->is_on = !(page->flags & TRK_CONTROL_OFF);
  control->sampling_rate = (double) page->rate_q32 / 0x1p32;
  control->sample_interval_bytes = page->interval_bytes;
  memcpy (control->rule, page->rule, n_bytes);
  control->rule[n_bytes] = '\0';
  __atomic_thread_fence (__ATOMIC_ACQUIRE);
  return __atomic_load_n (&page->generation, __ATOMIC_RELAXED) == generation;
}

gboolean
ms_control_read (const char *folder, MsControl *control, GError **error)
{
  TrkControlPage *page = map_page (folder, error);
  gint64 until = g_get_monotonic_time () + ABANDONED_MS * 1000;
  gboolean copied = FALSE;

  if (page == NULL)
    return FALSE;
  while (!(copied = copy_page (page, control)) && g_get_monotonic_time () < until)
    g_usleep (200);
  munmap (page, TRK_CONTROL_BYTES);
  if (!copied)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: its control page is being written",
                 folder);
  return copied;
}

/* The odd generation under which we write. */
static guint32
begin_writing (TrkControlPage *page)
{
  gint64 until = g_get_monotonic_time () + ABANDONED_MS * 1000;

  for (;;)
    {
      guint32 generation = __atomic_load_n (&page->generation, __ATOMIC_ACQUIRE);
      gboolean is_abandoned = (generation & 1) && g_get_monotonic_time () >= until;
      guint32 ours = generation + (is_abandoned ? 2 : 1);

      if ((!(generation & 1) || is_abandoned)
          && __atomic_compare_exchange_n (&page->generation, &generation, ours, FALSE,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return ours;
      g_usleep (200);
    }
}

static gboolean
wait_for_answer (TrkControlPage *page,
                 guint32 generation,
                 guint timeout_ms,
                 const char *folder,
                 GError **error)
{
  gint64 until = g_get_monotonic_time () + (gint64) timeout_ms * 1000;

  /* What another writer said later counts as well. */
  while ((gint32) (__atomic_load_n (&page->seen_generation, __ATOMIC_ACQUIRE) - generation) < 0)
    {
      if (g_get_monotonic_time () >= until)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "%s: the process has not noticed yet, and will when it next allocates",
                       folder);
          return FALSE;
        }
      g_usleep (500);
    }
  if (page->result == TRK_CONTROL_APPLIED)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s: the process refused the %s",
               folder, page->result == TRK_CONTROL_BAD_RULE ? "rule" : "sampling");
  return FALSE;
}

gboolean
ms_control_change (const char *folder, const MsControl *control, guint timeout_ms, GError **error)
{
  TrkControlPage *page = map_page (folder, error);
  gsize n_bytes = strnlen (control->rule, sizeof control->rule - 1);
  gboolean is_applied = TRUE;
  guint32 generation;

  if (page == NULL)
    return FALSE;
  generation = begin_writing (page);
  page->flags = control->is_on ? 0 : TRK_CONTROL_OFF;
  page->rate_q32 = (guint64) (CLAMP (control->sampling_rate, 0, 1) * 0x1p32 + 0.5);
  page->interval_bytes = control->sample_interval_bytes;
  page->rule_bytes = (guint32) n_bytes;
  memcpy (page->rule, control->rule, n_bytes);
  __atomic_store_n (&page->generation, generation + 1, __ATOMIC_RELEASE);
  if (timeout_ms > 0)
    is_applied = wait_for_answer (page, generation + 1, timeout_ms, folder, error);
  munmap (page, TRK_CONTROL_BYTES);
  return is_applied;
}
