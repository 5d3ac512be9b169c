/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The folder of links to the traces of programs that run. */
#include "ms-registry.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-running-programs.h"
#include "ms-traced-process.h"
#include "test-folder.h"
#include "trk-process-identity.h"

typedef struct {
  char *runtime;  /* XDG_RUNTIME_DIR */
  char *registry; /* in it */
  pid_t child;
  guint64 child_start;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  TrkProcess process;

  f->runtime = test_folder_new ();
  f->registry = g_build_filename (f->runtime, "memscope", NULL);
  g_setenv ("XDG_RUNTIME_DIR", f->runtime, TRUE);
  f->child = fork ();
  if (f->child == 0)
    {
      /* One that outlived a failed test would hold the pipe of whoever reads what it says. */
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (;;)
        pause ();
    }
  g_assert_cmpint (trk_process_read (f->child, &process), ==, 0);
  f->child_start = process.start_ticks;
}

static void
end_child (Fixture *f)
{
  if (f->child <= 0)
    return;
  kill (f->child, SIGKILL);
  waitpid (f->child, NULL, 0);
  f->child = 0;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  end_child (f);
  test_folder_remove (f->runtime);
  g_free (f->runtime);
  g_free (f->registry);
}

static GPtrArray *
list (void)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = ms_registry_list (&error);

  g_assert_no_error (error);
  return entries;
}

static guint
count_links (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->registry, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) none = list ();
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) gone = NULL;
  g_autoptr (GError) error = NULL;
  const MsRegistryEntry *entry;
  struct stat status;

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_false (g_file_test (f->registry, G_FILE_TEST_EXISTS));
  g_assert_true (ms_registry_add (f->child, f->child_start, "/somewhere/0-a.1", &error));
  g_assert_no_error (error);
  /* A second agent has taken over, with another path for the same folder. */
  g_assert_true (ms_registry_add (f->child, f->child_start, "/elsewhere/0-a.1", &error));
  one = list ();
  g_assert_cmpuint (one->len, ==, 1);
  entry = g_ptr_array_index (one, 0);
  g_assert_cmpint (entry->pid, ==, f->child);
  g_assert_cmpuint (entry->start_ticks, ==, f->child_start);
  g_assert_cmpstr (entry->folder, ==, "/elsewhere/0-a.1");
  g_assert_cmpint (g_stat (f->registry, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  ms_registry_remove (f->child, f->child_start);
  ms_registry_remove (f->child, f->child_start);
  gone = list ();
  g_assert_cmpuint (gone->len, ==, 0);
}

/* The agent was killed with its process, or the pid is another's by now. */
static void
test_stale (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;

  g_assert_true (ms_registry_add (f->child, f->child_start, "/a", NULL));
  g_assert_true (ms_registry_add (f->child, f->child_start + 1, "/b", NULL));
  g_assert_true (ms_registry_add (getpid (), 1, "/c", NULL));
  end_child (f);
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 0);
  g_assert_cmpuint (count_links (f), ==, 0);
}

static char *
link_of (Fixture *f, guint64 pid_namespace, const char *boot_id)
{
  return g_strdup_printf ("%s/p%d-%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "-%s", f->registry,
                          f->child, f->child_start, pid_namespace, boot_id);
}

/* A container that shares the folder has recorded a process of the child's number, begun at the same tick; so has
 * somebody before the machine was started. */
static void
test_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *contained = NULL, *earlier = NULL, *nspawned = NULL;
  char boot_id[TRK_BOOT_ID_BYTES];

  g_assert_cmpint (trk_boot_id_read (boot_id), ==, 0);
  contained = link_of (f, trk_pid_namespace_read (0) + 1, boot_id);
  earlier = link_of (f, trk_pid_namespace_read (0), "11111111-2222-3333-4444-555555555555");
  nspawned = link_of (f, trk_pid_namespace_read (0) + 1, "99999999-2222-3333-4444-555555555555");
  g_assert_cmpint (g_mkdir (f->registry, 0700), ==, 0);
  g_assert_cmpint (symlink ("/contained", contained), ==, 0);
  g_assert_cmpint (symlink ("/nspawned", nspawned), ==, 0);
  g_assert_cmpint (symlink ("/earlier", earlier), ==, 0);
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 0);
  /* Theirs is not for us to remove. */
  g_assert_true (g_file_test (contained, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_test (nspawned, G_FILE_TEST_IS_SYMLINK));
  g_assert_false (g_file_test (earlier, G_FILE_TEST_IS_SYMLINK));
  g_clear_pointer (&entries, g_ptr_array_unref);
  g_assert_true (ms_registry_add (f->child, f->child_start, "/own", NULL));
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (((MsRegistryEntry *) entries->pdata[0])->folder, ==, "/own");
}

/* Without a /proc, and in a pid namespace that has another's: a list from there takes nothing away.  Exit status 77: no
 * such namespace can be had. */
static int
list_blindly (gboolean has_proc)
{
  g_autoptr (GPtrArray) entries = NULL;
  int flags = CLONE_NEWUSER | CLONE_NEWNS | (has_proc ? CLONE_NEWPID : 0), status;
  pid_t child;

  if (unshare (flags) != 0
      || (!has_proc
          && (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
              || mount ("none", "/proc", "tmpfs", 0, NULL) != 0)))
    return 77;
  child = fork ();
  if (child < 0)
    return 77;
  if (child == 0)
    {
      entries = ms_registry_list (NULL);
      _exit (entries != NULL && entries->len == 0 ? 0 : 1);
    }
  return waitpid (child, &status, 0) == child && WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}

static void
test_blind (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;

  g_assert_true (ms_registry_add (f->child, f->child_start, "/a", NULL));
  for (gboolean has_proc = FALSE; has_proc <= TRUE; has_proc++)
    {
      pid_t pid = fork ();
      int status;

      if (pid == 0)
        _exit (list_blindly (has_proc));
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      if (WEXITSTATUS (status) == 77)
        {
          g_test_skip ("no user namespaces here");
          return;
        }
      g_assert_cmpint (status, ==, 0);
      g_assert_cmpuint (count_links (f), ==, 1);
    }
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 1);
}

/* What else may lie there is left alone. */
static void
test_strangers (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "p",
                                       "p12",
                                       "p-1-2",
                                       "p12-",
                                       "p12-x",
                                       "p99999999999999-1",
                                       "x1-2-3-4",
                                       "p1-2-3",
                                       "p0-2-3-",
                                       "p1-0-3-x",
                                       "p1-2--x",
                                       "p99999999999999-1-1-x",
                                       "p1-99999999999999999999-1-x" };
  g_autoptr (GPtrArray) entries = NULL;
  char boot_id[TRK_BOOT_ID_BYTES];
  g_autofree char *file = NULL;

  g_assert_cmpint (trk_boot_id_read (boot_id), ==, 0);
  file = link_of (f, trk_pid_namespace_read (0), boot_id);
  g_assert_true (ms_registry_add (getppid (), 1, "/c", NULL)); /* makes the folder */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (f->registry, names[i], NULL);

      g_assert_cmpint (symlink ("/x", path), ==, 0);
    }
  g_assert_true (g_file_set_contents (file, "no link", -1, NULL));
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 0);
  g_assert_cmpuint (count_links (f), ==, G_N_ELEMENTS (names) + 1);
}

/* In a folder that others may write to, a link may be anybody's. */
static void
test_open_folder (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) listing = NULL;
  g_autoptr (GError) adding = NULL;
  g_autoptr (MsRunningPrograms) programs = NULL;

  g_assert_cmpint (g_mkdir (f->registry, 0700), ==, 0);
  g_assert_cmpint (g_chmod (f->registry, 0777), ==, 0);
  g_assert_null (ms_registry_list (&listing));
  g_assert_error (listing, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_false (ms_registry_add (f->child, f->child_start, "/a", &adding));
  g_assert_error (adding, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  /* Whoever asks for what runs is told why nothing is listed. */
  programs = ms_running_programs_new ();
  g_assert_cmpstr (ms_running_programs_get_problem (programs), ==, listing->message);
}

static void *
stay (void *data)
{
  for (;;)
    pause ();
  return data;
}

/* In a child. */
G_NORETURN static void
leave_a_thread (void)
{
  pthread_t thread;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  pthread_create (&thread, NULL, stay, NULL);
  pthread_exit (NULL);
}

/* A program goes on without its main thread, which is a zombie from then on. */
static void
test_main_thread_ended (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;
  TrkProcess process = { .run_state = '?' };

  end_child (f);
  f->child = fork ();
  if (f->child == 0)
    leave_a_thread ();
  while (process.run_state != 'Z')
    {
      g_assert_cmpint (trk_process_read (f->child, &process), ==, 0);
      g_usleep (1000);
    }
  g_assert_cmpuint (process.n_threads, ==, 2);
  g_assert_true (trk_process_is_alive (f->child, process.start_ticks));
  g_assert_true (ms_registry_add (f->child, process.start_ticks, "/a", NULL));
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 1);
}

/* Whose parent has not waited for it yet, and whose number is another process's by now. */
static void
test_gone (Fixture *f, gconstpointer data)
{
  MsTracedProcess process = { .is_known = TRUE,
                              .is_here = TRUE,
                              .pid = f->child,
                              .start_ticks = f->child_start };
  siginfo_t info;

  g_assert_false (ms_traced_process_has_gone (&process));
  process.start_ticks++;
  g_assert_true (ms_traced_process_has_gone (&process));
  process.start_ticks--;
  kill (f->child, SIGKILL);
  g_assert_cmpint (waitid (P_PID, (id_t) f->child, &info, WEXITED | WNOWAIT), ==, 0);
  g_assert_true (ms_traced_process_has_gone (&process));
  process.is_here = FALSE;
  g_assert_false (ms_traced_process_has_gone (&process));
}

static gpointer
add_often (gpointer data)
{
  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (GError) error = NULL;

      (void) ms_registry_add (getpid (), 1 + i % 2, data, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

/* Each service of a process adds its own. */
static void
test_at_once (Fixture *f, gconstpointer data)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("adder", add_often, (gpointer) "/a");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/registry/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("stale", test_stale);
  ADD ("elsewhere", test_elsewhere);
  ADD ("blind", test_blind);
  ADD ("strangers", test_strangers);
  ADD ("open-folder", test_open_folder);
  ADD ("at-once", test_at_once);
  ADD ("main-thread-ended", test_main_thread_ended);
  ADD ("gone", test_gone);
  return g_test_run ();
}
