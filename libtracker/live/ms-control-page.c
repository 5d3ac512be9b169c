/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-control-page.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-format.h"

G_STATIC_ASSERT (MS_CONTROL_RULE_BYTES == TRK_CONTROL_RULE_BYTES);

/* Who writes holds the file's lock for some microseconds; a lock that is held longer is no writer's. */
#define LOCK_WAIT_US (200 * 1000)
#define READ_WAIT_US (200 * 1000)
/* By path, as an application's own thread does. */
#define SHORT_READ_WAIT_US (20 * 1000)
#define LOOK_EVERY_US 500

typedef struct {
  int fd;
} Page;

static void
page_clear (Page *self)
{
  if (self->fd >= 0)
    close (self->fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Page, page_clear)

/* --- reading -------------------------------------------------------------------------------------- */

static gboolean
is_control_page (const TrkControlPage *page)
{
  return memcmp (page->header.magic, TRK_FILE_MAGIC, sizeof page->header.magic) == 0
         && page->header.version_major == TRK_VERSION_MAJOR && page->header.kind == TRK_FILE_CONTROL
         && page->header.incompatible == 0 && page->generation != 0;
}

static gboolean
read_page (const Page *self, TrkControlPage *page)
{
  return pread (self->fd, page, sizeof *page, 0) == sizeof *page && is_control_page (page);
}

static gboolean
page_open (Page *self, int dir_fd, int flags, GError **error)
{
  TrkControlPage page;
  struct stat status;

  self->fd = openat (dir_fd, TRK_CONTROL_FILE_NAME,
                     flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0)
    {
      g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno),
                   TRK_CONTROL_FILE_NAME ": %s", g_strerror (errno));
      return FALSE;
    }
  if (fstat (self->fd, &status) == 0 && S_ISREG (status.st_mode) && read_page (self, &page))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               TRK_CONTROL_FILE_NAME ": not the control page of a process");
  return FALSE;
}

/* U+FFFD is longer than the byte that it stands for: the last one may not fit. */
static void
copy_rule (const TrkControlPage *page, char rule[MS_CONTROL_RULE_BYTES])
{
  g_autofree char *valid =
      g_utf8_make_valid (page->rule, (gssize) strnlen (page->rule, page->rule_bytes));
  const char *end;

  g_strlcpy (rule, valid, MS_CONTROL_RULE_BYTES);
  if (!g_utf8_validate (rule, -1, &end))
    rule[end - rule] = '\0';
}

/* FALSE: nobody of ours has written this. */
static gboolean
take_page (const TrkControlPage *page, MsControl *control)
{
  if (page->rule_bytes >= TRK_CONTROL_RULE_BYTES || page->rate_q32 == 0
      || page->rate_q32 > G_GUINT64_CONSTANT (1) << 32)
    return FALSE;
  control->is_on = !(page->flags & TRK_CONTROL_OFF);
  control->sampling_rate = (double) page->rate_q32 / 0x1p32;
  control->sample_interval_bytes = page->interval_bytes;
  control->is_pending = page->seen_generation != page->generation;
  copy_rule (page, control->rule);
  return TRUE;
}

/* TRUE: @page is what one writer has said, or what one has left who was killed before it was done. */
static gboolean
read_between_changes (const Page *self, TrkControlPage *page)
{
  TrkControlPage before;
  gboolean is_whole;

  /* Read twice, so that what lies between two changes is one or the other. */
  if (!read_page (self, &before) || !read_page (self, page))
    return FALSE;
  if (before.generation == page->generation && !(page->generation & 1))
    return TRUE;
  if (flock (self->fd, LOCK_SH | LOCK_NB) != 0)
    return FALSE;
  is_whole = read_page (self, page);
  flock (self->fd, LOCK_UN);
  return is_whole;
}

static gboolean
read_at (int dir_fd, gint64 wait_us, MsControl *control, GError **error)
{
  g_auto (Page) self = { -1 };
  gint64 until_us = g_get_monotonic_time () + wait_us;
  TrkControlPage page;

  if (!page_open (&self, dir_fd, O_RDONLY, error))
    return FALSE;
  while (!read_between_changes (&self, &page))
    {
      if (g_get_monotonic_time () >= until_us)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                       TRK_CONTROL_FILE_NAME ": is being written all the time");
          return FALSE;
        }
      g_usleep (LOOK_EVERY_US);
    }
  if (take_page (&page, control))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               TRK_CONTROL_FILE_NAME ": says what cannot be");
  return FALSE;
}

gboolean
ms_control_read_at (int dir_fd, MsControl *control, GError **error)
{
  return read_at (dir_fd, READ_WAIT_US, control, error);
}

gboolean
ms_control_peek_at (int dir_fd, MsControl *control)
{
  return read_at (dir_fd, 0, control, NULL);
}

gboolean
ms_control_is_same (const MsControl *a, const MsControl *b)
{
  return a->is_on == b->is_on && a->is_pending == b->is_pending && strcmp (a->rule, b->rule) == 0
         && !(a->sampling_rate < b->sampling_rate || a->sampling_rate > b->sampling_rate)
         && a->sample_interval_bytes == b->sample_interval_bytes;
}

/* --- writing -------------------------------------------------------------------------------------- */

static gboolean
lock (const Page *self, GError **error)
{
  gint64 until_us = g_get_monotonic_time () + LOCK_WAIT_US;

  while (flock (self->fd, LOCK_EX | LOCK_NB) != 0)
    {
      if ((errno != EWOULDBLOCK && errno != EINTR) || g_get_monotonic_time () >= until_us)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                       TRK_CONTROL_FILE_NAME ": somebody else writes it and does not end");
          return FALSE;
        }
      g_usleep (LOOK_EVERY_US);
    }
  return TRUE;
}

static gboolean
store_generation (const Page *self, guint32 generation)
{
  return pwrite (self->fd, &generation, sizeof generation, offsetof (TrkControlPage, generation))
         == sizeof generation;
}

/* Its fields but the generation and the answer, which the process writes. */
static gboolean
store_wish (const Page *self, const MsControl *control)
{
  const gsize from = offsetof (TrkControlPage, flags);
  const gsize n_bytes = offsetof (TrkControlPage, rest) - from;
  TrkControlPage page = { 0 };

  page.flags = control->is_on ? 0 : TRK_CONTROL_OFF;
  page.rate_q32 = (guint64) (CLAMP (control->sampling_rate, 0, 1) * 0x1p32 + 0.5);
  page.interval_bytes = control->sample_interval_bytes;
  page.rule_bytes = (guint32) strnlen (control->rule, sizeof control->rule - 1);
  memcpy (page.rule, control->rule, page.rule_bytes);
  return pwrite (self->fd, (const char *) &page + from, n_bytes, (off_t) from) == (gssize) n_bytes;
}

/* @expected 0: whatever was said before. */
static gboolean
write_page (int dir_fd,
            guint32 expected,
            const MsControl *control,
            guint32 *generation,
            GError **error)
{
  g_auto (Page) self = { -1 };
  TrkControlPage page;
  guint32 ours;

  if (!page_open (&self, dir_fd, O_RDWR, error) || !lock (&self, error))
    return FALSE;
  /* Odd: its writer was killed before it was done, as its lock is gone. */
  if (!read_page (&self, &page) || (expected != 0 && page.generation != expected)
      || !store_generation (&self, ours = page.generation + (page.generation & 1 ? 2 : 1))
      || !store_wish (&self, control) || !store_generation (&self, ours + 1))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   TRK_CONTROL_FILE_NAME ": cannot be written");
      return FALSE;
    }
  *generation = ours + 1;
  return TRUE;
}

gboolean
ms_control_write_at (int dir_fd, const MsControl *control, guint32 *generation, GError **error)
{
  return write_page (dir_fd, 0, control, generation, error);
}

void
ms_control_restore_at (int dir_fd, guint32 generation, const MsControl *before)
{
  write_page (dir_fd, generation, before, &generation, NULL);
}

static gboolean
read_answer (const TrkControlPage *page, guint32 generation, GError **error)
{
  /* What another writer said later counts as well. */
  if ((gint32) (page->seen_generation - generation) < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                   "the process has not noticed yet, and will when it next allocates");
      return FALSE;
    }
  if (page->result == TRK_CONTROL_APPLIED)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the process refused the %s",
               page->result == TRK_CONTROL_BAD_RULE ? "rule" : "sampling");
  return FALSE;
}

gboolean
ms_control_get_answer_at (int dir_fd, guint32 generation, GError **error)
{
  g_auto (Page) self = { -1 };
  TrkControlPage page;

  if (!page_open (&self, dir_fd, O_RDONLY, error))
    return FALSE;
  if (read_page (&self, &page))
    return read_answer (&page, generation, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               TRK_CONTROL_FILE_NAME ": is no control page any more");
  return FALSE;
}

/* --- by the folder's path ------------------------------------------------------------------------- */

static gboolean
open_folder (Page *folder, const char *path, GError **error)
{
  folder->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder->fd >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  return FALSE;
}

gboolean
ms_control_read (const char *folder, MsControl *control, GError **error)
{
  g_auto (Page) self = { -1 };

  if (!open_folder (&self, folder, error))
    return FALSE;
  if (read_at (self.fd, SHORT_READ_WAIT_US, control, error))
    return TRUE;
  g_prefix_error (error, "%s/", folder);
  return FALSE;
}

static gboolean
change_and_wait (int dir_fd, const MsControl *control, guint timeout_ms, GError **error)
{
  gint64 until_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  MsControl before;
  guint32 generation;

  if (!ms_control_read_at (dir_fd, &before, error)
      || !ms_control_write_at (dir_fd, control, &generation, error))
    return FALSE;
  while (timeout_ms > 0)
    {
      g_autoptr (GError) problem = NULL;

      if (ms_control_get_answer_at (dir_fd, generation, &problem))
        return TRUE;
      if (!g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_PENDING))
        {
          ms_control_restore_at (dir_fd, generation, &before);
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      if (g_get_monotonic_time () >= until_us)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, problem->message);
          return FALSE;
        }
      g_usleep (LOOK_EVERY_US);
    }
  return TRUE;
}

gboolean
ms_control_change (const char *folder, const MsControl *control, guint timeout_ms, GError **error)
{
  g_auto (Page) self = { -1 };

  if (!open_folder (&self, folder, error))
    return FALSE;
  if (change_and_wait (self.fd, control, timeout_ms, error))
    return TRUE;
  g_prefix_error (error, "%s: ", folder);
  return FALSE;
}
