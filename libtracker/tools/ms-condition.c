/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A text is cut at its last operator; the left side names the figure, which says what units the right
 * side may have. */
#include "ms-condition.h"

#include <math.h>
#include <string.h>

#include <gio/gio.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-quantity.h"
#include "ms-terminal-text.h"

#define THREAD_PREFIX "thread:"

static const struct {
  const char *text;
  MsOperator op;
} operators[] = {
  /* A longer one before its own end. */
  { ">=", MS_OPERATOR_GREATER_EQUAL }, { "<=", MS_OPERATOR_LESS_EQUAL },
  { "==", MS_OPERATOR_EQUAL },         { "!=", MS_OPERATOR_NOT_EQUAL },
  { ">", MS_OPERATOR_GREATER },        { "<", MS_OPERATOR_LESS },
  { "=", MS_OPERATOR_EQUAL },
};

static void
condition_free (gpointer data)
{
  MsCondition *self = data;

  g_free (self->text);
  g_free (self->thread);
  g_free (self);
}

/* --- parsing --------------------------------------------------------------------------------- */

static gboolean complain (GError **error, const MsCondition *self, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
complain (GError **error, const MsCondition *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "condition \"%s\": %s", self->text,
               message);
  return FALSE;
}

/* The place of the last operator, or NULL. */
static const char *
find_operator (const char *text, guint *which)
{
  const char *end = text + strlen (text);

  for (const char *p = end; p-- > text;)
    if (strchr ("<>=", *p) != NULL)
      for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
        {
          gsize n = strlen (operators[i].text);
          const char *start = p + 1 - n;

          if ((gsize) (p + 1 - text) >= n && strncmp (start, operators[i].text, n) == 0)
            {
              *which = i;
              return start;
            }
        }
  return NULL;
}

static gboolean
parse_figure (MsCondition *self, const char *left, GError **error)
{
  const char *name = left;
  g_autofree char *list = NULL;

  if (g_str_has_prefix (left, THREAD_PREFIX))
    {
      const char *dot = strrchr (left, '.');
      const char *thread = left + strlen (THREAD_PREFIX);

      if (dot == NULL || dot == thread || dot < thread)
        return complain (error, self, "write thread:NAME.FIGURE, such as thread:main.peak_bytes");
      self->thread = g_strndup (thread, (gsize) (dot - thread));
      name = dot + 1;
    }
  self->figure = ms_known_figure_find (name);
  if (self->figure != NULL
      && (self->thread != NULL ? self->figure->of_thread : self->figure->of_process))
    return TRUE;
  list = ms_known_figure_list (self->thread != NULL);
  if (self->figure == NULL && name[0] == '\0')
    return complain (error, self, "names no figure; there are: %s", list);
  return complain (error, self, "there is no figure \"%s\" of %s; there are: %s", name,
                   self->thread != NULL ? "a thread" : "the process", list);
}

static gboolean
parse_unit (const MsCondition *self, const char *text, double *factor)
{
  g_autofree char *unit = g_strdup (text);
  gsize length = strlen (unit);

  *factor = 1;
  if (self->figure->unit == MS_UNIT_BYTES && g_str_has_suffix (unit, "B"))
    unit[length - 1] = '\0';
  return unit[0] == '\0'
         || ms_quantity_find_unit (self->figure->unit == MS_UNIT_TIME ? ms_quantity_time_units
                                                                      : ms_quantity_count_units,
                                   unit, factor);
}

static const char *
units_of (const MsKnownFigure *figure)
{
  switch (figure->unit)
    {
    case MS_UNIT_BYTES:
      return "bytes, with B, k, M, G, T (powers of 1000) or Ki, Mi, Gi, Ti behind the number";
    case MS_UNIT_TIME:
      return "a time in nanoseconds, or with us, ms, s, min or h behind the number";
    case MS_UNIT_COUNT:
    default:
      return "a number, with k, M, G or T behind it for powers of 1000";
    }
}

static gboolean
parse_number (MsCondition *self, const char *right, gboolean has_before, GError **error)
{
  gboolean has_sign = right[0] == '+' || right[0] == '-';
  const char *number = right + has_sign;
  gsize length = ms_quantity_number_length (number);
  const char *unit = number + length;
  g_autofree char *digits = g_strndup (number, length);
  double factor = 1;

  while (g_ascii_isspace (*unit))
    unit++;
  if (length == 0)
    return complain (error, self, "\"%s\" is no number; %s takes %s", right, self->figure->name,
                     units_of (self->figure));
  if (g_str_equal (unit, "%") && !has_sign)
    return complain (error, self,
                     "a percentage is a change and takes a sign, such as +%s%% (memscope diff)",
                     digits);
  if (has_sign && !has_before)
    return complain (error, self,
                     "a sign asks for the change since another recording: memscope diff knows it");
  self->kind = !has_sign                 ? MS_CONDITION_VALUE
               : g_str_equal (unit, "%") ? MS_CONDITION_CHANGE_PERCENT
                                         : MS_CONDITION_CHANGE;
  if (self->kind != MS_CONDITION_CHANGE_PERCENT && !parse_unit (self, unit, &factor))
    return complain (error, self, "\"%s\" is no unit of it; %s takes %s", unit, self->figure->name,
                     units_of (self->figure));
  self->limit = g_ascii_strtod (digits, NULL) * factor * (right[0] == '-' ? -1 : 1);
  return TRUE;
}

static gboolean
parse_one (MsCondition *self, gboolean has_before, GError **error)
{
  guint which = 0;
  const char *op = find_operator (self->text, &which);
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (op == NULL)
    return complain (error, self,
                     "write FIGURE>NUMBER, such as leaked_bytes>1M (also <, >=, <=, ==, !=)");
  self->op = operators[which].op;
  left = g_strstrip (g_strndup (self->text, (gsize) (op - self->text)));
  right = g_strstrip (g_strdup (op + strlen (operators[which].text)));
  return parse_figure (self, left, error) && parse_number (self, right, has_before, error);
}

GPtrArray *
ms_conditions_parse (const char *const *texts, gboolean has_before, GError **error)
{
  g_autoptr (GPtrArray) conditions = g_ptr_array_new_with_free_func (condition_free);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (texts[i], ",", -1);

      for (guint k = 0; k < MAX (g_strv_length (parts), 1); k++)
        {
          MsCondition *self = g_new0 (MsCondition, 1);

          /* Of an empty text there are no parts at all. */
          self->text = g_strstrip (g_strdup (parts[k] != NULL ? parts[k] : ""));
          g_ptr_array_add (conditions, self);
          if (!parse_one (self, has_before, error))
            return NULL;
        }
    }
  return g_steal_pointer (&conditions);
}

/* --- checking -------------------------------------------------------------------------------- */

/* From nothing to something is more than any percentage. */
static double
change_percent (const MsConditionValue *value)
{
  if (value->before == value->after)
    return 0;
  if (value->before == 0)
    return value->after > 0 ? INFINITY : -INFINITY;
  return 100 * (value->after - value->before) / value->before;
}

/* 95 of 100 differences between two samples of the same are smaller. */
#define SIGNIFICANT_ERRORS 1.96

static gboolean
may_be_by_chance (const MsCondition *self, const MsConditionValue *value)
{
  return self->kind != MS_CONDITION_VALUE && value->change_error > 0
         && fabs (value->after - value->before) <= SIGNIFICANT_ERRORS * value->change_error;
}

static gboolean
is_beyond_limit (const MsCondition *self, const MsConditionValue *value)
{
  double figure = self->kind == MS_CONDITION_VALUE    ? value->after
                  : self->kind == MS_CONDITION_CHANGE ? value->after - value->before
                                                      : change_percent (value);

  switch (self->op)
    {
    case MS_OPERATOR_GREATER:
      return figure > self->limit;
    case MS_OPERATOR_GREATER_EQUAL:
      return figure >= self->limit;
    case MS_OPERATOR_LESS:
      return figure < self->limit;
    case MS_OPERATOR_LESS_EQUAL:
      return figure <= self->limit;
    case MS_OPERATOR_EQUAL:
      return figure == self->limit;
    case MS_OPERATOR_NOT_EQUAL:
    default:
      return figure != self->limit;
    }
}

gboolean
ms_condition_is_met (const MsCondition *self, const MsConditionValue *value)
{
  return is_beyond_limit (self, value) && !may_be_by_chance (self, value);
}

/* "by 1.20 MB ± 0.31 MB (12.0 %)" */
static char *
dup_change (const MsCondition *self, const MsConditionValue *value)
{
  double change = value->after - value->before;
  double percent = fabs (change_percent (value));
  g_autofree char *exact = ms_known_figure_format (self->figure, fabs (change));
  g_autofree char *error = ms_known_figure_format (self->figure, value->change_error);
  g_autofree char *text =
      value->change_error >= 0.5 ? g_strdup_printf ("%s ± %s", exact, error) : g_strdup (exact);

  if (change == 0)
    return g_strdup ("did not change");
  if (!isfinite (percent))
    return g_strdup_printf ("grew by %s", text);
  return g_strdup_printf ("%s by %s (%.*f %%)", change > 0 ? "grew" : "sank", text,
                          percent < 9.95 ? 1 : 0, percent);
}

char *
ms_condition_describe (const MsCondition *self, const MsConditionValue *value)
{
  g_autofree char *after = ms_known_figure_format (self->figure, value->after);
  g_autofree char *subject =
      value->subject != NULL ? g_strconcat (value->subject, ": ", NULL) : g_strdup ("");
  g_autofree char *error = NULL;
  g_autofree char *exact = NULL;

  if (self->kind != MS_CONDITION_VALUE)
    {
      g_autofree char *before = ms_known_figure_format (self->figure, value->before);
      g_autofree char *change = dup_change (self, value);

      return g_strdup_printf ("%s%s %s, from %s to %s: %s %s", subject, self->figure->name, change,
                              before, after,
                              may_be_by_chance (self, value)
                                  ? "it was sampled, and may be by chance; does not fail on"
                                  : "fails on",
                              self->text);
    }
  if (value->standard_error >= 0.5)
    {
      g_autofree char *text = ms_known_figure_format (self->figure, value->standard_error);

      error = g_strconcat (" ± ", text, NULL);
    }
  /* Three digits may not show on which side of the limit it is. */
  if (self->figure->unit != MS_UNIT_COUNT && value->after >= 1000)
    exact = g_strdup_printf (" (%.0f%s)", value->after,
                             self->figure->unit == MS_UNIT_BYTES ? " B" : " ns");
  return g_strdup_printf ("%s%s is %s%s%s: fails on %s%s", subject, self->figure->name, after,
                          error != NULL ? error : "", exact != NULL ? exact : "", self->text,
                          value->remark != NULL ? value->remark : "");
}

static void
value_clear (gpointer value)
{
  MsConditionValue *self = value;

  g_free (self->subject);
  g_free (self->remark);
}

GArray *
ms_condition_values_new (void)
{
  GArray *values = g_array_new (FALSE, TRUE, sizeof (MsConditionValue));

  g_array_set_clear_func (values, value_clear);
  return values;
}

static int
check_one (const MsCondition *self, const char *where, MsConditionLookup lookup, gpointer data)
{
  g_autoptr (GArray) values = ms_condition_values_new ();
  g_autoptr (GError) error = NULL;
  int status = MS_EXIT_OK;

  if (!lookup (self, values, data, &error))
    {
      ms_complain ("%s\"%s\" cannot be checked: %s", where, self->text, error->message);
      return MS_EXIT_USAGE;
    }
  for (guint i = 0; i < values->len; i++)
    {
      const MsConditionValue *value = &g_array_index (values, MsConditionValue, i);
      g_autofree char *line = NULL;

      if (!is_beyond_limit (self, value))
        continue;
      line = ms_condition_describe (self, value);
      ms_complain ("%s%s", where, line);
      if (ms_condition_is_met (self, value))
        status = MS_EXIT_FAILURE;
    }
  return status;
}

const MsCondition *
ms_conditions_find_met (GPtrArray *conditions, MsConditionLookup lookup, gpointer data)
{
  for (guint i = 0; i < conditions->len; i++)
    {
      const MsCondition *condition = g_ptr_array_index (conditions, i);
      g_autoptr (GArray) values = ms_condition_values_new ();

      if (!lookup (condition, values, data, NULL))
        continue;
      for (guint v = 0; v < values->len; v++)
        if (ms_condition_is_met (condition, &g_array_index (values, MsConditionValue, v)))
          return condition;
    }
  return NULL;
}

int
ms_conditions_check (GPtrArray *conditions,
                     const char *where,
                     MsConditionLookup lookup,
                     gpointer data)
{
  g_autofree char *prefix = where != NULL ? g_strconcat (where, ": ", NULL) : g_strdup ("");
  int status = MS_EXIT_OK;

  for (guint i = 0; i < conditions->len; i++)
    {
      int one = check_one (g_ptr_array_index (conditions, i), prefix, lookup, data);

      status = MAX (status, one);
    }
  return status;
}
