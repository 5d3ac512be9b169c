/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Children of a recorded shell that cannot be followed: they do what they do without us, to the last byte
 * of output, and the recording's list says why there is nothing of them.
 *
 * test-record-children MEMSCOPE VICTIM FOLDER-OF-VICTIMS
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "test-record-run.h"

static const char *victims;

/* (transfer full) */
static char *
find_child (const char *name)
{
  g_autofree char *base = g_strconcat ("victim-child", name, NULL);
  g_autofree char *path = g_build_filename (victims, base, NULL);

  return g_canonicalize_filename (path, NULL);
}

/* Of the processes with this program name the last; NULL if there is none. */
static JsonObject *
find_process (JsonNode *recording, const char *program)
{
  for (guint i = count_processes (recording); i > 0; i--)
    {
      JsonObject *process = get_process (recording, i - 1);

      if (g_str_equal (json_object_get_string_member (process, "program"), program))
        return process;
    }
  return NULL;
}

static void
assert_not_followed (const char *output, const char *program, const char *reason)
{
  g_autoptr (JsonNode) recording = load_json (output, "memscope_recording.json");
  JsonObject *process = find_process (recording, program);
  g_autofree char *folder = NULL;
  g_autofree char *manifest = NULL;

  g_assert_nonnull (process);
  g_assert_true (json_object_has_member (process, "not_followed"));
  g_test_message ("%s", json_object_get_string_member (process, "not_followed"));
  g_assert_nonnull (strstr (json_object_get_string_member (process, "not_followed"), reason));
  g_assert_false (json_object_has_member (process, "totals"));
  /* A folder of its own, with a manifest and nothing half done. */
  folder = g_build_filename (output, json_object_get_string_member (process, "folder"), NULL);
  manifest = g_build_filename (folder, "memscope_trace.json", NULL);
  g_assert_true (g_file_test (manifest, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_remove (manifest), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Runs @command in a shell, alone and recorded.  False: it cannot be run here. */
static gboolean
run_both (Fixture *self, const char *command)
{
  g_autofree char *line = g_strdup_printf ("%s 2>&1; echo status $?", command);
  g_auto (Result) alone = RUN ("/bin/sh", "-c", line);
  g_auto (Result) recorded = { 0 };

  g_assert_cmpint (alone.wait_status, ==, 0);
  if (!strstr (alone.out, "status 3\n"))
    {
      g_test_skip ("this program cannot be run here");
      return FALSE;
    }
  recorded = RECORD (self, "/bin/sh", "-c", line);
  assert_exited (&recorded, 0);
  g_assert_cmpstr (recorded.out, ==, alone.out);
  g_assert_true (g_str_has_prefix (recorded.err, "memscope: recorded into"));
  return TRUE;
}

/* --- other kinds of programs ------------------------------------------------------------------ */

typedef struct {
  const char *name, *reason;
} Kind;

static void
test_kind (Fixture *self, gconstpointer data)
{
  const Kind *kind = data;
  g_autofree char *path = find_child (kind->name);
  g_autofree char *program = g_path_get_basename (path);
  gboolean is_known = FALSE;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no such program can be built here");
      return;
    }
  /* Its parent may collect it before we have seen that it was there: then nobody can know its status. */
  for (guint i = 0; i < 20 && !is_known; i++)
    {
      g_autoptr (JsonNode) recording = NULL;
      JsonObject *process;

      if (i > 0)
        remove_tree (self->output);
      if (!run_both (self, path))
        return;
      recording = load_json (self->output, "memscope_recording.json");
      g_assert_cmpuint (count_processes (recording), ==, 2);
      process = find_process (recording, program);
      is_known = json_object_has_member (process, "exit_status");
      if (is_known)
        g_assert_cmpint (json_object_get_int_member (process, "exit_status"), ==, 3);
      assert_not_followed (self->output, program, kind->reason);
    }
  g_assert_true (is_known);
}

/* Refused before it runs, when it is what is to be recorded. */
static void
test_kind_itself (Fixture *self, gconstpointer data)
{
  const Kind *kind = data;
  g_autofree char *path = find_child (kind->name);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no such program can be built here");
      return;
    }
  {
    g_auto (Result) result = RECORD (self, path);
    assert_complaint (&result, 1, kind->reason);
  }
  g_assert_false (g_file_test (self->output, G_FILE_TEST_EXISTS));
}

/* Of several preloaded libraries ours alone is taken out. */
static void
test_other_preloads (Fixture *self, gconstpointer data)
{
  g_autofree char *path = find_child ("-static");
  g_autofree char *line = g_strdup_printf ("LD_PRELOAD=libc.so.6:$LD_PRELOAD:libm.so.6 %s", path);
  g_auto (Result) result = { 0 };

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no static program can be built here");
      return;
    }
  result = RECORD (self, "/bin/sh", "-c", line);
  assert_exited (&result, 3);
  g_assert_cmpstr (strstr (result.out, "LD_PRELOAD"), ==, "LD_PRELOAD libc.so.6:libm.so.6\n");
}

/* --- more rights ------------------------------------------------------------------------------ */

/* A copy of the plain program, in a folder that everybody may write into. (transfer full) */
static char *
copy_child (Fixture *self, const char *name)
{
  g_autofree char *path = find_child ("");
  char *copy = g_build_filename (self->folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_cmpint (g_chmod (self->folder, 0777), ==, 0);
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents_full (copy, bytes, (gssize) n_bytes, 0, 0755, NULL));
  return copy;
}

static gboolean
skip_unless_root (void)
{
  if (geteuid () == 0)
    return FALSE;
  g_test_skip ("only root can make such a program");
  return TRUE;
}

/* Root starts a program of another user's rights. */
static void
test_set_user_id (Fixture *self, gconstpointer data)
{
  g_autofree char *copy = NULL;

  if (skip_unless_root ())
    return;
  copy = copy_child (self, "victim-set-user-id");
  g_assert_cmpint (chown (copy, 12345, 12345), ==, 0);
  g_assert_cmpint (chmod (copy, 04755), ==, 0);
  if (run_both (self, copy))
    assert_not_followed (self->output, "victim-set-user-id", "more rights");
}

static gboolean
give_capability (const char *path)
{
  struct vfs_cap_data rights = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE };

  rights.data[0].permitted = 1U << CAP_NET_BIND_SERVICE;
  return setxattr (path, "security.capability", &rights, XATTR_CAPS_SZ_2, 0) == 0;
}

/* Somebody who is not root starts one of root's rights, or of some of them: the loader forgets LD_PRELOAD,
 * quietly. */
static void
test_as_nobody (Fixture *self, gconstpointer data)
{
  gboolean by_capability = GPOINTER_TO_INT (data);
  g_autofree char *copy = NULL;
  g_autofree char *setpriv = g_find_program_in_path ("setpriv");
  g_autofree char *line = NULL;
  g_auto (Result) alone = { 0 };
  g_auto (Result) recorded = { 0 };

  if (skip_unless_root ())
    return;
  copy = copy_child (self, "victim-of-rights");
  if (by_capability ? !give_capability (copy) : chmod (copy, 04755) != 0)
    {
      g_test_skip ("this file system keeps no such rights");
      return;
    }
  line = g_strdup_printf ("%s 2>&1; echo status $?", copy);
  if (setpriv)
    alone =
        RUN (setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", memscope, "--version");
  if (!setpriv || alone.wait_status != 0)
    {
      g_test_skip ("nobody may not run memscope here");
      return;
    }
  result_clear (&alone);
  alone = RUN (setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", "/bin/sh", "-c", line);
  recorded = RUN (setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", memscope, "record",
                  "-o", self->output, "--", "/bin/sh", "-c", line);
  assert_exited (&alone, 0);
  assert_exited (&recorded, 0);
  g_assert_nonnull (strstr (alone.out, "status 3"));
  g_assert_cmpstr (recorded.out, ==, alone.out);
  assert_not_followed (self->output, "victim-of-rights", "more rights");
}

/* Root executes a program as somebody who may not write the recording: with rights until exec (setpriv),
 * or in a child that gave them up (su). */
static void
test_another_user (Fixture *self, gconstpointer data)
{
  g_autofree char *tool = g_find_program_in_path (data);
  gboolean is_su = g_str_equal (data, "su");
  g_autofree char *line =
      is_su ? g_strdup_printf ("%s nobody -s /bin/sh -c true", tool)
            : g_strdup_printf ("%s --reuid=65534 --clear-groups /bin/sh -c true", tool);
  g_auto (Result) alone = { 0 };
  g_auto (Result) recorded = { 0 };

  if (skip_unless_root ())
    return;
  if (tool)
    alone = RUN ("/bin/sh", "-c", line);
  if (!tool || alone.wait_status != 0)
    {
      g_test_skip ("nobody may not run a shell here");
      return;
    }
  recorded = RECORD (self, "/bin/sh", "-c", line);
  assert_exited (&recorded, 0);
  assert_not_followed (self->output, is_su ? "su" : "sh", "recording's folder");
  g_assert_nonnull (
      strstr (recorded.err, is_su ? "was not followed: su (it" : "followed: sh (the"));
}

/* --- sandboxes -------------------------------------------------------------------------------- */

typedef struct {
  const char *options, *reason; /* NULL: followed */
} Sandbox;

static void
test_sandbox (Fixture *self, gconstpointer data)
{
  const Sandbox *sandbox = data;
  g_autofree char *bwrap = g_find_program_in_path ("bwrap");
  g_autofree char *child = find_child ("");
  g_autofree char *place = g_build_filename (self->folder, "victim-sandboxed", NULL);
  g_autofree char *command = NULL;

  if (!bwrap)
    {
      g_test_skip ("bubblewrap is not installed");
      return;
    }
  /* Something must be there to bind to where the root is not to be written. */
  g_assert_true (g_file_set_contents (place, "", 0, NULL));
  command = g_strdup_printf ("bwrap %s --ro-bind %s %s %s", sandbox->options, child, place, place);
  if (!sandbox->reason) /* it sees its LD_PRELOAD, as it must */
    {
      g_autofree char *line = g_strdup_printf ("%s | grep -c user", command);
      g_auto (Result) alone = RUN ("/bin/sh", "-c", line);
      g_auto (Result) recorded = RECORD (self, "/bin/sh", "-c", line);
      g_autoptr (JsonNode) recording = NULL;

      if (alone.wait_status != 0)
        {
          g_test_skip ("bwrap may not make a sandbox here");
          return;
        }
      assert_exited (&recorded, 0);
      g_assert_cmpstr (recorded.out, ==, "1\n");
      recording = load_json (self->output, "memscope_recording.json");
      g_assert_true (
          json_object_has_member (find_process (recording, "victim-sandboxed"), "totals"));
      return;
    }
  if (run_both (self, command))
    assert_not_followed (self->output, "victim-sandboxed", sandbox->reason);
}

/* Where the libraries of the uninstalled memscope are: what it finds them by is relative to /proc/self/exe.
 * (transfer full) */
static char *
find_libraries (void)
{
  g_auto (Result) result = RUN ("/usr/bin/ldd", memscope);
  g_auto (GStrv) lines = g_strsplit (result.out, "\n", -1);
  GString *folders = g_string_new (NULL);

  for (guint i = 0; lines[i]; i++)
    {
      const char *path = strstr (lines[i], "=> /");
      const char *name = path ? strstr (path, "/libmemscope") : NULL;

      if (name)
        g_string_append_printf (folders, "%.*s:", (int) (name - path) - 3, path + 3);
    }
  return g_string_free (folders, FALSE);
}

/* Neither memscope nor the program has a /proc: nothing is lost, and what can be known is. */
static void
test_without_proc (Fixture *self, gconstpointer data)
{
  g_autofree char *unshare = g_find_program_in_path ("unshare");
  g_autofree char *libraries = NULL;
  g_autofree char *preload = g_path_get_dirname (memscope);
  g_autofree char *script = NULL;
  g_autoptr (JsonNode) recording = NULL;
  g_autoptr (JsonNode) manifest = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *executable = g_canonicalize_filename (victim, NULL);
  JsonObject *process;
  g_auto (Result) probe = { 0 };
  g_auto (Result) result = { 0 };

  if (unshare)
    probe = RUN (unshare, "-m", "/bin/sh", "-c", "mount -t tmpfs none /proc");
  if (!unshare || probe.wait_status != 0)
    {
      g_test_skip ("may not mount over /proc here");
      return;
    }
  libraries = find_libraries ();
  script = g_strdup_printf ("mount -t tmpfs none /proc && LD_LIBRARY_PATH=%s "
                            "MEMSCOPE_LIBDIR=%s/../preload exec %s record -o %s -- %s pause 1600",
                            libraries, preload, memscope, self->output, victim);
  result = RUN (unshare, "-m", "/bin/sh", "-c", script);
  assert_exited (&result, 3);
  assert_all_closed (self->output);
  recording = load_json (self->output, "memscope_recording.json");
  g_assert_cmpuint (count_processes (recording), ==, 1);
  process = get_process (recording, 0);
  g_assert_cmpstr (json_object_get_string_member (process, "state"), ==, "exited");
  g_assert_cmpint (json_object_get_int_member (process, "exit_status"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (process, "totals"),
                                               "allocations"),
                   >=, 200);
  folder = g_build_filename (self->output, json_object_get_string_member (process, "folder"), NULL);
  manifest = load_json (folder, "memscope_trace.json");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (manifest), "executable"),
                   ==, executable);
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (manifest),
                                                      "arguments")),
                    ==, 3);
}

/* --- how it is started ------------------------------------------------------------------------ */

/* The file is looked at where exec will find it: not in our working folder. */
static void
test_relative (Fixture *self, gconstpointer data)
{
  g_autofree char *program = find_child ("-static");
  g_auto (Result) result = { 0 };

  if (!g_file_test (program, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no static program can be built here");
      return;
    }
  result = RECORD (self, victim, data, victims);
  assert_exited (&result, 3);
  g_assert_cmpstr (strstr (result.out, "LD_PRELOAD"), ==, "LD_PRELOAD unset\n");
  assert_not_followed (self->output, "victim-child-static", "static");
}

/* A program that then could not be executed has no place in the list, and who tried goes on. */
static void
test_exec_fails (Fixture *self, gconstpointer data)
{
  g_autofree char *program = find_child ("-static");
  g_autoptr (JsonNode) recording = NULL;
  g_auto (Result) result = { 0 };

  if (!g_file_test (program, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no static program can be built here");
      return;
    }
  result = RECORD (self, victim, "exec-too-long", program);
  assert_exited (&result, 7);
  g_assert_cmpstr (result.out, ==, "Argument list too long\n");
  g_assert_true (g_str_has_prefix (result.err, "memscope: recorded into"));
  assert_all_closed (self->output);
  recording = load_json (self->output, "memscope_recording.json");
  g_assert_cmpuint (count_processes (recording), ==, 1);
  g_assert_cmpint (json_object_get_int_member (
                       json_object_get_object_member (get_process (recording, 0), "totals"),
                       "allocations"),
                   >=, 200);
}

int
main (int argc, char **argv)
{
  static const Kind kinds[] = {
    { "-static", "statically linked" }, { "-32", "32-bit" },      { "-musl", "another C library" },
    { "-asan", "sanitizer" },           { "-tsan", "sanitizer" },
  };
  static const Sandbox sandboxes[] = {
    { "--bind / / --dev /dev --proc /proc --tmpfs /run", NULL },
    { "--ro-bind / / --dev /dev --proc /proc --tmpfs /run", "folder cannot be written" },
    { "--ro-bind / / --proc /proc --unshare-all", "folder cannot be written" },
    { "--ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc",
      "library cannot be read" },
    { "--ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 --unshare-all",
      "library cannot be read" },
  };

  record_test_init (&argc, &argv);
  g_assert_cmpint (argc, >=, 4);
  victims = argv[3];
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/record/children/kind%s", kinds[i].name);
      g_autofree char *itself = g_strdup_printf ("/record/kind%s", kinds[i].name);

      ADD_WITH (path, test_kind, &kinds[i]);
      ADD_WITH (itself, test_kind_itself, &kinds[i]);
    }
  ADD ("/record/children/other-preloads", test_other_preloads);
  ADD ("/record/children/set-user-id", test_set_user_id);
  ADD_WITH ("/record/children/another-user-by-setpriv", test_another_user, "setpriv");
  ADD_WITH ("/record/children/another-user-by-su", test_another_user, "su");
  ADD_WITH ("/record/children/root-by-nobody", test_as_nobody, GINT_TO_POINTER (FALSE));
  ADD_WITH ("/record/children/capability-by-nobody", test_as_nobody, GINT_TO_POINTER (TRUE));
  for (gsize i = 0; i < G_N_ELEMENTS (sandboxes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/record/children/sandbox-%" G_GSIZE_FORMAT, i);
      ADD_WITH (path, test_sandbox, &sandboxes[i]);
    }
  ADD ("/record/without-proc", test_without_proc);
  ADD_WITH ("/record/children/execveat", test_relative, (gpointer) "execveat");
  ADD ("/record/children/exec-fails", test_exec_fails);
  return g_test_run ();
}
