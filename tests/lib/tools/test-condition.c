/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Conditions of --fail-on: what they mean, and what is said about those that mean nothing. */
#include <string.h>

#include "memscope-commands.h"
#include "ms-condition.h"

static GPtrArray *
parse (const char *text, gboolean has_before, GError **error)
{
  const char *const texts[] = { text, NULL };

  return ms_conditions_parse (texts, has_before, error);
}

static void
test_meaning (void)
{
  const struct {
    const char *text, *figure, *thread;
    MsOperator op;
    MsConditionKind kind;
    double limit;
  } cases[] = {
    { "leaked_bytes>1M", "leaked_bytes", NULL, MS_OPERATOR_GREATER, MS_CONDITION_VALUE, 1e6 },
    { " peak_bytes >= 1.5 MiB ", "peak_bytes", NULL, MS_OPERATOR_GREATER_EQUAL, MS_CONDITION_VALUE,
      1572864 },
    { "allocations<=12k", "allocations", NULL, MS_OPERATOR_LESS_EQUAL, MS_CONDITION_VALUE, 12000 },
    { "dropped_events!=0", "dropped_events", NULL, MS_OPERATOR_NOT_EQUAL, MS_CONDITION_VALUE, 0 },
    { "peak_bytes==7B", "peak_bytes", NULL, MS_OPERATOR_EQUAL, MS_CONDITION_VALUE, 7 },
    { "peak_bytes=2kB", "peak_bytes", NULL, MS_OPERATOR_EQUAL, MS_CONDITION_VALUE, 2000 },
    { "duration_ns<1.5s", "duration_ns", NULL, MS_OPERATOR_LESS, MS_CONDITION_VALUE, 1.5e9 },
    { "duration_ns>2min", "duration_ns", NULL, MS_OPERATOR_GREATER, MS_CONDITION_VALUE, 120e9 },
    { "thread:worker-*.peak_bytes>20M", "peak_bytes", "worker-*", MS_OPERATOR_GREATER,
      MS_CONDITION_VALUE, 20e6 },
    { "thread:a.b>=c.peak_bytes<3", "peak_bytes", "a.b>=c", MS_OPERATOR_LESS, MS_CONDITION_VALUE,
      3 },
    { "peak_bytes>+5%", "peak_bytes", NULL, MS_OPERATOR_GREATER, MS_CONDITION_CHANGE_PERCENT, 5 },
    { "leaked_bytes > +1 M", "leaked_bytes", NULL, MS_OPERATOR_GREATER, MS_CONDITION_CHANGE, 1e6 },
    { "allocations<-10k", "allocations", NULL, MS_OPERATOR_LESS, MS_CONDITION_CHANGE, -10000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) conditions = parse (cases[i].text, TRUE, &error);
      const MsCondition *condition;

      g_assert_no_error (error);
      g_assert_cmpuint (conditions->len, ==, 1);
      condition = g_ptr_array_index (conditions, 0);
      g_assert_cmpstr (condition->figure->name, ==, cases[i].figure);
      g_assert_cmpstr (condition->thread, ==, cases[i].thread);
      g_assert_cmpint (condition->op, ==, cases[i].op);
      g_assert_cmpint (condition->kind, ==, cases[i].kind);
      g_assert_cmpfloat (condition->limit, ==, cases[i].limit);
    }
}

static void
test_several (void)
{
  const char *const texts[] = { "leaked_bytes>0, leaked_allocations>0", "peak_bytes>1G", NULL };
  g_autoptr (GPtrArray) conditions = ms_conditions_parse (texts, FALSE, NULL);
  g_autoptr (GPtrArray) none = ms_conditions_parse (NULL, FALSE, NULL);

  g_assert_cmpuint (conditions->len, ==, 3);
  g_assert_cmpstr (((MsCondition *) g_ptr_array_index (conditions, 1))->text, ==,
                   "leaked_allocations>0");
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_wrong (void)
{
  const struct {
    const char *text;
    gboolean has_before;
    const char *says;
  } cases[] = {
    { "", TRUE, "write FIGURE>NUMBER" },
    { "leaked_bytes", TRUE, "write FIGURE>NUMBER" },
    { "peak_bytes>1,", TRUE, "write FIGURE>NUMBER" },
    { ">1", TRUE, "names no figure; there are: peak_bytes, leaked_bytes" },
    { "leeked_bytes>1", TRUE, "no figure \"leeked_bytes\" of the process; there are: peak_bytes" },
    { "thread:a.mapped_bytes>1", TRUE, "no figure \"mapped_bytes\" of a thread; there are: " },
    { "thread:a>1", TRUE, "write thread:NAME.FIGURE" },
    { "thread:.peak_bytes>1", TRUE, "write thread:NAME.FIGURE" },
    { "cpu_ns>1", TRUE, "no figure \"cpu_ns\" of the process" },
    { "peak_bytes>", TRUE, "\"\" is no number; peak_bytes takes bytes" },
    { "peak_bytes>much", TRUE, "\"much\" is no number" },
    { "peak_bytes>0x10", TRUE, "\"x10\" is no unit" },
    { "peak_bytes>1e6", TRUE, "\"e6\" is no unit" },
    { "peak_bytes>nan", TRUE, "\"nan\" is no number" },
    { "peak_bytes>1.", TRUE, "\".\" is no unit" },
    { "peak_bytes>.5M", TRUE, "\".5M\" is no number" },
    { "peak_bytes>1s", TRUE, "\"s\" is no unit" },
    { "allocations>1MB", TRUE, "\"MB\" is no unit" },
    { "duration_ns>1M", TRUE, "\"M\" is no unit" },
    { "peak_bytes>5%", TRUE, "takes a sign, such as +5%" },
    { "peak_bytes>+5%", FALSE, "memscope diff" },
    { "peak_bytes<-1M", FALSE, "memscope diff" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      GPtrArray *conditions = parse (cases[i].text, cases[i].has_before, &error);

      g_assert_null (conditions);
      g_assert_nonnull (error);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("\"%s\": \"%s\" does not say \"%s\"", cases[i].text, error->message,
                 cases[i].says);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_met (void)
{
  const struct {
    const char *text;
    double before, after;
    gboolean is_met;
    const char *line; /* NULL: not looked at */
  } cases[] = {
    { "leaked_bytes>1M", 0, 1000000, FALSE, NULL },
    { "leaked_bytes>1M", 0, 1000001, TRUE,
      "leaked_bytes is 1.00 MB (1000001 B): fails on leaked_bytes>1M" },
    { "leaked_bytes>=1M", 0, 1000000, TRUE, NULL },
    { "allocations<10", 0, 9, TRUE, "allocations is 9: fails on allocations<10" },
    { "allocations<10", 0, 10, FALSE, NULL },
    { "allocations<=10", 0, 10, TRUE, NULL },
    { "allocations=10", 0, 10, TRUE, NULL },
    { "allocations!=10", 0, 10, FALSE, NULL },
    { "allocations!=10", 0, 11, TRUE, NULL },
    { "peak_bytes>+5%", 1000, 1050, FALSE, NULL },
    { "peak_bytes>+5%", 1000, 1051, TRUE,
      "peak_bytes grew by 51 B (5.1 %), from 1.00 kB to 1.05 kB: fails on peak_bytes>+5%" },
    { "peak_bytes<-5%", 1000, 949, TRUE, NULL },
    { "peak_bytes<-5%", 1000, 951, FALSE, NULL },
    { "peak_bytes>+5%", 0, 0, FALSE, NULL },
    { "peak_bytes>+5%", 0, 1, TRUE,
      "peak_bytes grew by 1 B, from 0 B to 1 B: fails on peak_bytes>+5%" },
    { "peak_bytes>+100", 50, 150, FALSE, NULL },
    { "peak_bytes>+100", 50, 151, TRUE, NULL },
    { "peak_bytes>=-100", 50, 50, TRUE,
      "peak_bytes did not change, from 50 B to 50 B: fails on peak_bytes>=-100" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) conditions = parse (cases[i].text, TRUE, NULL);
      const MsCondition *condition = g_ptr_array_index (conditions, 0);
      const MsConditionValue value = { .before = cases[i].before, .after = cases[i].after };
      g_autofree char *line = ms_condition_describe (condition, &value);

      if (ms_condition_is_met (condition, &value) != cases[i].is_met)
        g_error ("%s with %g, then %g", cases[i].text, cases[i].before, cases[i].after);
      if (cases[i].line != NULL)
        g_assert_cmpstr (line, ==, cases[i].line);
    }
}

static void
test_describe (void)
{
  g_autoptr (GPtrArray) conditions = parse ("thread:w*.peak_bytes>1k", FALSE, NULL);
  char subject[] = "thread w1 (3)";
  const MsConditionValue value = { subject, 0, 2500, 100 };
  g_autofree char *line = ms_condition_describe (g_ptr_array_index (conditions, 0), &value);

  g_assert_cmpstr (line, ==,
                   "thread w1 (3): peak_bytes is 2.50 kB ± 100 B (2500 B): fails on "
                   "thread:w*.peak_bytes>1k");
}

/* Two values for a thread, one for the process; "unmatched_frees" is not available. */
static gboolean
lookup (const MsCondition *condition, GArray *values, gpointer data, GError **error)
{
  MsConditionValue value = { .after = 10 };

  if (g_str_equal (condition->figure->name, "unmatched_frees"))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "not measured");
      return FALSE;
    }
  if (condition->thread != NULL)
    {
      value.subject = g_strdup ("thread a (1)");
      g_array_append_val (values, value);
      value.subject = g_strdup ("thread b (2)");
      value.after = 20;
    }
  g_array_append_val (values, value);
  return TRUE;
}

static int
check (const char *text)
{
  g_autoptr (GPtrArray) conditions = parse (text, FALSE, NULL);

  return ms_conditions_check (conditions, "here", lookup, NULL);
}

static void
test_check (void)
{
  if (g_test_subprocess ())
    {
      g_assert_cmpint (check ("peak_bytes>10, thread:*.peak_bytes>20"), ==, MS_EXIT_OK);
      g_assert_cmpint (check ("peak_bytes>9, thread:*.peak_bytes>15"), ==, MS_EXIT_FAILURE);
      g_assert_cmpint (check ("unmatched_frees>0"), ==, MS_EXIT_USAGE);
      g_assert_cmpint (check ("unmatched_frees>0, peak_bytes>9"), ==, MS_EXIT_USAGE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr (
      "memscope: here: peak_bytes is 10 B: fails on peak_bytes>9\n"
      "memscope: here: thread b (2): peak_bytes is 20 B: fails on thread:?.peak_bytes>15\n"
      "memscope: here: \"unmatched_frees>0\" cannot be checked: not measured\n"
      "memscope: here: \"unmatched_frees>0\" cannot be checked: not measured\n"
      "memscope: here: peak_bytes is 10 B: fails on peak_bytes>9\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/condition/meaning", test_meaning);
  g_test_add_func ("/condition/several", test_several);
  g_test_add_func ("/condition/wrong", test_wrong);
  g_test_add_func ("/condition/met", test_met);
  g_test_add_func ("/condition/describe", test_describe);
  g_test_add_func ("/condition/check", test_check);
  return g_test_run ();
}
