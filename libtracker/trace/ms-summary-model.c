/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary-model.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-sampled-threads.h"
#include "ms-summary-coder.h"
#include "ms-summary-figures.h"
#include "ms-summary-file.h"
#include "trk-checksum.h"

/* More than the loader makes; a series' bins are looked at for every picture. */
#define MAX_BINS 65536

/* Legitimate files take up to 20 times their size in memory. */
#define MEMORY_FACTOR 64
#define MEMORY_BYTES ((guint64) 64 << 20)

typedef enum { SECTION_PROCESS = 1, SECTION_STACKS, SECTION_THREADS, SECTION_DOMAINS } SectionType;

typedef void (*CodeFunc) (MsSummaryCoder *coder, MsTrace *trace);

static void
require (MsSummaryCoder *c, gboolean condition)
{
  if (!condition)
    ms_summary_coder_fail (c);
}

/* --- process ------------------------------------------------------------------------------------ */

static void
add_word (GByteArray *bytes, guint64 word)
{
  guint64 little = GUINT64_TO_LE (word);

  g_byte_array_append (bytes, (const guint8 *) &little, sizeof little);
}

/* Of what numbers of stacks and addresses in them mean. */
static guint64
checksum_of_tables (const MsTrace *trace)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const GArray *stacks = trace->stack_table.stacks, *frames = trace->stack_table.frames;
  const GPtrArray *modules = trace->module_table.modules;

  add_word (bytes, trk_checksum (frames->data, frames->len * sizeof (guint64)));
  for (guint i = 0; i < stacks->len; i++)
    {
      const MsStack *stack = &g_array_index (stacks, MsStack, i);

      add_word (bytes, (guint64) stack->depth << 32 | stack->generation);
      add_word (bytes, (guint64) stack->id << 1 | stack->truncated);
    }
  for (guint i = 0; i < modules->len; i++)
    {
      const MsModule *module = g_ptr_array_index (modules, i);

      add_word (bytes, module->start);
      add_word (bytes, module->end);
      add_word (bytes, module->bias);
      add_word (bytes, g_array_index (trace->module_table.generations, guint32, i));
      g_byte_array_append (bytes, (const guint8 *) module->path, (guint) strlen (module->path) + 1);
      if (module->build_id)
        g_byte_array_append (bytes, (const guint8 *) module->build_id,
                             (guint) strlen (module->build_id) + 1);
    }
  return trk_checksum (bytes->data, bytes->len);
}

/* What the manifest and the tables say now must be what it was when the figures were computed. */
static void
code_conditions (MsSummaryCoder *c, MsTrace *trace)
{
  guint64 tables = checksum_of_tables (trace), tables_now = tables;
  guint state = trace->state;
  gint exit_status = trace->exit_status;
  gboolean pool_is_gone = trace->pool_is_gone;

  ms_summary_code_number (c, &tables);
  ms_summary_code_uint (c, &state);
  ms_summary_code_int (c, &exit_status);
  ms_summary_code_boolean (c, &pool_is_gone);
  require (c, tables == tables_now && state == trace->state && exit_status == trace->exit_status
                  && pool_is_gone == trace->pool_is_gone);
}

static void
code_losses (MsSummaryCoder *c, MsTrace *trace)
{
  guint n = trace->losses->len;

  ms_summary_code_count (c, &n, sizeof (MsLoss));
  for (guint i = 0; i < n && !c->failed; i++)
    {
      MsLoss loss = { 0 };

      if (!ms_summary_coder_reads (c))
        loss = g_array_index (trace->losses, MsLoss, i);
      ms_summary_code_text (c, &loss.reason, FALSE);
      ms_summary_code_number (c, &loss.n_events);
      if (ms_summary_coder_reads (c))
        g_array_append_val (trace->losses, loss);
    }
}

static void
code_diagnostics (MsSummaryCoder *c, MsTrace *trace)
{
  guint n = trace->diagnostics->len;

  ms_summary_code_count (c, &n, sizeof (MsDiagnostic));
  require (c, n <= MS_MAX_DIAGNOSTICS + 1);
  for (guint i = 0; i < n && !c->failed; i++)
    {
      MsDiagnostic diagnostic = { 0 };
      guint level;

      if (!ms_summary_coder_reads (c))
        diagnostic = *(const MsDiagnostic *) g_ptr_array_index (trace->diagnostics, i);
      level = diagnostic.level;
      ms_summary_code_uint (c, &level);
      ms_summary_code_text (c, &diagnostic.file, TRUE);
      ms_summary_code_number (c, &diagnostic.offset);
      ms_summary_code_text (c, &diagnostic.message, FALSE);
      require (c, level <= MS_DIAGNOSTIC_DAMAGE);
      diagnostic.level = level;
      if (ms_summary_coder_reads (c))
        g_ptr_array_add (trace->diagnostics, g_memdup2 (&diagnostic, sizeof diagnostic));
    }
}

static void
code_process (MsSummaryCoder *c, MsTrace *trace)
{
  guint main_domain = trace->main_domain, domains = 0;

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    domains |= trace->domains[d] != NULL ? 1U << d : 0;
  code_conditions (c, trace);
  ms_summary_code_time (c, &trace->duration_ns);
  ms_summary_code_number (c, &trace->n_events);
  ms_summary_code_number (c, &trace->dropped_events);
  ms_summary_code_boolean (c, &trace->sampled);
  ms_summary_code_uint (c, &trace->n_bins);
  ms_summary_code_uint (c, &main_domain);
  ms_summary_code_uint (c, &domains);
  require (c, trace->n_bins > 0 && trace->n_bins <= MAX_BINS && main_domain < MS_N_DOMAINS
                  && domains < 1U << MS_N_DOMAINS && trace->duration_ns >= 0);
  trace->main_domain = main_domain;
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (ms_summary_coder_reads (c) && (domains >> d & 1))
      {
        trace->domains[d] = g_new0 (MsTraceDomain, 1);
        trace->domains[d]->interactions = g_array_new (FALSE, FALSE, sizeof (MsInteraction));
        trace->domains[d]->growth = g_array_new (FALSE, FALSE, sizeof (MsGrowthChains));
      }
  ms_summary_code_mappings (c, trace->mappings);
  code_losses (c, trace);
  code_diagnostics (c, trace);
}

/* --- stacks ------------------------------------------------------------------------------------- */

static void
code_stacks (MsSummaryCoder *c, MsTrace *trace)
{
  gboolean has_kinds = trace->stack_mapping_kinds != NULL;
  guint32 next = 0;

  ms_summary_code_count (c, &trace->n_stacks, sizeof (guint32));
  if (ms_summary_coder_reads (c))
    trace->stacks = ms_summary_coder_alloc (c, trace->n_stacks, sizeof (guint32));
  for (guint i = 0; i < trace->n_stacks && !c->failed; i++)
    {
      guint step = trace->stacks[i] - next;

      ms_summary_code_uint (c, &step);
      require (c,
               step < trace->stack_table.stacks->len - MIN (next, trace->stack_table.stacks->len));
      trace->stacks[i] = c->failed ? 0 : next + step;
      next = trace->stacks[i] + 1;
    }
  ms_summary_code_boolean (c, &has_kinds);
  if (!has_kinds || c->failed)
    return;
  if (ms_summary_coder_reads (c))
    trace->stack_mapping_kinds = ms_summary_coder_alloc (c, trace->n_stacks, 1);
  for (guint i = 0; i < trace->n_stacks && !c->failed; i++)
    {
      guint kinds = trace->stack_mapping_kinds[i];

      ms_summary_code_uint (c, &kinds);
      require (c, kinds < 1U << MS_N_MAPPING_KINDS);
      trace->stack_mapping_kinds[i] = c->failed ? 0 : (guint8) kinds;
    }
}

/* --- threads ------------------------------------------------------------------------------------ */

static void
clear_name_span (gpointer data)
{
  g_free (((MsNameSpan *) data)->name);
}

static void
code_names (MsSummaryCoder *c, MsThread *thread)
{
  guint n = thread->names ? thread->names->len : 0;

  ms_summary_code_count (c, &n, sizeof (MsNameSpan));
  if (ms_summary_coder_reads (c))
    {
      thread->names = g_array_new (FALSE, FALSE, sizeof (MsNameSpan));
      g_array_set_clear_func (thread->names, clear_name_span);
    }
  for (guint i = 0; i < n && !c->failed; i++)
    {
      MsNameSpan span = { 0 };

      if (!ms_summary_coder_reads (c))
        span = g_array_index (thread->names, MsNameSpan, i);
      ms_summary_code_time (c, &span.start_ns);
      ms_summary_code_text (c, &span.name, FALSE);
      if (ms_summary_coder_reads (c))
        g_array_append_val (thread->names, span);
    }
}

/* Only a name: it is joined to the folder's path. */
static gboolean
is_file_name (const char *name)
{
  return name == NULL || (g_str_has_prefix (name, "memscope_") && strchr (name, '/') == NULL);
}

static void
code_exit_figures (MsSummaryCoder *c, MsExitFigures *figures)
{
  ms_summary_code_uint (c, &figures->known);
  require (c, figures->known >> MS_N_EXIT_FIGURES == 0);
  for (guint i = 0; i < MS_N_EXIT_FIGURES; i++)
    if (figures->known >> i & 1)
      ms_summary_code_number (c, &figures->values[i]);
}

static void
code_thread_life (MsSummaryCoder *c, MsThread *thread)
{
  guint64 cpu = (guint64) (thread->cpu_ns + 1);

  ms_summary_code_int (c, &thread->tid);
  ms_summary_code_text (c, &thread->name, TRUE);
  code_names (c, thread);
  ms_summary_code_boolean (c, &thread->tracked);
  ms_summary_code_time (c, &thread->start_ns);
  ms_summary_code_time (c, &thread->end_ns);
  ms_summary_code_number (c, &cpu);
  thread->cpu_ns = (gint64) cpu - 1;
  code_exit_figures (c, &thread->exit_figures);
  ms_summary_code_boolean (c, &thread->has_parent);
  ms_summary_code_uint (c, &thread->parent_id);
  ms_summary_code_number (c, &thread->start_routine);
  ms_summary_code_text (c, &thread->event_file, TRUE);
  ms_summary_code_uint (c, &thread->n_event_blocks);
  ms_summary_code_number (c, &thread->event_digest);
  require (c,
           is_file_name (thread->event_file) && (thread->name != NULL || thread->names->len > 0));
}

static void
code_thread (MsSummaryCoder *c, MsTrace *trace, MsThread *thread)
{
  guint domains = 0;

  code_thread_life (c, thread);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    domains |= thread->domains[d] != NULL ? 1U << d : 0;
  ms_summary_code_uint (c, &domains);
  for (guint d = 0; d < MS_N_DOMAINS && !c->failed; d++)
    {
      if (!(domains >> d & 1))
        continue;
      require (c, trace->domains[d] != NULL);
      if (ms_summary_coder_reads (c))
        thread->domains[d] = ms_summary_coder_alloc (c, 1, sizeof (MsThreadDomain));
      if (!c->failed)
        ms_summary_code_thread_domain (c, thread->domains[d], trace);
    }
}

static void
code_threads (MsSummaryCoder *c, MsTrace *trace)
{
  guint n = ms_sampled_threads_count_others (trace);
  guint64 next = 0;

  ms_summary_code_count (c, &n, 2 * sizeof (MsThread));
  for (guint i = 0; i < n && !c->failed; i++)
    {
      MsThread *thread;
      guint64 id;

      if (ms_summary_coder_reads (c))
        g_ptr_array_add (trace->threads, g_object_new (MS_TYPE_THREAD, NULL));
      thread = g_ptr_array_index (trace->threads, i);
      id = thread->id - next;
      ms_summary_code_number (c, &id);
      require (c, id <= G_MAXUINT32 && next + id <= G_MAXUINT32);
      thread->id = (guint) (next + id);
      next = (guint64) thread->id + 1;
      code_thread (c, trace, thread);
    }
}

/* --- domains ------------------------------------------------------------------------------------ */

static void
code_interactions (MsSummaryCoder *c, MsTrace *trace, GArray *interactions)
{
  guint n = interactions->len;

  ms_summary_code_count (c, &n, sizeof (MsInteraction));
  if (ms_summary_coder_reads (c))
    g_array_set_size (interactions, n);
  for (guint i = 0; i < n; i++)
    {
      MsInteraction *interaction = &g_array_index (interactions, MsInteraction, i);

      if (ms_summary_coder_reads (c))
        memset (interaction, 0, sizeof *interaction);
      ms_summary_code_interaction (c, interaction, trace->sampled);
      /* Who reads them looks the threads up. */
      if (ms_summary_coder_reads (c))
        require (c, ms_trace_find_thread (trace, interaction->alloc_thread) != NULL
                        && ms_trace_find_thread (trace, interaction->free_thread) != NULL);
    }
}

static void
code_growth (MsSummaryCoder *c, MsTrace *trace, GArray *growth)
{
  guint n = growth->len;

  ms_summary_code_count (c, &n, sizeof (MsGrowthChains));
  if (ms_summary_coder_reads (c))
    g_array_set_size (growth, n);
  for (guint i = 0; i < n; i++)
    {
      MsGrowthChains *chains = &g_array_index (growth, MsGrowthChains, i);

      if (ms_summary_coder_reads (c))
        memset (chains, 0, sizeof *chains);
      ms_summary_code_growth (c, chains);
      require (c, chains->stack < trace->n_stacks);
    }
}

static void
code_domains (MsSummaryCoder *c, MsTrace *trace)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      MsTraceDomain *domain = trace->domains[d];

      if (domain == NULL || c->failed)
        continue;
      ms_summary_code_totals (c, &domain->totals, trace->sampled);
      ms_summary_code_series (c, &domain->series, trace->n_bins);
      ms_summary_code_histograms (c, domain->size_bins, domain->lifetime_bins, &domain->bin_errors,
                                  trace->sampled);
      if (ms_summary_coder_reads (c))
        domain->stack_totals = ms_summary_coder_alloc (c, trace->n_stacks, sizeof (MsTotals));
      for (guint i = 0; i < trace->n_stacks && !c->failed; i++)
        {
          ms_summary_code_totals (c, &domain->stack_totals[i], trace->sampled);
          if (ms_summary_coder_reads (c))
            domain->n_leaking_stacks += domain->stack_totals[i].leaked_bytes > 0;
        }
      code_interactions (c, trace, domain->interactions);
      code_growth (c, trace, domain->growth);
    }
}

/* --- whole -------------------------------------------------------------------------------------- */

/* In the order in which one needs what the others say. */
static const struct {
  SectionType type;
  CodeFunc code;
} sections[] = {
  { SECTION_PROCESS, code_process },
  { SECTION_STACKS, code_stacks },
  { SECTION_THREADS, code_threads },
  { SECTION_DOMAINS, code_domains },
};

GByteArray *
ms_summary_model_encode (MsTrace *trace, const MsFolderDigest *inputs, const MsFolderDigest *stamp)
{
  GByteArray *file = ms_summary_file_begin (trace->trace_id, inputs, stamp);

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      g_autoptr (GByteArray) payload = g_byte_array_new ();
      MsSummaryCoder coder = { .out = payload };

      sections[i].code (&coder, trace);
      ms_summary_file_append (file, sections[i].type, payload);
    }
  ms_summary_file_end (file);
  return file;
}

gboolean
ms_summary_model_decode (MsTrace *trace, const guint8 *bytes, gsize n_bytes)
{
  MsSummaryCoder coder = { .budget = MEMORY_BYTES + n_bytes * MEMORY_FACTOR };

  g_return_val_if_fail (trace->threads->len == 0 && trace->n_stacks == 0, FALSE);
  g_ptr_array_set_size (trace->diagnostics, 0); /* of reading again what they were found in */
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      gsize n_payload;

      coder.p = ms_summary_file_find (bytes, n_bytes, sections[i].type, &n_payload);
      if (coder.p == NULL)
        return FALSE;
      coder.end = coder.p + n_payload;
      sections[i].code (&coder, trace);
      if (coder.failed || coder.p != coder.end)
        return FALSE;
    }
  return TRUE;
}
