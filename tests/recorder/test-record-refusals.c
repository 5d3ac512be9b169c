/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What memscope record refuses, each with one clear line before anything runs or is written; and
 * what looks refusable and is not.
 *
 * test-record-refusals MEMSCOPE VICTIM [STATIC_VICTIM]
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-record-run.h"

static void
test_bad_options (void)
{
  const struct {
    const char *option, *value, *part;
  } cases[] = {
    { "--threads", "evry:3", "is no rule" },
    { "--threads", "every:0", "above 0" },
    { "--threads", "a,,b", "empty term" },
    { "--threads", "", "empty" },
    { "--threads", "tid:x", "thread number" },
    { "--threads", "start:", "function" },
    { "--threads", "a-name-that-is-too-long", "15 bytes" },
    { "--stack-depth", "257", "0 to 256" },
    { "--stack-depth", "-1", "0 to 256" },
    { "--stack-depth", "many", "0 to 256" },
    { "--sampling-rate", "0", "above 0" },
    { "--sampling-rate", "1.5", "above 0" },
    { "--sampling-rate", "nan", "above 0" },
    { "--sample-interval", "-5", "whole number" },
    { "--preset", "fast", "none of" },
    { "--resources-rate", "0", "1 to 100" },
    { "--resources-rate", "101", "1 to 100" },
    { "--ring", "", "no size" },
    { "--ring", "4X", "no size" },
    { "--ring", "-4M", "no size" },
    { "--ring", "1K", "not between" },
    { "--ring", "2G", "not between" },
    { "--colour", "red", "unknown option" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Result) result =
          RUN (memscope, "record", cases[i].option, cases[i].value, "--", victim, "exit", "0");
      assert_complaint (&result, 2, cases[i].part);
    }
}

static void
test_bad_combinations (void)
{
  g_auto (Result) both =
      RUN (memscope, "record", "--sampling-rate", "0.5", "--sample-interval", "1000", "--", victim);
  g_auto (Result) preset = RUN (memscope, "record", "--sampling-rate=0.5",
                                "--preset=performance_optimized", "--", victim);
  g_auto (Result) resources =
      RUN (memscope, "record", "--no-resources", "--resources-rate=5", "--", victim);
  g_auto (Result) resources_only =
      RUN (memscope, "record", "--resources-only", "--no-resources", "--", victim);
  g_auto (Result) rule =
      RUN (memscope, "record", "--resources-only", "--threads=main", "--", victim);
  g_auto (Result) nothing = RUN (memscope, "record", "--");
  g_auto (Result) no_value = RUN (memscope, "record", "--threads");

  assert_complaint (&both, 2, "exclude each other");
  assert_complaint (&preset, 2, "exclude each other");
  assert_complaint (&resources, 2, "exclude each other");
  assert_complaint (&resources_only, 2, "--resources-only and --no-resources exclude each other");
  assert_complaint (&rule, 2, "--resources-only and --threads exclude each other");
  assert_complaint (&nothing, 2, "no program");
  assert_complaint (&no_value, 2, "needs a value");
}

static void
test_options_reach_the_recorder (Fixture *self, gconstpointer data)
{
  g_auto (Result) result =
      RUN (memscope, "record", "-o", self->output, "--threads", "main,even", "--preset",
           "leak_detection", "--stack-depth=7", "--sampling-rate", "0.25", victim, "exit", "0");
  g_autoptr (JsonNode) recording = NULL;
  g_autoptr (JsonNode) manifest = NULL;
  g_autofree char *folder = NULL;
  JsonObject *configuration;

  assert_exited (&result, 0);
  recording = load_json (self->output, "memscope_recording.json");
  folder =
      g_build_filename (self->output,
                        json_object_get_string_member (get_process (recording, 0), "folder"), NULL);
  manifest = load_json (folder, "memscope_trace.json");
  configuration = json_object_get_object_member (json_node_get_object (manifest), "configuration");
  g_assert_cmpstr (json_object_get_string_member (configuration, "threads"), ==, "main,even");
  g_assert_cmpint (json_object_get_int_member (configuration, "stack_depth"), ==, 7);
  g_assert_cmpfloat (json_object_get_double_member (configuration, "allocation_sampling_rate"), ==,
                     0.25);
  g_assert_false (json_object_get_boolean_member (configuration, "frequency"));
}

static void
test_bad_program (Fixture *self, gconstpointer data)
{
  g_autofree char *data_file = g_build_filename (self->folder, "data", NULL);
  g_auto (Result) missing = RECORD (self, "no-such-program-anywhere");
  g_auto (Result) missing_path = RECORD (self, "/no/such/program");
  g_auto (Result) folder = RECORD (self, "/tmp");
  g_auto (Result) not_executable = { 0 };

  g_assert_true (g_file_set_contents (data_file, "data", -1, NULL));
  not_executable = RECORD (self, data_file);
  assert_complaint (&missing, 1, "there is no program \"no-such-program-anywhere\"");
  assert_complaint (&missing_path, 1, "No such file");
  assert_complaint (&folder, 1, "is a folder");
  assert_complaint (&not_executable, 1, "may not be executed");
  g_assert_false (g_file_test (self->output, G_FILE_TEST_EXISTS));
}

/* Programs that the preload cannot get into are refused before they run. */
static void
test_unrecordable (Fixture *self, gconstpointer data)
{
  g_autofree char *other = g_build_filename (self->folder, "other", NULL);
  g_autofree char *script = g_build_filename (self->folder, "script", NULL);
  g_autofree char *text = g_strdup_printf ("#!%s exit\n", static_victim ? static_victim : victim);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (victim, &bytes, &n_bytes, NULL));
  bytes[4] = 1; /* a 32-bit program */
  g_assert_true (g_file_set_contents_full (other, bytes, (gssize) n_bytes, 0, 0755, NULL));
  {
    g_auto (Result) result = RECORD (self, other);
    assert_complaint (&result, 1, "32-bit");
  }
  bytes[4] = 2;
  bytes[18] = 8; /* MIPS */
  g_assert_true (g_file_set_contents_full (other, bytes, (gssize) n_bytes, 0, 0755, NULL));
  {
    g_auto (Result) result = RECORD (self, other);
    assert_complaint (&result, 1, "another kind of processor");
  }
  if (static_victim)
    {
      g_auto (Result) result = RECORD (self, static_victim, "exit", "0");
      g_auto (Result) by_script = { 0 };

      assert_complaint (&result, 1, "statically linked");
      g_assert_true (g_file_set_contents_full (script, text, -1, 0, 0755, NULL));
      by_script = RECORD (self, script);
      assert_complaint (&by_script, 1, "statically linked");
    }
  g_assert_false (g_file_test (self->output, G_FILE_TEST_EXISTS));
}

static void
test_set_user_id (Fixture *self, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (self->folder, "copy", NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can make a program of another user");
      return;
    }
  g_assert_true (g_file_get_contents (victim, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents_full (copy, bytes, (gssize) n_bytes, 0, 0755, NULL));
  g_assert_cmpint (chown (copy, 12345, 12345), ==, 0);
  g_assert_cmpint (chmod (copy, 04755), ==, 0);
  {
    g_auto (Result) result = RECORD (self, copy, "exit", "0");
    assert_complaint (&result, 1, "more rights");
  }
}

static void
test_scripts (Fixture *self, gconstpointer data)
{
  g_autofree char *script = g_build_filename (self->folder, "script", NULL);
  g_autofree char *second = g_build_filename (self->folder, "second", NULL);

  g_assert_true (
      g_file_set_contents_full (script, "#! /bin/sh\necho \"$1\"; exit 9\n", -1, 0, 0755, NULL));
  {
    g_auto (Result) result = RECORD (self, script, "one argument");
    assert_exited (&result, 9);
    g_assert_cmpstr (result.out, ==, "one argument\n");
  }
  /* Without a first line, which only execvp and the shells run. */
  g_assert_true (g_file_set_contents_full (script, "echo \"$1\"; exit 8\n", -1, 0, 0755, NULL));
  {
    g_auto (Result) result =
        RUN (memscope, "record", "-o", second, "--", script, "another argument");
    assert_exited (&result, 8);
    g_assert_cmpstr (result.out, ==, "another argument\n");
  }
}

static void
test_bad_output (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->folder, "file", NULL);
  g_autofree char *below_file = g_build_filename (file, "recording", NULL);

  g_assert_true (g_file_set_contents (file, "kept", -1, NULL));
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", file, victim);
    assert_complaint (&result, 1, "is no folder");
  }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", below_file, victim);
    assert_complaint (&result, 1, "cannot make the output folder");
  }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", self->folder, victim);
    assert_complaint (&result, 1, "is not empty");
  }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", "/proc/memscope-test", victim);
    assert_complaint (&result, 1, "cannot make the output folder");
  }
  {
    g_auto (Result) first = RECORD (self, victim, "exit", "0");
    g_auto (Result) again = RECORD (self, victim, "exit", "0");
    assert_exited (&first, 0);
    assert_complaint (&again, 1, "already holds a recording");
  }
}

static void
test_full_output (Fixture *self, gconstpointer data)
{
  g_autofree char *small = g_build_filename (self->folder, "small", NULL);
  g_autofree char *output = g_build_filename (small, "recording", NULL);

  g_mkdir (small, 0700);
  if (mount ("tmpfs", small, "tmpfs", 0, "size=64k") != 0)
    {
      g_test_skip ("may not mount a small file system here");
      return;
    }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", output, victim, "exit", "0");
    umount (small);
    assert_complaint (&result, 1, "no room");
  }
}

/* Where the library is missing, that is said, and nothing runs. */
static void
test_missing_library (Fixture *self, gconstpointer data)
{
  g_setenv ("MEMSCOPE_LIBDIR", self->folder, TRUE);
  {
    g_auto (Result) result = RECORD (self, victim, "exit", "0");
    g_unsetenv ("MEMSCOPE_LIBDIR");
    assert_complaint (&result, 1, "libmemscope-preload.so is not in");
  }
}

int
main (int argc, char **argv)
{
  record_test_init (&argc, &argv);
  g_test_add_func ("/record/bad/options", test_bad_options);
  g_test_add_func ("/record/bad/combinations", test_bad_combinations);
  ADD ("/record/options", test_options_reach_the_recorder);
  ADD ("/record/bad/program", test_bad_program);
  ADD ("/record/bad/unrecordable", test_unrecordable);
  ADD ("/record/bad/set-user-id", test_set_user_id);
  ADD ("/record/bad/output", test_bad_output);
  ADD ("/record/bad/full-output", test_full_output);
  ADD ("/record/bad/missing-library", test_missing_library);
  ADD ("/record/scripts", test_scripts);
  return g_test_run ();
}
