/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tracker-properties.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ms-control-page.h"
#include "trk-process-identity.h"
#include "trk-task-stat.h"

#define MAX_COMMAND_CHARS 1000
#define MAX_WORDS 4096U
#define MAX_CMDLINE_BYTES 65536U

const char *
ms_tracker_state_name (gboolean is_recording)
{
  return is_recording ? "recording" : "dormant";
}

/* --- from the bus --------------------------------------------------------------------------------- */

/* D-Bus has checked that it is UTF-8. (transfer full) */
static char *
dup_text (GVariant *properties, const char *name, gsize most_chars)
{
  const char *text = "";

  g_variant_lookup (properties, name, "&s", &text);
  return g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), (glong) most_chars));
}

static char *
join_words (char **words)
{
  g_autofree char *joined = g_strjoinv (" ", words);
  g_autofree char *valid = g_utf8_make_valid (joined, -1);

  return g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), MAX_COMMAND_CHARS));
}

static char *
program_of (char **words)
{
  g_autofree char *base =
      g_path_get_basename (words != NULL && words[0] != NULL && *words[0] ? words[0] : "?");

  return g_utf8_make_valid (base, (gssize) strnlen (base, 256));
}

static void
take_configuration (MsTrackerProperties *self, GVariant *properties)
{
  g_autoptr (GVariant) configuration =
      g_variant_lookup_value (properties, "Configuration", G_VARIANT_TYPE_VARDICT);
  double rate;

  self->sampling_rate = 1;
  if (configuration == NULL)
    {
      self->rule = g_strdup ("");
      return;
    }
  self->rule = dup_text (configuration, "threads", MS_CONTROL_RULE_BYTES);
  if (g_variant_lookup (configuration, "sampling-rate", "d", &rate) && rate > 0 && rate <= 1)
    self->sampling_rate = rate;
  g_variant_lookup (configuration, "sample-interval-bytes", "t", &self->sample_interval_bytes);
  g_variant_lookup (configuration, "pending", "b", &self->is_pending);
}

static void
take_folder (MsTrackerProperties *self, GVariant *properties)
{
  const char *folder;

  if (g_variant_lookup (properties, "TraceDirectory", "^&ay", &folder)
      && g_path_is_absolute (folder) && access (folder, R_OK | X_OK) == 0)
    self->folder = g_strdup (folder);
}

MsTrackerProperties *
ms_tracker_properties_new (GVariant *reply, GError **error)
{
  MsTrackerProperties *self;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) threads = NULL;
  g_autofree char *version = NULL;
  g_auto (GStrv) words = NULL;

  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "what answers is no agent of Memscope's");
      return NULL;
    }
  properties = g_variant_get_child_value (reply, 0);
  threads = g_variant_lookup_value (properties, "Threads", G_VARIANT_TYPE ("a(uisb)"));
  version = dup_text (properties, "Version", 16);
  self = g_new0 (MsTrackerProperties, 1);
  self->is_known_version = g_str_equal (version, "1") || g_str_has_prefix (version, "1.");
  g_variant_lookup (properties, "Pid", "u", &self->pid);
  if (!g_variant_lookup (properties, "Command", "^as", &words) || g_strv_length (words) > MAX_WORDS)
    g_clear_pointer (&words, g_strfreev);
  self->program = program_of (words);
  self->command = words != NULL ? join_words (words) : g_strdup (self->program);
  self->state = dup_text (properties, "State", 16);
  g_variant_lookup (properties, "StartTime", "x", &self->start_wall_us);
  self->start_wall_us = MAX (self->start_wall_us, 0);
  self->n_threads = threads != NULL ? (guint) g_variant_n_children (threads) : 0;
  take_configuration (self, properties);
  take_folder (self, properties);
  return self;
}

gboolean
ms_tracker_folders_differ (const char *a, const char *b)
{
  struct stat one, other;

  return a != NULL && b != NULL && stat (a, &one) == 0 && stat (b, &other) == 0
         && (one.st_dev != other.st_dev || one.st_ino != other.st_ino);
}

/* --- from the process ----------------------------------------------------------------------------- */

char **
ms_tracker_dup_command (gint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *text = g_malloc (MAX_CMDLINE_BYTES);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n_bytes = fd >= 0 ? read (fd, text, MAX_CMDLINE_BYTES) : -1;

  if (fd >= 0)
    close (fd);
  for (gssize at = 0; at < n_bytes && words->len < MAX_WORDS;)
    {
      gssize length = (gssize) strnlen (text + at, (gsize) (n_bytes - at));

      g_ptr_array_add (words, g_utf8_make_valid (text + at, length));
      at += length + 1;
    }
  if (words->len == 0)
    return NULL;
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_steal (words, NULL);
}

gint64
ms_tracker_start_wall_us (guint64 start_ticks)
{
  struct timespec since_boot;
  gint64 age_us;

  clock_gettime (CLOCK_BOOTTIME, &since_boot);
  age_us = (gint64) since_boot.tv_sec * G_USEC_PER_SEC + since_boot.tv_nsec / 1000
           - (gint64) (start_ticks * G_USEC_PER_SEC / (guint64) sysconf (_SC_CLK_TCK));
  return g_get_real_time () - age_us;
}

static guint
count_threads (gint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  gsize n_bytes;
  TrkTaskStat stat;

  if (!g_file_get_contents (path, &text, &n_bytes, NULL)
      || trk_task_stat_parse ((TrkTextSpan) { text, text + n_bytes }, &stat) != TRK_REASON_NONE)
    return 0;
  return (guint) stat.n_threads;
}

MsTrackerProperties *
ms_tracker_properties_read (gint pid, guint64 start_ticks, const char *folder)
{
  MsTrackerProperties *self;
  g_auto (GStrv) words = NULL;
  MsControl control = { .is_on = TRUE, .sampling_rate = 1 };

  if (!trk_process_is_alive (pid, start_ticks))
    return NULL;
  words = ms_tracker_dup_command (pid);
  self = g_new0 (MsTrackerProperties, 1);
  self->is_known_version = TRUE;
  self->pid = (guint) pid;
  self->program = program_of (words);
  self->command = words != NULL ? join_words (words) : g_strdup (self->program);
  self->folder = g_strdup (folder);
  self->start_wall_us = ms_tracker_start_wall_us (start_ticks);
  self->n_threads = count_threads (pid);
  if (!ms_control_read (folder, &control, NULL))
    control.rule[0] = '\0';
  self->state = g_strdup (ms_tracker_state_name (control.is_on));
  self->rule = g_strdup (control.rule);
  self->sampling_rate = control.sampling_rate;
  self->sample_interval_bytes = control.sample_interval_bytes;
  self->is_pending = control.is_pending;
  return self;
}

void
ms_tracker_properties_free (MsTrackerProperties *self)
{
  g_free (self->program);
  g_free (self->command);
  g_free (self->state);
  g_free (self->folder);
  g_free (self->rule);
  g_free (self);
}
