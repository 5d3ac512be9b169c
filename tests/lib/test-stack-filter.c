/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From names to sets of stacks, and what is said where there are none. */
#include "ms-stack-filter.h"

#include <string.h>

#include "stack-case.h"

static void
load (StackCase *self)
{
  static const char *const stacks[] = {
    "main@main.c:1 > run@src/run.c:10 > decode@src/decode.c:5",       /* 0 */
    "main@main.c:1 > run@src/run.c:11 > decode_batch@src/decode.c:9", /* 1 */
    "main@main.c:2 > idle@src/idle.c:1",                              /* 2 */
    "main@main.c:2 > ?16",                                            /* 3 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    stack_case_add (self, stacks[i], i);
  stack_case_load (self);
}

/* "0,2" */
static char *
select_stacks (StackCase *self, const MsStackPattern *patterns, guint n_patterns)
{
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);
  guint n = 0;
  g_autofree guint *stacks = ms_stack_filter_select (self->names, patterns, n_patterns, &n, &error);

  g_assert_no_error (error);
  g_assert_nonnull (stacks);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", stacks[i]);
  return g_string_free (text, FALSE);
}

static void
test_select (StackCase *self, gconstpointer data)
{
  static const struct {
    MsStackPattern patterns[3];
    guint n;
    const char *wanted;
  } cases[] = {
    { { { MS_STACKS_BY_FUNCTION, "main" } }, 1, "0,1,2,3" },
    { { { MS_STACKS_BY_FUNCTION, "decode" } }, 1, "0" }, /* there is one that is */
    { { { MS_STACKS_BY_FUNCTION, "deco" } }, 1, "0,1" },
    { { { MS_STACKS_BY_FUNCTION, "*code*" } }, 1, "0,1" },
    { { { MS_STACKS_BY_FILE, "run.c" } }, 1, "0,1" },
    { { { MS_STACKS_BY_MODULE, "victim" } }, 1, "0,1,2,3" },
    { { { MS_STACKS_BY_FUNCTION, "victim+0x800010" } }, 1, "3" },
    { { { MS_STACKS_BY_FUNCTION, "idle" }, { MS_STACKS_BY_FUNCTION, "decode" } }, 2, "0,2" },
    { { { MS_STACKS_BY_FUNCTION, "idle" }, { MS_STACKS_BY_FILE, "run.c" } }, 2, "" },
    { { { MS_STACKS_BY_FUNCTION, "decode" }, { MS_STACKS_BY_FILE, "run.c" } }, 2, "0" },
    { { { 0 } }, 0, "0,1,2,3" },
  };

  load (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = select_stacks (self, cases[i].patterns, cases[i].n);

      g_assert_cmpstr (got, ==, cases[i].wanted);
    }
}

static void
assert_error (MsFrameNames *names,
              MsStackField field,
              const char *text,
              gint code,
              const char *words)
{
  g_autoptr (GError) error = NULL;
  MsStackPattern pattern = { field, text };
  guint n = 7;

  g_assert_null (ms_stack_filter_select (names, &pattern, 1, &n, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_cmpuint (n, ==, 0);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_errors (StackCase *self, gconstpointer data)
{
  g_autoptr (MsFrameNames) bare = NULL;

  load (self);
  assert_error (self->names, MS_STACKS_BY_FUNCTION, "decdoe", G_IO_ERROR_NOT_FOUND,
                "no function matches 'decdoe'; did you mean 'decode'?");
  assert_error (self->names, MS_STACKS_BY_FUNCTION, "IDLE", G_IO_ERROR_NOT_FOUND,
                "did you mean 'idle'?");
  assert_error (self->names, MS_STACKS_BY_FILE, "rnu.c", G_IO_ERROR_NOT_FOUND,
                "no file matches 'rnu.c'; did you mean 'run.c'?");
  assert_error (self->names, MS_STACKS_BY_MODULE, "libnowhere.so", G_IO_ERROR_NOT_FOUND,
                "no module matches 'libnowhere.so'");
  assert_error (self->names, MS_STACKS_BY_FUNCTION, "", G_IO_ERROR_INVALID_ARGUMENT, "empty");
  bare = ms_frame_names_new (self->trace, NULL, NULL, NULL);
  assert_error (bare, MS_STACKS_BY_FUNCTION, "decode", G_IO_ERROR_NOT_FOUND, "no symbols");
}

static void
test_functions (StackCase *self, gconstpointer data)
{
  g_autofree guint *functions = NULL;
  guint n;

  load (self);
  functions = ms_stack_filter_find_functions (self->names, "decode*", &n, NULL);
  g_assert_cmpuint (n, ==, 2);
  for (guint i = 0; i < n; i++)
    g_assert_true (g_str_has_prefix (ms_frame_names_get_function (self->names, functions[i])->label,
                                     "decode"));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (StackCase *self, gconstpointer data);
  } tests[] = {
    { "/stack-filter/select", test_select },
    { "/stack-filter/errors", test_errors },
    { "/stack-filter/functions", test_functions },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, StackCase, NULL, stack_case_set_up, tests[i].test,
                stack_case_tear_down);
  return g_test_run ();
}
