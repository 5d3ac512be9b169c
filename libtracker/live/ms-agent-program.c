/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-agent-program.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-traced-process.h"
#include "trk-format.h"
#include "trk-process-identity.h"
#include "trk-resource-codec.h"

#define NAME "memscope-agent"
/* Of a block: the interval stands first. */
#define LOOKED_AT_BYTES 64
/* What it takes. */
#define MAX_RATE 100
#define MAX_SERVERS 20U

/* --- where it is ---------------------------------------------------------------------------------- */

static char *
find_in (const char *folder, const char *below)
{
  g_autofree char *path = g_build_filename (folder, below, NAME, NULL);

  return access (path, X_OK) == 0 ? g_canonicalize_filename (path, NULL) : NULL;
}

char *
ms_agent_program_find (void)
{
  static const char *const below[] = { ".", "../agent", "../libtracker/agent",
                                       MEMSCOPE_LIBEXECDIR_FROM_BINDIR };
  g_autofree char *executable = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *own_folder = executable ? g_path_get_dirname (executable) : g_strdup (".");
  const char *wanted = g_getenv ("MEMSCOPE_LIBEXEC");
  char *found = NULL;

  if (wanted != NULL && *wanted != '\0')
    return find_in (wanted, ".");
  for (guint i = 0; found == NULL && i < G_N_ELEMENTS (below); i++)
    found = find_in (own_folder, below[i]);
  return found != NULL ? found : find_in (MEMSCOPE_PKGLIBEXECDIR, ".");
}

/* --- whether there is one ------------------------------------------------------------------------- */

/* -1: nothing of this user's that anybody could hold a lock of. */
static int
open_own_file (int dir_fd, const char *name)
{
  struct stat status;

  /* Looked at first: to open a device may be to do something.  A pool may be a link to one in memory. */
  if (fstatat (dir_fd, name, &status, 0) != 0 || !S_ISREG (status.st_mode)
      || status.st_uid != geteuid ())
    return -1;
  return openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static gboolean
is_locked (int fd)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  /* Where nothing can be locked nobody can be told to be there, nor another kept out. */
  return fcntl (fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

/* Of a trace folder of ours whose process lives and is being recorded: the lock of whoever is its agent. -1: it is none. */
static int
open_lock (int dir_fd, gint pid, guint64 start_ticks, gboolean *is_session)
{
  struct stat status;
  MsTracedProcess process;
  int fd;

  if (fstat (dir_fd, &status) != 0 || status.st_uid != geteuid ())
    return -1;
  ms_traced_process_read (dir_fd, &process);
  if (!ms_traced_process_is (&process, pid, start_ticks)
      || !trk_process_is_alive (pid, start_ticks))
    return -1;
  /* Without its pool it has been closed, or has ended its session. */
  *is_session = process.is_session;
  fd = open_own_file (dir_fd, TRK_POOL_FILE_NAME);
  if (fd < 0 || process.is_session)
    return fd;
  close (fd);
  return open_own_file (dir_fd, "../" TRK_CONTROL_FILE_NAME);
}

/* --- starting ------------------------------------------------------------------------------------- */

/* As the agent before sampled. (transfer full): "--resources-rate=N", or NULL: it had not begun. */
static char *
build_rate_option (int dir_fd)
{
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  int fd = openat (dir_fd, TRK_RESOURCES_FILE_NAME,
                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  guint8 bytes[LOOKED_AT_BYTES];
  TrkResourceRecord record;
  gssize n;

  if (fd < 0)
    return g_strdup ("--resources-rate=0");
  n = pread (fd, bytes, sizeof bytes, sizeof (TrkFileHeader) + TRK_BLOCK_HEADER_BYTES);
  close (fd);
  if (n <= 0)
    return NULL;
  trk_resource_decoder_begin (decoder, bytes, (gsize) n, 0);
  if (trk_resource_decode (decoder, &record) != TRK_RESOURCE_INTERVAL || record.interval_ns == 0)
    return NULL;
  return g_strdup_printf ("--resources-rate=%u",
                          (guint) CLAMP (G_GUINT64_CONSTANT (1000000000) / record.interval_ns, 1,
                                         MAX_RATE));
}

/* Not what would have it recorded or slowed down, too. */
static char **
build_environment (void)
{
  static const char *const left_out[] = { "LD_PRELOAD",     "LD_AUDIT",         "MEMSCOPE_OUTPUT",
                                          "MEMSCOPE_LIVE",  "MEMSCOPE_THREADS", "G_DEBUG",
                                          "GLIBC_TUNABLES", "MALLOC_TRACE" };
  char **environment = g_get_environ ();

  for (guint i = 0; i < G_N_ELEMENTS (left_out); i++)
    environment = g_environ_unsetenv (environment, left_out[i]);
  return environment;
}

/* In the child: no terminal's, so that nothing which is typed there ends it. */
static void
leave_session_cb (gpointer data)
{
  setsid ();
}

static gboolean
start (const char *option, const char *folder, int dir_fd)
{
  g_autofree char *program = ms_agent_program_find ();
  g_autofree char *rate = build_rate_option (dir_fd);
  g_auto (GStrv) environment = build_environment ();
  g_autoptr (GError) error = NULL;
  const char *arguments[] = { program, option, folder, rate, NULL };

  if (program == NULL)
    return FALSE;
  if (g_spawn_async ("/", (char **) arguments, environment,
                     G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, leave_session_cb,
                     NULL, NULL, &error))
    return TRUE;
  g_debug ("%s", error->message);
  return FALSE;
}

MsAgentFound
ms_agent_program_ensure (const char *folder, gint pid, guint64 start_ticks)
{
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *recording = g_path_get_dirname (path);
  int dir_fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  gboolean is_session = FALSE;
  int lock_fd = dir_fd >= 0 ? open_lock (dir_fd, pid, start_ticks, &is_session) : -1;
  MsAgentFound found = MS_AGENT_NONE;

  if (lock_fd >= 0 && is_locked (lock_fd))
    found = MS_AGENT_IS_THERE;
  else if (lock_fd >= 0
           && start (is_session ? "--trace" : "--recording", is_session ? path : recording, dir_fd))
    found = MS_AGENT_STARTED;
  if (lock_fd >= 0)
    close (lock_fd);
  if (dir_fd >= 0)
    close (dir_fd);
  return found;
}

/* --- one that only shows ---------------------------------------------------------------------------- */

void
ms_agent_server_keep (MsAgentServer *self, const char *recording)
{
  g_autofree char *program = NULL;

  if (self->n_started == MAX_SERVERS
      || (self->pid > 0 && waitpid (self->pid, NULL, WNOHANG) == 0)) /* it runs */
    return;
  self->n_started++;
  self->pid = 0;
  program = ms_agent_program_find ();
  if (program != NULL)
    g_spawn_async (NULL, (char *[]) { program, (char[]) { "--serve" }, (char *) recording, NULL },
                   NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &self->pid, NULL);
}
