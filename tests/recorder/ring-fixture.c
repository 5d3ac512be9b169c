/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ring-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "victim-run.h"

void
ring_set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *ring = g_strdup_printf ("%u", RING_BYTES);
  int fd;

  self->top = g_dir_make_tmp ("memscope-ring-XXXXXX", NULL);
  self->output = g_build_filename (self->top, "output", NULL);
  g_assert_cmpint (g_mkdir (self->output, 0700), ==, 0);
  path = g_build_filename (self->top, "counts", NULL);
  fd = g_open (path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof *self->counts), ==, 0);
  self->counts = mmap (NULL, sizeof *self->counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (self->counts != MAP_FAILED);
  close (fd);
  g_setenv ("VICTIM_COUNTS", path, TRUE);
  g_setenv ("MEMSCOPE_RING", ring, TRUE);
}

void
ring_tear_down (Fixture *self, gconstpointer data)
{
  munmap (self->counts, sizeof *self->counts);
  victim_remove_tree (self->top);
  g_free (self->top);
  g_free (self->output);
}

char *
ring_find_folder (const Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->output, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) && !g_ascii_isdigit (*name))
    ;
  return name ? g_build_filename (self->output, name, NULL) : NULL;
}

guint64
ring_count_bytes (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 n_bytes = 0;
  const char *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      g_assert_cmpint (stat (path, &status), ==, 0);
      n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

void
ring_assert_not_damaged (MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    if (((MsDiagnostic *) diagnostics->pdata[i])->level != MS_DIAGNOSTIC_INFO)
      g_error ("%s", ((MsDiagnostic *) diagnostics->pdata[i])->message);
}

MsTrace *
ring_load_any (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  ring_assert_not_damaged (trace);
  return trace;
}

MsTrace *
ring_load (const char *folder)
{
  MsTrace *trace = ring_load_any (folder);

  g_assert_cmpuint (ms_trace_get_ring_bytes (trace), ==, RING_BYTES);
  g_assert_cmpstr (ms_trace_why_no_live (trace), ==, "not available in ring mode");
  return trace;
}

static gboolean
all_have_begun (const Fixture *self, guint64 n_calls)
{
  for (guint slot = 0; slot < RING_SLOTS; slot++)
    if (atomic_load (&self->counts->counts[slot]) < n_calls)
      return FALSE;
  return TRUE;
}

pid_t
ring_start (const Fixture *self, const char *name, guint64 n_calls)
{
  pid_t pid = victim_start ("ring", name, self->top, self->output);

  while (!all_have_begun (self, n_calls))
    g_usleep (1000);
  return pid;
}
