/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Conditions of --fail-on, on which a command exits with 1, so that it can guard a build:
 *
 *   leaked_bytes>1M
 *   peak_bytes >= 64Mi, temporary_allocations>10k
 *   thread:worker-*.peak_bytes>20M        each thread of such a name, or of this id
 *   peak_bytes>+5%                        only where two recordings are compared
 *   leaked_bytes>+1M
 *
 *   condition = figure operator number
 *   figure    = [ "thread:" ( glob | id ) "." ] name-of-a-figure
 *   operator  = ">" | ">=" | "<" | "<=" | "==" | "="  | "!="
 *   number    = [ "+" | "-" ] digits [ "." digits ] [ unit ]
 *   unit      = k M G T (10³…), Ki Mi Gi Ti (2¹⁰…), with a B behind it for bytes; ns us ms s min h
 *               for times; % behind a sign
 *
 * A sign makes it a condition on the change from the earlier recording to the later one, % in parts of the
 * earlier.  The operator is the last in the text, so that a thread's name may hold what looks like one;
 * for a comma in it, write "?".
 */
#pragma once

#include "ms-known-figure.h"

G_BEGIN_DECLS

typedef enum {
  MS_OPERATOR_GREATER,
  MS_OPERATOR_GREATER_EQUAL,
  MS_OPERATOR_LESS,
  MS_OPERATOR_LESS_EQUAL,
  MS_OPERATOR_EQUAL,
  MS_OPERATOR_NOT_EQUAL,
} MsOperator;

typedef enum {
  MS_CONDITION_VALUE,
  MS_CONDITION_CHANGE,
  MS_CONDITION_CHANGE_PERCENT,
} MsConditionKind;

typedef struct {
  char *text; /* as it was typed, without spaces around it */
  const MsKnownFigure *figure;
  char *thread; /* NULL: the process */
  MsOperator op;
  MsConditionKind kind;
  double limit; /* in the figure's unit; of a change it has a sign */
} MsCondition;

/* What a condition is held against.  Of one recording it is @after. */
typedef struct {
  char *subject; /* "thread worker-1 (3)"; NULL: the process */
  double before, after;
  double standard_error; /* of @after; 0: exact */
  double change_error;   /* of @after − @before; 0: exact */
  char *remark;          /* put behind the line, or NULL */
} MsConditionValue;

/* The text of the option, for --help. */
#define MS_CONDITION_OPTION_HELP \
  "exit with 1 if CONDITION holds, e.g. 'accused_bytes>1M' (may be repeated)"

/* NULL with one line that says what is wrong with which.  @texts: (nullable): one or more conditions each,
 * with commas between them.  @has_before: there are two recordings. (transfer full)
 * (element-type MsCondition) */
GPtrArray *ms_conditions_parse (const char *const *texts, gboolean has_before, GError **error);

/* A change of estimates that may be by chance (see ms-change.h) meets no condition on changes. */
gboolean ms_condition_is_met (const MsCondition *self, const MsConditionValue *value);

/* One line on a condition that is met: "leaked_bytes is 2.31 MB (leaked_bytes>1M)". (transfer full) */
char *ms_condition_describe (const MsCondition *self, const MsConditionValue *value);

/* An array for values. (transfer full) (element-type MsConditionValue) */
GArray *ms_condition_values_new (void);

/* Appends the values that @condition speaks of, at least one; FALSE with a reason if there are none. */
typedef gboolean (*MsConditionLookup) (const MsCondition *condition,
                                       GArray *values,
                                       gpointer data,
                                       GError **error);

/* The first condition that is met, or NULL; says nothing. */
const MsCondition *ms_conditions_find_met (GPtrArray *conditions,
                                           MsConditionLookup lookup,
                                           gpointer data);

/* Complains of each condition that is met and of each that cannot be checked.  Returns the exit status:
 * MS_EXIT_USAGE if one cannot be checked, else MS_EXIT_FAILURE if one is met, else MS_EXIT_OK.
 * @where: (nullable): put before each line. */
int ms_conditions_check (GPtrArray *conditions,
                         const char *where,
                         MsConditionLookup lookup,
                         gpointer data);

G_END_DECLS
