/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-control.h"

#include <string.h>

#include "trk-format.h"
#include "trk-process.h"
#include "trk-region-map.h"
#include "trk-stream.h"
#include "trk-symbol-lookup.h"
#include "trk-system.h"

#define CHOICES 16U
#define CERTAIN_Q32 ((uint64_t) 1 << 32)
/* Of a sampling interval: beyond it nothing would ever be kept. */
#define MAX_INTERVAL_BYTES ((uint64_t) 1 << 50)

TrkControl trk_control;

static_assert (offsetof (TrkControlPage, generation) == 4 * TRK_CONTROL_GENERATION_WORD,
               "trk_control_has_news() reads the generation");

static TrkChoice choices[CHOICES];
static _Atomic int32_t changing; /* the pid of who does */

static TrkControlPage *
get_page (void)
{
  return (TrkControlPage *) (void *) &trk_gate[TRK_GATE_PAGE_WORDS];
}

static void
set_seen (uint32_t generation)
{
  __atomic_store_n (&trk_gate[TRK_GATE_SEEN_WORD], generation, __ATOMIC_RELAXED);
}

/* --- one at a time ------------------------------------------------------------------------------- */

typedef struct {
  uint64_t signals;
} Change;

/* A child that was forked while another thread changed something has nobody to wait for. */
static bool
begin_change (Change *self)
{
  int32_t holder = atomic_load (&changing), pid = trk_system_get_pid ();

  self->signals = trk_system_block_signals ();
  if (holder != pid && pid == trk_process.pid
      && atomic_compare_exchange_strong (&changing, &holder, pid))
    return true;
  trk_system_restore_signals (self->signals);
  return false;
}

static void
end_change (const Change *self)
{
  atomic_store (&changing, 0);
  trk_system_restore_signals (self->signals);
}

/* --- choices ------------------------------------------------------------------------------------- */

/* @next is in force from the next look at the gate on. */
static void
put_in_force (TrkChoice *next)
{
  bool tracks = next->is_on && !trk_rule_is_none (&next->rule);

  /* Only while there can be no tracked block that it would not know. */
  if (tracks && !trk_control.ever_tracked && trk_process.config.preload
      && !trk_rule_is_all (&next->rule))
    trk_region_map_init ();
  trk_control.ever_tracked |= tracks;
  memcpy (trk_process.config.thread_rule, next->text, sizeof next->text);
  atomic_store (&trk_control.choice, next);
}

static const char *
parse (TrkChoice *next, const char *text, bool is_on, bool must_be_found)
{
  const char *error = trk_rule_parse (&next->rule, text, trk_symbol_lookup);

  if (error)
    return error;
  if (trk_rule_get_missing (&next->rule))
    {
      if (must_be_found)
        return "start: there is no function of this name";
      trk_process_debug ("start: there is no function of this name, so it selects no thread");
    }
  memcpy (next->text, text, strlen (text) + 1);
  next->is_on = is_on;
  return NULL;
}

const char *
trk_control_begin (void)
{
  const char *error;

  if (atomic_load (&trk_control.choice))
    {
      /* The child's manifest has the rule, but not whether it is on. */
      atomic_store (&changing, 0);
      if (atomic_load (&trk_control.number) > 0)
        atomic_store (&trk_control.told, atomic_load (&trk_control.number) - 1);
      return NULL;
    }
  error = parse (&choices[0], trk_process.config.thread_rule, !trk_process.config.dormant, false);
  if (error)
    return error;
  trk_control.is_sampling =
      trk_process.config.sampling_rate < 1 || trk_process.config.sample_interval_bytes > 0;
  trk_control.was_exact = !trk_control.is_sampling;
  put_in_force (&choices[0]);
  return NULL;
}

void
trk_control_reset (void)
{
  atomic_store (&trk_control.choice, NULL);
  atomic_store (&trk_control.number, 0);
  atomic_store (&trk_control.told, 0);
  trk_control.ever_tracked = trk_control.is_sampling = trk_control.was_exact = false;
}

static const char *
change_rule (const char *text, bool is_on)
{
  uint32_t number = atomic_load (&trk_control.number) + 1;
  const TrkChoice *now = atomic_load (&trk_control.choice);
  TrkChoice *next = &choices[number % CHOICES];
  const char *error;

  if (now->is_on == is_on && strcmp (now->text, text) == 0)
    return NULL;
  if ((error = parse (next, text, is_on, true)))
    return error;
  put_in_force (next);
  atomic_store (&trk_control.number, number);
  return NULL;
}

bool
trk_control_tracks (uint32_t id, int32_t tid, const char *name, uint64_t start_routine)
{
  const TrkChoice *choice = atomic_load (&trk_control.choice);

  return trk_process.config.preload && choice && choice->is_on
         && trk_rule_matches (&choice->rule, id, tid, name, start_routine);
}

bool
trk_control_tracks_all (void)
{
  const TrkChoice *choice = atomic_load (&trk_control.choice);

  return choice && choice->is_on && trk_rule_is_all (&choice->rule);
}

/* --- the page ------------------------------------------------------------------------------------ */

/* Page to be, in a file that nobody else has yet. */
static void
fill_page (TrkControlPage *page)
{
  const TrkChoice *choice = atomic_load (&trk_control.choice);
  TrkFileHeader *header = &page->header;

  memcpy (header->magic, TRK_FILE_MAGIC, sizeof header->magic);
  header->version_major = TRK_VERSION_MAJOR;
  header->version_minor = TRK_VERSION_MINOR;
  header->header_size = TRK_CONTROL_BYTES;
  header->kind = TRK_FILE_CONTROL;
  memcpy (header->trace_id, trk_process.trace_id, sizeof header->trace_id);
  page->generation = page->seen_generation = 2;
  page->flags = choice->is_on ? 0 : TRK_CONTROL_OFF;
  page->rate_q32 = (uint64_t) (trk_process.config.sampling_rate * 4294967296.0 + 0.5);
  page->interval_bytes = trk_process.config.sample_interval_bytes;
  page->rule_bytes = (uint32_t) strlen (choice->text);
  memcpy (page->rule, choice->text, page->rule_bytes);
}

void
trk_control_create_page (void)
{
  static char path[TRK_PATH_BYTES]; /* one thread starts a process */
  int fd;

  trk_process_get_file (TRK_CONTROL_FILE_NAME, path);
  fd = trk_system_create (path, 0600); /* nobody else may command us, or truncate what is mapped */
  if (fd < 0)
    return;
  if (trk_system_allocate (fd, 0, TRK_CONTROL_BYTES) == 0
      && trk_system_map_file (fd, 0, TRK_CONTROL_BYTES, get_page ()))
    {
      fill_page (get_page ());
      set_seen (2);
    }
  else
    {
      trk_system_unlink (path);
    }
  trk_system_close (fd);
}

void
trk_control_drop_page (void)
{
  if (get_page ()->generation != 0)
    (void) trk_system_map_anonymous_at (get_page (), TRK_CONTROL_BYTES);
  set_seen (0);
}

static bool
is_sampling (const TrkControlPage *wanted)
{
  return wanted->rate_q32 > 0 && wanted->rate_q32 <= CERTAIN_Q32
         && wanted->interval_bytes <= MAX_INTERVAL_BYTES
         && (wanted->rate_q32 == CERTAIN_Q32 || wanted->interval_bytes == 0);
}

/* Returns whether it is another than before. */
static bool
change_sampling (const TrkControlPage *wanted)
{
  TrkConfig *config = &trk_process.config;

  if ((uint64_t) (config->sampling_rate * 4294967296.0 + 0.5) == wanted->rate_q32
      && config->sample_interval_bytes == wanted->interval_bytes)
    return false;
  config->sampling_rate = (double) wanted->rate_q32 / 4294967296.0;
  config->sample_interval_bytes = wanted->interval_bytes;
  trk_control.is_sampling = true;
  return true;
}

/* All of it or nothing. */
static TrkControlResult
apply (const TrkControlPage *wanted)
{
  uint32_t number = atomic_load (&trk_control.number);

  if (!is_sampling (wanted))
    return TRK_CONTROL_BAD_SAMPLING;
  if (wanted->rule_bytes >= TRK_CONTROL_RULE_BYTES
      || change_rule (wanted->rule, !(wanted->flags & TRK_CONTROL_OFF)))
    return TRK_CONTROL_BAD_RULE;
  if (change_sampling (wanted) || number != atomic_load (&trk_control.number))
    trk_process_change_gate ();
  return TRK_CONTROL_APPLIED;
}

static void
read_page (void)
{
  static TrkControlPage wanted; /* a copy: what is checked does not change any more */
  TrkControlPage *page = get_page ();
  uint32_t generation = __atomic_load_n (&page->generation, __ATOMIC_ACQUIRE);

  if (generation & 1)
    {
      set_seen (generation); /* news when it is written */
      return;
    }
  memcpy (&wanted, page, sizeof wanted);
  __atomic_thread_fence (__ATOMIC_ACQUIRE);
  if (__atomic_load_n (&page->generation, __ATOMIC_RELAXED) != generation)
    return;
  if (wanted.rule_bytes < TRK_CONTROL_RULE_BYTES)
    wanted.rule[wanted.rule_bytes] = '\0';
  set_seen (generation);
  page->result = apply (&wanted);
  __atomic_store_n (&page->seen_generation, generation, __ATOMIC_RELEASE);
}

void
trk_control_look (void)
{
  Change change;

  if (trk_process.calls_forbidden || trk_thread_gate.gave_up == TRK_GAVE_UP_CALLS)
    {
      set_seen (get_page ()->generation); /* reading files may be no more */
      return;
    }
  /* Whoever is at it does it for all; the news stays news until then. */
  if (atomic_load (&trk_process.phase) != TRK_STATE_RECORDING || trk_gate_get () == 0
      || !begin_change (&change))
    return;
  if (trk_control_has_news ())
    read_page ();
  end_change (&change);
}

/* So that who reads the page sees what is in force.  Who writes it at this moment has the last word. */
static void
tell_page (const char *text)
{
  TrkControlPage *page = get_page ();
  uint32_t generation = trk_gate[TRK_GATE_SEEN_WORD];

  if (generation == 0 || generation & 1
      || !__atomic_compare_exchange_n (&page->generation, &generation, generation + 1, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return;
  page->rule_bytes = (uint32_t) strlen (text);
  memcpy (page->rule, text, page->rule_bytes + 1);
  page->result = TRK_CONTROL_APPLIED;
  page->seen_generation = generation + 2;
  set_seen (generation + 2);
  __atomic_store_n (&page->generation, generation + 2, __ATOMIC_RELEASE);
}

const char *
trk_control_set_rule (const char *text)
{
  const char *error;
  Change change;

  while (!begin_change (&change))
    trk_system_yield ();
  error = change_rule (text, atomic_load (&trk_control.choice)->is_on);
  if (!error)
    {
      tell_page (text);
      trk_process_change_gate ();
    }
  end_change (&change);
  return error;
}
