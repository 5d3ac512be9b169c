/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-record-options.h"

#include <string.h>

#include "ms-resource-sampler.h"
#include "ms-thread-rule.h"
#include "trk-format.h"

G_DEFINE_QUARK (ms - record - options - error - quark, ms_record_options_error)

typedef struct {
  const char *name;
  guint64 sample_interval_bytes;
  guint stack_depth;
  gboolean frequency;
} Preset;

/* The presets of <memscope/tracker.h>; all keep every allocation that the interval lets through. */
static const Preset presets[] = {
  { "default", 0, 32, TRUE },
  { "demo", 0, 10, TRUE },
  { "high_precision", 0, 128, TRUE },
  { "leak_detection", 0, 64, FALSE },
  { "performance_optimized", 524288, 16, FALSE },
};

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, MS_RECORD_OPTIONS_ERROR, 0, message);
  return FALSE;
}

static gboolean
check_rule (const char *rule, GError **error)
{
  g_autoptr (GError) why = NULL;

  return ms_thread_rule_check (rule, &why) || fail (error, "--threads: %s", why->message);
}

/* --- values ----------------------------------------------------------------------------------- */

static gboolean
parse_depth (MsRecordOptions *self, const char *value, GError **error)
{
  guint64 depth;

  if (!g_ascii_string_to_unsigned (value, 10, 0, TRK_MAX_STACK_DEPTH, &depth, NULL))
    return fail (error, "--stack-depth: \"%s\" is no whole number from 0 to %u", value,
                 TRK_MAX_STACK_DEPTH);
  self->stack_depth = (guint) depth;
  return TRUE;
}

static gboolean
parse_rate (MsRecordOptions *self, const char *value, GError **error)
{
  char *end;
  double rate = g_ascii_strtod (value, &end);

  /* Written so that NaN fails too. */
  if (end == value || *end || !(rate > 0 && rate <= 1))
    return fail (error, "--sampling-rate: \"%s\" is no number above 0 and at most 1", value);
  self->sampling_rate = rate;
  return TRUE;
}

static gboolean
parse_interval (MsRecordOptions *self, const char *value, GError **error)
{
  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &self->sample_interval_bytes, NULL))
    return fail (error,
                 "--sample-interval: \"%s\" is no whole number of bytes, written out without k "
                 "or M, as in 65536",
                 value);
  return TRUE;
}

static gboolean
parse_resources_rate (MsRecordOptions *self, const char *value, GError **error)
{
  guint64 rate;

  if (!g_ascii_string_to_unsigned (value, 10, 1, MS_MAX_RESOURCES_RATE, &rate, NULL))
    return fail (error, "--resources-rate: \"%s\" is no whole number from 1 to %u", value,
                 MS_MAX_RESOURCES_RATE);
  self->resources_rate = (guint) rate;
  return TRUE;
}

/* K, M and G are thousands, as everywhere; "4MB" is what screens say. */
static gboolean
parse_ring (MsRecordOptions *self, const char *value, GError **error)
{
  static const char letters[] = "KMG";
  gsize length = strlen (value) - (g_str_has_suffix (value, "B") ? 1 : 0);
  const char *letter = length > 0 ? strchr (letters, g_ascii_toupper (value[length - 1])) : NULL;
  g_autofree char *number = g_strndup (value, letter ? length - 1 : length);
  guint64 n_bytes, factor = 1;

  for (const char *p = letters; letter && p <= letter; p++)
    factor *= 1000;
  if (!g_ascii_string_to_unsigned (number, 10, 1, TRK_RING_MAX_BYTES, &n_bytes, NULL))
    return fail (error, "--ring: \"%s\" is no size in bytes, as in 1000000, 500K, 4M or 1G", value);
  if (n_bytes * factor < TRK_RING_MIN_BYTES || n_bytes * factor > TRK_RING_MAX_BYTES)
    return fail (
        error,
        "--ring: %s is not between %u bytes, which is what a thread needs, and 1G (K is 1000)",
        value, TRK_RING_MIN_BYTES);
  self->ring_bytes = (n_bytes * factor + TRK_EVENT_WINDOW_BYTES - 1) / TRK_EVENT_WINDOW_BYTES
                     * TRK_EVENT_WINDOW_BYTES;
  return TRUE;
}

static gboolean
apply_preset (MsRecordOptions *self, const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    if (strcmp (name, presets[i].name) == 0)
      {
        self->sampling_rate = 1;
        self->sample_interval_bytes = presets[i].sample_interval_bytes;
        self->stack_depth = presets[i].stack_depth;
        self->frequency = presets[i].frequency;
        return TRUE;
      }
  return fail (error,
               "--preset: \"%s\" is none of default, demo, high_precision, leak_detection, "
               "performance_optimized",
               name);
}

/* --- the command line ------------------------------------------------------------------------- */

typedef struct {
  const char *output, *threads, *depth, *rate, *interval, *preset, *resources_rate, *ring;
  gboolean debug, no_net, free_stacks, no_mappings, no_resources, resources_only, wait, help;
  gboolean dormant, open;
} RawOptions;

/* The value of option @name at *@position, as "--name VALUE" or "--name=VALUE"; NULL and no error if
 * the word is another option. */
static const char *
take_value (const char *const *arguments, guint *position, const char *name, GError **error)
{
  const char *word = arguments[*position];
  gsize length = strlen (name);

  if (!g_str_has_prefix (word, name))
    return NULL;
  if (word[length] == '=' && name[1] == '-')
    return word + length + 1;
  if (word[length] != '\0')
    return NULL;
  if (!arguments[*position + 1])
    {
      fail (error, "%s needs a value", name);
      return NULL;
    }
  return arguments[++*position];
}

static gboolean
take_option (RawOptions *raw, const char *const *arguments, guint *position, GError **error)
{
  const struct {
    const char *name;
    const char **value;
  } with_value[] = {
    { "-o", &raw->output },
    { "--output", &raw->output },
    { "--threads", &raw->threads },
    { "--stack-depth", &raw->depth },
    { "--sampling-rate", &raw->rate },
    { "--sample-interval", &raw->interval },
    { "--preset", &raw->preset },
    { "--resources-rate", &raw->resources_rate },
    { "--ring", &raw->ring },
  };
  const struct {
    const char *name;
    gboolean *value;
  } flags[] = {
    { "--free-stacks", &raw->free_stacks },
    { "--debug", &raw->debug },
    { "--dormant", &raw->dormant },
    { "--no-mappings", &raw->no_mappings },
    { "--no-net", &raw->no_net },
    { "--no-resources", &raw->no_resources },
    { "--open", &raw->open },
    { "--resources-only", &raw->resources_only },
    { "--wait", &raw->wait },
    { "--help", &raw->help },
    { "-h", &raw->help },
  };
  const char *word = arguments[*position];

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    if (strcmp (word, flags[i].name) == 0)
      {
        *flags[i].value = TRUE;
        return TRUE;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (with_value); i++)
    {
      g_autoptr (GError) local_error = NULL;
      const char *value = take_value (arguments, position, with_value[i].name, &local_error);

      if (local_error)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (value)
        {
          *with_value[i].value = value;
          return TRUE;
        }
    }
  return fail (error, "unknown option %s; see \"memscope record --help\"", word);
}

/* The hooks are in and rest, about 1 ns a call: so children are followed, and threads say when they begin and
 * end, what they are called and what they used last. */
static gboolean
apply_resources_only (MsRecordOptions *self, const RawOptions *raw, GError **error)
{
  const struct {
    const char *name;
    gboolean is_given;
  } others[] = {
    { "--threads", raw->threads != NULL },    { "--stack-depth", raw->depth != NULL },
    { "--sampling-rate", raw->rate != NULL }, { "--sample-interval", raw->interval != NULL },
    { "--preset", raw->preset != NULL },      { "--free-stacks", raw->free_stacks },
    { "--no-resources", raw->no_resources },  { "--dormant", raw->dormant },
    { "--ring", raw->ring != NULL },
  };

  if (!raw->resources_only)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i].is_given)
      return fail (error, "--resources-only and %s exclude each other; choose one", others[i].name);
  g_free (self->threads);
  self->threads = g_strdup ("none");
  self->mappings = self->frequency = FALSE;
  return TRUE;
}

static gboolean
apply_options (MsRecordOptions *self, const RawOptions *raw, GError **error)
{
  /* A preset first, so that single options refine it wherever they stand. */
  if (raw->preset && !apply_preset (self, raw->preset, error))
    return FALSE;
  if (raw->depth && !parse_depth (self, raw->depth, error))
    return FALSE;
  if (raw->rate && !parse_rate (self, raw->rate, error))
    return FALSE;
  if (raw->interval && !parse_interval (self, raw->interval, error))
    return FALSE;
  if (self->sampling_rate < 1 && self->sample_interval_bytes > 0)
    return fail (error,
                 "--sampling-rate below 1 and a sampling interval%s exclude each other; "
                 "choose one",
                 raw->interval ? "" : " (of the preset)");
  if (raw->no_resources && raw->resources_rate)
    return fail (error, "--no-resources and --resources-rate exclude each other; choose one");
  if (raw->resources_rate && !parse_resources_rate (self, raw->resources_rate, error))
    return FALSE;
  if (raw->no_resources)
    self->resources_rate = 0;
  if (raw->threads && !check_rule (raw->threads, error))
    return FALSE;
  if (raw->output && !*raw->output)
    return fail (error, "-o: the folder's name is empty");

  self->output = g_strdup (raw->output);
  self->threads = g_strdup (raw->threads ? raw->threads : "all");
  self->free_stacks = raw->free_stacks;
  if (raw->ring && !parse_ring (self, raw->ring, error))
    return FALSE;
  self->mappings = !raw->no_mappings && !raw->ring;
  self->net = !raw->no_net;
  self->debug = raw->debug;
  self->wait = raw->wait;
  self->dormant = raw->dormant;
  self->open = raw->open;
  return apply_resources_only (self, raw, error);
}

MsRecordOptions *
ms_record_options_parse (const char *const *arguments, GError **error)
{
  g_autoptr (MsRecordOptions) self = g_new0 (MsRecordOptions, 1);
  RawOptions raw = { 0 };
  guint i;

  apply_preset (self, "default", NULL);
  self->resources_rate = MS_DEFAULT_RESOURCES_RATE;
  for (i = 0; arguments[i] && arguments[i][0] == '-' && arguments[i][1]; i++)
    {
      if (strcmp (arguments[i], "--") == 0)
        {
          i++;
          break;
        }
      if (!take_option (&raw, arguments, &i, error))
        return NULL;
    }
  if (raw.help)
    {
      self->help = TRUE;
      return g_steal_pointer (&self);
    }
  if (!apply_options (self, &raw, error))
    return NULL;
  if (!arguments[i] || !*arguments[i])
    {
      fail (error, "no program to record; as in: memscope record -- PROGRAM ARGUMENTS");
      return NULL;
    }
  self->command = g_strdupv ((char **) arguments + i);
  return g_steal_pointer (&self);
}

void
ms_record_options_free (MsRecordOptions *self)
{
  g_free (self->output);
  g_free (self->threads);
  g_strfreev (self->command);
  g_free (self);
}

void
ms_record_options_print_help (void)
{
  g_print (
      "Usage:\n"
      "  memscope record [OPTION…] [--] PROGRAM [ARGUMENT…]\n"
      "\n"
      "Runs PROGRAM and records the memory use of its threads, and of the programs that it "
      "starts.\n"
      "Its input, output, signals and exit status are its own.\n"
      "\n"
      "Options:\n"
      "  -o, --output DIR          where to write; must be empty or not be there yet\n"
      "                            (./memscope-PROGRAM-YYYYMMDD-HHMMSS)\n"
      "  --threads RULE            which threads are recorded: all (the default), none, main,\n"
      "                            even, odd, every:N (by order of creation, main is 0), tid:N,\n"
      "                            start:FUNCTION (that begin in it; a static one too, unless the\n"
      "                            program is stripped), a name with * and ?, or a list of these\n"
      "                            with commas.  Frees by other threads are seen all the same\n"
      "  --stack-depth N           frames kept of each call stack, 0 to 256 (32)\n"
      "  --sampling-rate F         keep each allocation with this probability, up to 1 (1)\n"
      "  --sample-interval BYTES   keep one allocation in so many bytes on average (0: every one)\n"
      "  --preset NAME             default, demo, high_precision, leak_detection or\n"
      "                            performance_optimized; other options refine it\n"
      "  --ring SIZE               flight recorder: write no events to files, keep only the last\n"
      "                            SIZE bytes of each thread (500K, 4M, 1G; at least 32768).  "
      "When\n"
      "                            PROGRAM ends, or at \"memscope snapshot\", they are a recording "
      "of\n"
      "                            what happened last.  Counts of allocations stay exact; live,\n"
      "                            leaked and peak bytes are not available, mappings not "
      "recorded.\n"
      "                            In all at most (threads at once + 8) x SIZE, and 1 GB a "
      "process\n"
      "  --free-stacks             keep the call stacks of frees too\n"
      "  --no-mappings             leave out mmap and its family and threads' stacks\n"
      "  --resources-rate HZ       sample processor time, memory and I/O of threads, processes "
      "and\n"
      "                            machine so many times a second, 1 to 100 (10)\n"
      "  --no-resources            do not sample them\n"
      "  --resources-only          sample them, and record no allocations and no mappings\n"
      "  --no-net                  do not count the bytes that each thread moves over sockets\n"
      "  --dormant                 record nothing until somebody asks for it: memscope change "
      "--start,\n"
      "                            or memscope-gui attached to the program\n"
      "  --open                    look at it in the desktop application from its start on\n"
      "  --debug                   say what each collector found and why each thread is tracked "
      "or\n"
      "                            not, on stderr\n"
      "  --wait                    wait for all processes that PROGRAM leaves behind\n"
      "\n"
      "Exit status: that of PROGRAM; if a signal killed it, memscope dies by the same one.  If it\n"
      "could not be run: 1, or 2 for wrong usage, and nothing was recorded.\n");
}
