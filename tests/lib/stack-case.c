/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "stack-case.h"

/* By the definition in ms-call-paths.h, on texts. */
static GStrv
collapse (const char *const *functions)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; functions[i] != NULL; i++)
    {
      g_ptr_array_add (kept, (gpointer) functions[i]);
      for (guint k = 1; k <= 8 && 2 * k <= kept->len; k++)
        {
          gboolean is_repeated = TRUE;

          for (guint j = kept->len - k; j < kept->len; j++)
            is_repeated = is_repeated && g_str_equal (kept->pdata[j], kept->pdata[j - k]);
          if (!is_repeated)
            continue;
          g_ptr_array_set_size (kept, (gint) (kept->len - k));
          break;
        }
    }
  g_ptr_array_add (kept, NULL);
  return g_strdupv ((GStrv) kept->pdata);
}

void
stack_case_load (StackCase *self)
{
  name_table_add_module (self->table, self->trace_fixture.builder);
  trace_builder_finish (self->trace_fixture.builder, TRACE_BUILDER_CLOSED);
  self->trace = trace_fixture_load (&self->trace_fixture);
  self->names = ms_frame_names_new (self->trace, MS_NAME_RESOLVER (self->table), NULL, NULL);
  self->n_stacks = ms_frame_names_get_n_stacks (self->names);
  self->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (guint s = 0; s < self->n_stacks; s++)
    {
      guint depth;
      const guint *frames = ms_frame_names_get_stack (self->names, s, &depth, NULL);
      g_autofree const char **functions = g_new0 (const char *, depth + 1);

      for (guint i = 0; i < depth; i++)
        functions[i] = ms_frame_names_get_label (self->names, frames[depth - 1 - i]);
      g_ptr_array_add (self->lines, collapse (functions));
    }
  for (guint c = 0; c < STACK_CASE_COLUMNS; c++)
    self->columns[c] = g_new0 (guint64, self->n_stacks + 1);
}

void
stack_case_add (StackCase *self, const char *words, guint nth)
{
  guint32 stack = name_table_add_stack (self->table, self->trace_fixture.builder, 0, words);

  trace_builder_alloc (self->trace_fixture.builder, 0, nth + 1, 0x100000 + 64 * (guint64) nth, 10,
                       stack);
}

void
stack_case_set_up (StackCase *self, gconstpointer data)
{
  trace_fixture_set_up (&self->trace_fixture, data);
  self->table = name_table_new ("/usr/bin/victim", 0x400000);
}

void
stack_case_tear_down (StackCase *self, gconstpointer data)
{
  for (guint c = 0; c < STACK_CASE_COLUMNS; c++)
    g_free (self->columns[c]);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_clear_object (&self->trace);
  g_object_unref (self->table);
  trace_fixture_tear_down (&self->trace_fixture, data);
}

/* Stacks of up to @most_depth of @n_functions functions: few of them make much recursion. */
void
stack_case_make_random (StackCase *self,
                        GRand *random,
                        guint n_stacks,
                        guint n_functions,
                        guint most_depth)
{
  for (guint s = 0; s < n_stacks; s++)
    {
      g_autoptr (GString) words = g_string_new ("main");
      guint depth = (guint) g_rand_int_range (random, 0, (gint) most_depth);

      for (guint i = 0; i < depth; i++)
        g_string_append_printf (words, " > f%d", g_rand_int_range (random, 0, (gint) n_functions));
      stack_case_add (self, words->str, s);
    }
  stack_case_load (self);
  for (guint s = 0; s < self->n_stacks; s++)
    {
      self->columns[0][s] = g_rand_boolean (random) ? g_rand_int (random) : 0;
      self->columns[1][s] = g_rand_boolean (random) ? (guint) g_rand_int_range (random, 0, 9) : 0;
    }
}

const guint64 *const *
stack_case_columns (StackCase *self)
{
  return (const guint64 *const *) self->columns;
}

guint
stack_case_find (StackCase *self, const char *label)
{
  for (guint f = 0; f < ms_frame_names_get_n_functions (self->names); f++)
    if (g_str_equal (ms_frame_names_get_function (self->names, f)->label, label))
      return f;
  g_assert_not_reached ();
}
