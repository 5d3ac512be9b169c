/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For the tests of memscope record: a temporary folder a test, running a program to its end, and
 * looking at what was recorded.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Paths from the command line: MEMSCOPE VICTIM [STATIC_VICTIM]. */
extern const char *memscope, *victim, *static_victim;
void record_test_init (int *argc, char ***argv);

typedef struct {
  char *folder; /* temporary, everything of a test is in it */
  char *output; /* of the recording, not there yet */
} Fixture;

void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);

#define ADD_WITH(path, function, data) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)
#define ADD(path, function) ADD_WITH (path, function, NULL)

typedef struct {
  int wait_status;
  char *out, *err;
} Result;

void result_clear (Result *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* Until the end of @fd, which is closed. (transfer full) */
char *read_all (int fd, gsize *n_bytes);

/* Runs @arguments with standard input from the file @input (NULL: empty). */
Result run_with_input (const char *const *arguments, const char *input);

#define RUN(...) run_with_input ((const char *const[]) { __VA_ARGS__, NULL }, NULL)
#define RECORD(self, ...) RUN (memscope, "record", "-o", (self)->output, "--", __VA_ARGS__)

void assert_exited (const Result *result, int status);
/* One line of complaint, "memscope: …", that has @part in it, and nothing else. */
void assert_complaint (const Result *result, int status, const char *part);

/* @path and all below it, if it is there. */
void remove_tree (const char *path);

JsonNode *load_json (const char *folder, const char *name);
/* Of a loaded memscope_recording.json. (transfer none) */
JsonObject *get_process (JsonNode *recording, guint index);
guint count_processes (JsonNode *recording);

/* Every folder of the recording is closed: no pool, and a manifest that says so. */
void assert_all_closed (const char *output);

G_END_DECLS
