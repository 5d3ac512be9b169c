/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Parts of the traces of random programs: what a part says is what the reference model says of the same
 * stretch and threads.  And what is left out of a part: other threads' stacks, modules, names.
 */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "ms-trim.h"
#include "name-table.h"
#include "reference-check.h"
#include "trace-fixture.h"
#include "trk-checksum.h"

#define ROUNDS 150

static guint
pick (GRand *random, guint n)
{
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

static ProgramShape
random_shape (GRand *random)
{
  ProgramShape shape = { .n_threads = 1 + pick (random, 6),
                         .n_stacks = 1 + pick (random, MODEL_MAX_STACKS),
                         .n_steps = 1 + pick (random, 150),
                         .n_addresses = 2 + pick (random, 50),
                         .cross_frees = pick (random, 3) > 0,
                         .unknown_frees = pick (random, 2) > 0,
                         .declared = pick (random, 3) == 0,
                         .forked = pick (random, 9) == 0,
                         .began_late = pick (random, 9) == 0,
                         .odd_untracked = pick (random, 3) == 0 };

  return shape;
}

typedef struct {
  char *folder, *out;
  ProgramModel *model;
  MsTrace *trace;
} Case;

static void
case_clear (Case *self)
{
  test_folder_remove (self->folder);
  test_folder_remove (self->out);
  g_free (self->folder);
  g_free (self->out);
  program_model_free (self->model);
  g_clear_object (&self->trace);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Case, case_clear)

/* FALSE: nothing happened in it. */
static gboolean
case_init (Case *self, const ProgramShape *shape, GRand *random)
{
  g_autoptr (TraceBuilder) builder = NULL;

  self->folder = test_folder_new ();
  self->out = g_strconcat (self->folder, ".part", NULL);
  builder = trace_builder_new (self->folder);
  if (pick (random, 2) == 0)
    trace_builder_set_block_bytes (builder, 220 + pick (random, 400));
  if (pick (random, 3) == 0)
    trace_builder_set_tsc (builder, 4);
  self->model = program_model_random (builder, shape, random);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  self->trace = ms_trace_load (self->folder, NULL, NULL, NULL, NULL);
  return self->trace != NULL && ms_trace_get_n_threads (self->trace) > 0;
}

/* NULL: nothing is in it. */
static MsTrace *
trim (Case *self, MsFilter *filter, MsTrimResult *result)
{
  MsTrimOptions options = { .filter = filter };
  g_autoptr (GError) error = NULL;
  MsTrace *part;

  ms_trace_trim (self->trace, &options, self->out, result, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  part = ms_trace_load (self->out, NULL, NULL, NULL, &error);
  if (part == NULL)
    g_assert_error (error, MS_ERROR, MS_ERROR_EMPTY);
  return part;
}

/* All of it: every figure of the whole. */
static void
test_whole (void)
{
  for (guint seed = 0; seed < ROUNDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      ProgramShape shape = random_shape (random);
      g_auto (Case) self = { 0 };
      g_autoptr (MsTrace) part = NULL;

      if (!case_init (&self, &shape, random))
        continue;
      g_test_message ("seed %u", seed);
      part = trim (&self, NULL, NULL);
      if (!shape.unknown_frees && !shape.odd_untracked)
        reference_check_trace (part, self.model);
      else /* a realloc of an unknown block is a free and an allocation: one event more */
        for (guint domain = 0; domain < MS_N_DOMAINS; domain++)
          g_assert_cmpmem (ms_trace_get_totals (part, domain), sizeof (MsTotals),
                           ms_trace_get_totals (self.trace, domain), sizeof (MsTotals));
      g_assert_cmpint (ms_trace_get_duration_ns (part), >=, ms_trace_get_duration_ns (self.trace));
      g_assert_cmpint (ms_trace_get_duration_ns (part), <=,
                       ms_trace_get_duration_ns (self.trace) + 1);
    }
}

/* What the part says of the whole of itself: what it says of the stretch, and what lived at its start. */
static void
check_totals (const MsTotals *found, const MsTotals *wanted, guint64 peak)
{
  g_assert_cmpuint (found->allocations, ==, wanted->allocations + wanted->live_blocks_at_start);
  g_assert_cmpuint (found->allocated_bytes, ==,
                    wanted->allocated_bytes + wanted->live_bytes_at_start);
  g_assert_cmpuint (found->reallocations, ==, wanted->reallocations);
  g_assert_cmpuint (found->temporary_allocations, ==, wanted->temporary_allocations);
  g_assert_cmpuint (found->freed_bytes_of_own, ==, wanted->freed_bytes_of_own);
  g_assert_cmpuint (found->live_bytes, ==, wanted->live_bytes);
  g_assert_cmpuint (found->live_blocks, ==, wanted->live_blocks);
  g_assert_cmpuint (found->peak_bytes, ==, peak);
}

static void
check_part (MsTrace *part, const Case *self, const ReferenceFilter *filter)
{
  for (guint domain = 0; domain < MS_N_DOMAINS; domain++)
    {
      MsTotals wanted = reference_totals (self->model, filter, domain, ALL, ALL);
      gint64 time_ns;

      check_totals (ms_trace_get_totals (part, domain), &wanted,
                    reference_peak (self->model, filter, domain, ALL, ALL, &time_ns));
      for (guint i = 0; i < ms_trace_get_n_threads (part); i++)
        {
          MsThread *thread = ms_trace_get_thread (part, i);
          guint id = ms_thread_get_id (thread);

          if ((filter->threads >> id & 1) == 0)
            {
              g_assert_cmpuint (ms_thread_get_totals (thread, domain)->allocations, ==, 0);
              continue;
            }
          wanted = reference_totals (self->model, filter, domain, id, ALL);
          check_totals (ms_thread_get_totals (thread, domain), &wanted,
                        reference_peak (self->model, filter, domain, id, ALL, &time_ns));
        }
    }
}

/* Blocks that one thread allocated and another freed. */
static void
check_interactions (MsTrace *part, const Case *self, const ReferenceFilter *filter)
{
  for (guint domain = 0; domain < MS_N_DOMAINS; domain++)
    {
      guint n = 0;
      const MsInteraction *found = ms_trace_get_interactions (part, domain, &n);

      for (guint i = 0; i < n; i++)
        {
          MsInteraction wanted =
              reference_interaction (self->model, filter, domain, found[i].alloc_thread,
                                     found[i].free_thread);

          g_assert_cmpuint (found[i].frees, ==, wanted.frees);
          g_assert_cmpuint (found[i].bytes, ==, wanted.bytes);
        }
    }
}

static void
test_parts (void)
{
  for (guint seed = 0; seed < ROUNDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (100000 + seed);
      ProgramShape shape = random_shape (random);
      ReferenceFilter filter = reference_everything;
      g_autoptr (MsFilter) range = NULL, chosen = NULL;
      g_auto (Case) self = { 0 };
      g_autoptr (MsTrace) part = NULL;
      guint ids[MODEL_MAX_THREADS], n_ids = 0, first, second;
      MsTrimResult result;

      shape.dropped_percent = pick (random, 3) == 0 ? pick (random, 20) : 0;
      if (!case_init (&self, &shape, random) || self.model->times_ns->len < 2)
        continue;
      first = pick (random, self.model->times_ns->len);
      second = pick (random, self.model->times_ns->len);
      filter.from_ns = (gint64) g_array_index (self.model->times_ns, guint64, MIN (first, second));
      filter.to_ns =
          (gint64) g_array_index (self.model->times_ns, guint64, MAX (first, second)) + 1;
      range = ms_filter_with_range (NULL, filter.from_ns, filter.to_ns);
      if (pick (random, 2) == 0)
        {
          filter.threads = 0;
          for (guint i = 0; i < shape.n_threads; i++)
            if (pick (random, 2) == 0)
              {
                filter.threads |= 1U << i;
                ids[n_ids++] = i;
              }
          chosen = ms_filter_with_threads (range, ids, n_ids);
        }
      g_test_message ("seed %u", 100000 + seed);
      part = trim (&self, chosen != NULL ? chosen : range, &result);
      if (part == NULL)
        continue;
      check_part (part, &self, &filter);
      check_interactions (part, &self, &filter);
    }
}

/* --- by hand --------------------------------------------------------------------------------------- */

static const guint64 old_frames[] = { 0x401010, 0x402020 }, new_frames[] = { 0x501010, 0x402020 };

static void
build_two_threads (TraceFixture *self)
{
  TraceBuilder *b = self->builder;
  const guint8 id[] = { 0xab, 0xcd };
  guint32 old = trace_builder_add_stack (b, 0, old_frames, 2);
  guint32 new = trace_builder_add_stack (b, 0, new_frames, 2);

  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/home/jane/victim", id, 2);
  trace_builder_add_module (b, 0, 0x500000, 0x510000, 0x500000, "/home/jane/secret.so", NULL, 0);
  trace_builder_start (b, 0, 10, -1);
  trace_builder_name (b, 0, 20, "first", -1);
  trace_builder_start (b, 1, 100, 0);
  trace_builder_name (b, 1, 110, "second", -1);
  trace_builder_alloc (b, 0, 1000, 0x5000, 100, old);
  trace_builder_alloc (b, 1, 1100, 0x6000, 10, new);
  trace_builder_name (b, 0, 2000, "third", -1);
  trace_builder_free_block (b, 1, 3000, 0x5000);
  trace_builder_alloc (b, 0, 3100, 0x7000, 40, old);
  trace_builder_exit (b, 1, 4000, 7);
  trace_builder_map (b, 0, 4100, 4110, TRK_MAPPING_ANONYMOUS, 12, 0x70000, 0x9000, old);
  trace_builder_remap (b, 0, 4200, 4210, 0, 0x70000, 0x9000, 0x90000, 0xa000, old);
  trace_builder_map (b, 0, 4300, 4310, TRK_MAPPING_ANONYMOUS, 12 | TRK_MAPPING_REPLACES, 0x90000,
                     0x1000, old);
  trace_builder_free_block (b, 0, 5000, 0x7000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

static void
test_content (TraceFixture *self, gconstpointer data)
{
  g_autofree char *out = g_build_filename (self->folder, "part", NULL);
  const guint zero = 0;
  g_autoptr (MsFilter) range = ms_filter_with_range (NULL, 2500, 4500);
  g_autoptr (MsFilter) filter = ms_filter_with_threads (range, &zero, 1);
  MsTrimOptions options = { .filter = filter, .redact = TRUE };
  g_autoptr (MsTrace) trace = NULL, part = NULL;
  g_autoptr (GError) error = NULL;
  MsTrimResult result;
  gint64 from_ns, to_ns;
  MsThread *thread;
  guint n_names;

  build_two_threads (self);
  trace = trace_fixture_load (self);
  g_assert_true (ms_trace_trim (trace, &options, out, &result, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (result.n_prior_blocks, ==, 1);
  g_assert_cmpuint (result.n_prior_bytes, ==, 100);
  part = ms_trace_load (out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ms_trace_get_duration_ns (part), ==, 4500);
  g_assert_cmpuint (ms_trace_get_totals (part, MS_DOMAIN_HEAP)->peak_bytes, ==, 100);
  g_assert_cmpuint (ms_trace_get_totals (part, MS_DOMAIN_HEAP)->live_bytes, ==, 40);
  g_assert_cmpmem (ms_trace_get_totals (part, MS_DOMAIN_MAPPING), sizeof (MsTotals),
                   ms_trace_get_totals (trace, MS_DOMAIN_MAPPING), sizeof (MsTotals));
  g_assert_cmpuint (ms_trace_get_totals (part, MS_DOMAIN_MAPPING)->live_bytes, ==, 0xa000);
  g_assert_cmpuint (ms_trace_get_totals (part, MS_DOMAIN_MAPPING)->reallocations, ==, 1);

  /* Who freed one of its blocks is there, and not as one that was recorded. */
  g_assert_cmpuint (ms_trace_get_n_threads (part), ==, 2);
  thread = ms_trace_find_thread (part, 0);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, "third");
  ms_thread_get_names (thread, &n_names);
  g_assert_cmpuint (n_names, ==, 2);
  g_assert_cmpint (ms_thread_get_start_ns (thread), ==, 10);
  thread = ms_trace_find_thread (part, 1);
  g_assert_false (ms_thread_is_tracked (thread));
  g_assert_cmpint (ms_thread_get_end_ns (thread), ==, 4000);
  g_assert_cmpint (ms_thread_get_cpu_ns (thread), ==, 7);

  /* The other thread's stack and its module are not there; the paths are not what they were. */
  g_assert_cmpuint (ms_trace_get_n_stacks (part), ==, 1);
  g_assert_cmpuint (ms_trace_get_n_modules (part), ==, 1);
  g_assert_cmpstr (ms_trace_get_module (part, 0)->path, ==, "module-1");
  g_assert_cmpstr (ms_trace_get_module (part, 0)->build_id, ==, "abcd");
  g_assert_cmpstr (ms_trace_get_program (part), ==, "program");
  g_assert_cmpstr (ms_trace_get_arguments (part)[1], ==, "argument-1");
  g_assert_nonnull (trace_fixture_find_diagnostic (part, "part of a longer recording"));

  /* The process went on: nothing in it is known to be leaked. */
  g_assert_true (ms_trace_ends_early (part));
  g_assert_cmpint (ms_trace_get_exit_status (part), ==, -1);
  g_assert_true (ms_trace_is_part (part, &from_ns, &to_ns));
  g_assert_cmpint (from_ns, ==, 2500);
  g_assert_cmpint (to_ns, ==, 4500);
  g_assert_false (ms_trace_is_part (trace, NULL, NULL));
}

/* --- names ----------------------------------------------------------------------------------------- */

/* Without a resolver: what the trace brings along.  (transfer full) */
static char *
names_of_stack (MsTrace *trace, guint stack)
{
  g_autoptr (GArray) frames = ms_name_resolver_resolve_stack (NULL, trace, stack);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < frames->len; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);

      g_string_append_printf (text, "%s%s|%s:%u|%s\n", frame->inlined ? "^" : "",
                              frame->function != NULL ? frame->function : "?",
                              frame->file != NULL ? frame->file : "", frame->line, frame->module);
    }
  return g_string_free (text, FALSE);
}

static char *
trim_and_name (MsTrace *trace, const char *out, MsNameResolver *names, gboolean redact)
{
  MsTrimOptions options = { .names = names, .redact = redact, .replace = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) part = NULL;

  g_assert_true (ms_trace_trim (trace, &options, out, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  part = ms_trace_load (out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ms_trace_get_n_stacks (part), ==, 1);
  return names_of_stack (part, 0);
}

static void
test_names (TraceFixture *self, gconstpointer data)
{
  g_autofree char *out = g_build_filename (self->folder, "part", NULL);
  g_autofree char *again = g_build_filename (self->folder, "again", NULL);
  g_autoptr (NameTable) table = name_table_new ("/home/jane/victim", 0x400000);
  g_autofree char *unnamed = NULL, *named = NULL, *redacted = NULL, *second = NULL;
  g_autoptr (MsTrace) trace = NULL, part = NULL;
  guint32 stack;

  stack = name_table_add_stack (table, self->builder, 0,
                                "main@/home/jane/main.c:3 > ?16 > fast^slow@/home/jane/slow.c:7");
  name_table_add_module (table, self->builder);
  trace_builder_start (self->builder, 0, 10, -1);
  trace_builder_alloc (self->builder, 0, 1000, 0x5000, 100, stack);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);

  unnamed = trim_and_name (trace, out, NULL, FALSE);
  g_assert_cmpstr (unnamed, ==, "?|:0|victim\n?|:0|victim\n?|:0|victim\n");
  redacted = trim_and_name (trace, out, MS_NAME_RESOLVER (table), TRUE);
  g_assert_cmpstr (redacted, ==,
                   "^fast|:0|module-1\nslow|slow.c:7|module-1\n?|:0|module-1\n"
                   "main|main.c:3|module-1\n");
  named = trim_and_name (trace, out, MS_NAME_RESOLVER (table), FALSE);
  g_assert_cmpstr (named, ==,
                   "^fast|:0|victim\nslow|/home/jane/slow.c:7|victim\n?|:0|victim\n"
                   "main|/home/jane/main.c:3|victim\n");
  /* What has no name in a part is asked for as in any trace. */
  part = ms_trace_load (out, NULL, NULL, NULL, NULL);
  second = trim_and_name (part, again, NULL, FALSE);
  g_assert_cmpstr (second, ==, named);
}

static void
test_refused (TraceFixture *self, gconstpointer data)
{
  static const char *const others[] = { "other", ".hidden" };
  g_autofree char *out = g_build_filename (self->folder, "part", NULL);
  g_autofree char *manifest = g_build_filename (self->folder, "part", TRK_MANIFEST_FILE_NAME, NULL);
  g_autoptr (MsFilter) late = ms_filter_with_range (NULL, 1000000, MS_TIME_NONE);
  MsTrimOptions options = { 0 }, of_late = { .filter = late }, forced = { .replace = TRUE };
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;

  build_two_threads (self);
  trace = trace_fixture_load (self);
  g_assert_false (ms_trace_trim (trace, &of_late, out, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));

  g_assert_true (ms_trace_trim (trace, &options, out, NULL, NULL, NULL, NULL, NULL));
  g_assert_false (ms_trace_trim (trace, &options, out, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (ms_trace_trim (trace, &forced, out, NULL, NULL, NULL, NULL, NULL));
  /* What is not ours is not removed, and nothing else of it either. */
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *file = g_build_filename (self->folder, "part", others[i], NULL);

      g_assert_true (g_file_set_contents (file, "x", 1, NULL));
      g_assert_false (ms_trace_trim (trace, &forced, out, NULL, NULL, NULL, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
      g_clear_error (&error);
      g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
      g_assert_true (g_file_test (manifest, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_unlink (file), ==, 0);
    }
}

/* Blocks of another clock than the first's, whole by their checksums. */
static void
give_another_clock (TraceFixture *self, const char *file)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes, at = sizeof (TrkFileHeader);

  trace_fixture_read_file (self, file, &bytes, &n_bytes);
  while (at < n_bytes)
    {
      TrkBlockHeader header;

      memcpy (&header, bytes + at, sizeof header);
      header.clock = TRK_CLOCK_TSC;
      header.checksum = 0;
      header.checksum =
          trk_block_checksum (&header, bytes + at + sizeof header, header.payload_bytes);
      memcpy (bytes + at, &header, sizeof header);
      at += sizeof header + header.payload_bytes;
    }
  trace_fixture_write_file (self, file, bytes, (gssize) n_bytes);
}

/* What the loader leaves out is in no part either. */
static void
test_other_clock (TraceFixture *self, gconstpointer data)
{
  g_autofree char *out = g_build_filename (self->folder, "part", NULL);
  const MsTrimOptions options = { 0 };
  g_autoptr (MsTrace) trace = NULL, part = NULL;
  g_autoptr (GError) error = NULL;

  build_two_threads (self);
  give_another_clock (self, "memscope_thread_1-1001.bin");
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, ==, 2);
  ms_trace_trim (trace, &options, out, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  part = ms_trace_load (out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (ms_trace_get_totals (part, MS_DOMAIN_HEAP), sizeof (MsTotals),
                   ms_trace_get_totals (trace, MS_DOMAIN_HEAP), sizeof (MsTotals));
  g_assert_cmpuint (ms_trace_get_n_threads (part), ==, ms_trace_get_n_threads (trace));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trim/whole", test_whole);
  g_test_add_func ("/trim/parts", test_parts);
  g_test_add ("/trim/content", TraceFixture, NULL, trace_fixture_set_up, test_content,
              trace_fixture_tear_down);
  g_test_add ("/trim/names", TraceFixture, NULL, trace_fixture_set_up, test_names,
              trace_fixture_tear_down);
  g_test_add ("/trim/other-clock", TraceFixture, NULL, trace_fixture_set_up, test_other_clock,
              trace_fixture_tear_down);
  g_test_add ("/trim/refused", TraceFixture, NULL, trace_fixture_set_up, test_refused,
              trace_fixture_tear_down);
  return g_test_run ();
}
