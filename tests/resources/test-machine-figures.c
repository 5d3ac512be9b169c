/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the collectors say of a machine: of trees that the test makes, and of the one it runs on. */
#include <string.h>
#include <unistd.h>

#include "resource-tree.h"
#include "trk-disks.h"
#include "trk-interfaces.h"
#include "trk-machine-memory.h"
#include "trk-pressure.h"
#include "trk-processors.h"
#include "trk-rate.h"
#include "trk-sensors.h"

static void
test_numbers (void)
{
  TrkTextSpan text = text_span (" 18446744073709551615\t18446744073709551616 x");
  guint64 value = 1;
  gint64 number;

  g_assert_true (trk_text_number (&text, &value));
  g_assert_cmpuint (value, ==, G_MAXUINT64);
  g_assert_false (trk_text_number (&text, &value)); /* 2^64 */
  text = text_span ("12");                          /* may have been cut */
  g_assert_false (trk_text_number (&text, &value));
  text = text_span ("");
  g_assert_false (trk_text_number (&text, &value));
  text = text_span ("-40500\n");
  g_assert_true (trk_text_signed (&text, &number));
  g_assert_cmpint (number, ==, -40500);
  text = text_span ("7.5 0.049 3 4.");
  g_assert_true (trk_text_hundredths (&text, &value));
  g_assert_cmpuint (value, ==, 750);
  g_assert_true (trk_text_hundredths (&text, &value));
  g_assert_cmpuint (value, ==, 4);
  g_assert_true (trk_text_hundredths (&text, &value));
  g_assert_cmpuint (value, ==, 300);
  g_assert_false (trk_text_hundredths (&text, &value));
}

static void
test_keys (void)
{
  guint64 a, b, c, d;
  const TrkTextKey keys[] = { { "A:", 1, &a },
                              { "B:", 1024, &b },
                              { "C:", 1024, &c },
                              { "D:", 1, &d } };

  /* Out of order, twice, too great for its unit, without its line's end. */
  g_assert_cmpuint (trk_text_keys (text_span (
                                       "C: 18446744073709551 kB\nB: 2 kB\nx\nB: 9 kB\nA: 5\nD: 6"),
                                   keys, 4),
                    ==, 2);
  g_assert_cmpuint (a, ==, 5);
  g_assert_cmpuint (b, ==, 2048);
  g_assert_cmpuint (c, ==, TRK_UNKNOWN);
  g_assert_cmpuint (d, ==, TRK_UNKNOWN);
}

static void
test_rate (void)
{
  TrkRate rate = { 0 };
  double x = -1;

  g_assert_cmpint (trk_rate_advance (&rate, 1000, 0, 50, &x), ==, TRK_REASON_NOT_YET);
  g_assert_cmpint (trk_rate_advance (&rate, 500001000, 0, 150, &x), ==, TRK_REASON_NONE);
  g_assert_cmpfloat (x, ==, 200.0);
  /* A gap costs two readings: the failed one, and the one that begins anew. */
  g_assert_cmpint (trk_rate_advance (&rate, 600001000, TRK_REASON_NOT_PERMITTED, 0, &x), ==,
                   TRK_REASON_NOT_PERMITTED);
  g_assert_cmpint (trk_rate_advance (&rate, 700001000, 0, 250, &x), ==, TRK_REASON_NOT_YET);
  g_assert_cmpint (trk_rate_advance (&rate, 800001000, 0, 249, &x), ==, TRK_REASON_BACKWARDS);
  g_assert_cmpint (trk_rate_advance (&rate, 800001000, 0, 259, &x), ==, TRK_REASON_NOT_YET);
  g_assert_cmpint (trk_rate_advance (&rate, 900001000, 0, TRK_UNKNOWN, &x), ==,
                   TRK_REASON_NOT_HERE);
  g_assert_cmpfloat (x, ==, 200.0);
}

static const char stat_before[] = "cpu  1000 0 500 8000 100 0 0 0 0 0\n"
                                  "cpu0 600 0 200 4000 50 0 0 0 0 0\n"
                                  "cpu2 400 0 300 4000 50 0 0 0 0 0\n"
                                  "intr 1 2 3\nctxt 700\nbtime 5\nprocesses 80\nprocs_blocked 2\n";
static const char stat_after[] = "cpu  1060 0 540 8090 100 0 0 10 0 0\n"
                                 "cpu0 660 0 240 3990 50 0 0 0 0 0\n"
                                 "cpu2 400 0 300 4100 50 0 0 10 0 0\n"
                                 "ctxt 900\n";

static void
test_processors (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree TrkProcessors *before = g_new0 (TrkProcessors, 1), *after = g_new0 (TrkProcessors, 1);
  TrkProcessorFiles files = { 0 };
  double percent;

  trk_processors_read (&tree->reader, &files, before);
  g_assert_cmpint (before->reason, ==, TRK_REASON_NOT_HERE);
  resource_tree_write (tree, "proc/stat", stat_before, -1);
  trk_processors_read (&tree->reader, &files, before);
  g_assert_cmpint (before->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (before->n_processors, ==, 2);
  g_assert_cmpuint (before->context_switches, ==, 700);
  g_assert_cmpuint (before->blocked_tasks, ==, 2);
  g_assert_cmpuint (trk_processors_find (before, 2)->system_ns, ==, 3000000000U);
  g_assert_null (trk_processors_find (before, 1));

  resource_tree_write (tree, "proc/stat", stat_after, -1);
  trk_processors_read (&tree->reader, &files, after);
  g_assert_cmpuint (after->blocked_tasks, ==, TRK_UNKNOWN);
  g_assert_cmpint (trk_processor_busy (&before->total, &after->total, &percent), ==,
                   TRK_REASON_NONE);
  g_assert_cmpfloat_with_epsilon (percent, 55.0, 1e-9); /* 110 of 200 ticks */
  g_assert_cmpint (trk_processor_busy (&before->processors[0], &after->processors[0], &percent), ==,
                   TRK_REASON_BACKWARDS);
  g_assert_cmpint (trk_processor_busy (&after->total, &after->total, &percent), ==,
                   TRK_REASON_NOT_YET);
  g_assert_cmpfloat_with_epsilon (percent, 55.0, 1e-9);

  /* Wherever it is cut: never a figure that the file did not say. */
  for (gsize n = 0; n < strlen (stat_before); n++)
    {
      trk_processors_parse ((TrkTextSpan) { stat_before, stat_before + n }, after);
      if (after->reason == TRK_REASON_NONE)
        for (guint i = 0; i < after->n_processors; i++)
          g_assert_cmpmem (&after->processors[i], sizeof *after->processors, &before->processors[i],
                           sizeof *after->processors);
      if (after->context_switches != TRK_UNKNOWN)
        g_assert_cmpuint (after->context_switches, ==, 700);
    }
  trk_processors_parse (text_span ("cpu  1 2 3 18446744073709551615\ncpu0 1 2 3 4\n"), after);
  g_assert_cmpint (after->reason, ==, TRK_REASON_MALFORMED);
  trk_processor_files_close (&files);
}

static void
test_load_and_memory (void)
{
  TrkLoad load;
  TrkMachineMemory memory;

  trk_load_parse (text_span ("1.44 2.35 24.79 4/119 1301\n"), &load);
  g_assert_cmpint (load.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (load.hundredths[2], ==, 2479);
  g_assert_cmpuint (load.running_tasks, ==, 4);
  g_assert_cmpuint (load.tasks, ==, 119);
  trk_load_parse (text_span ("1.44 2.35 24.79 4/11"), &load);
  g_assert_cmpint (load.reason, ==, TRK_REASON_MALFORMED);

  trk_machine_memory_parse (text_span ("MemTotal:  24684084 kB\nMemFree: 7 kB\nSwapCached: 3 kB\n"
                                       "Cached: 5 kB\nSwapTotal: 0 kB\n"),
                            &memory);
  g_assert_cmpint (memory.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (memory.total_bytes, ==, 24684084 * 1024ULL);
  g_assert_cmpuint (memory.cached_bytes, ==, 5 * 1024);
  g_assert_cmpuint (memory.swap_total_bytes, ==, 0);
  g_assert_cmpuint (memory.available_bytes, ==, TRK_UNKNOWN);
  trk_machine_memory_parse (text_span ("MemTotal:  246840"), &memory);
  g_assert_cmpint (memory.reason, ==, TRK_REASON_MALFORMED);
}

static void
test_pressure (void)
{
  TrkPressure pressure;

  trk_pressure_parse (text_span ("some avg10=0.86 avg60=5.00 avg300=4.21 total=308315401\n"
                                 "full avg10=12.20 avg60=1.32 avg300=1.13 total=112516417\n"),
                      &pressure);
  g_assert_cmpint (pressure.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (pressure.some_ns, ==, 308315401000);
  g_assert_cmpuint (pressure.full_10s_hundredths, ==, 1220);
  trk_pressure_parse (text_span ("some avg10=47.92 avg60=60.76 avg300=42.61 total=6\n"), &pressure);
  g_assert_cmpint (pressure.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (pressure.full_ns, ==, TRK_UNKNOWN);
  trk_pressure_parse (text_span ("some avg10=47.92 avg60=60.76 avg300=42.61 tot"), &pressure);
  g_assert_cmpint (pressure.reason, ==, TRK_REASON_MALFORMED);
}

static void
test_disks (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree TrkDisks *disks = g_new0 (TrkDisks, 1);
  g_autofree TrkDiskFiles *files = g_new0 (TrkDiskFiles, 1);

  resource_tree_write (tree, "sys/block/vda/device/vendor", "x\n", -1);
  resource_tree_write (tree, "sys/block/cciss!c0d0/size", "1\n", -1);
  resource_tree_write (tree, "sys/block/loop7/size", "1\n", -1);
  resource_tree_write (tree, "proc/diskstats",
                       "   7 7 loop7 0 0 0 0 0 0 0 0 0 0 0\n"
                       " 254 0 vda 10 0 80 5 20 0 160 3 1 250 8 1 2 3 4\n"
                       " 254 1 vda1 9 0 72 5 20 0 160 3 0 250 8\n"
                       " 104 0 cciss/c0d0 1 0 2 3 4 5 6 7 8 9 10\n"
                       " 1 1 .. 1 0 2 3 4 5 6 7 8 9 10\n",
                       -1);
  trk_disks_read (&tree->reader, files, disks);
  g_assert_cmpint (disks->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (disks->n_disks, ==, 2);
  g_assert_cmpstr (disks->disks[0].name, ==, "vda");
  g_assert_true (disks->disks[0].is_physical);
  g_assert_cmpuint (disks->disks[0].read_bytes, ==, 80 * 512);
  g_assert_cmpuint (disks->disks[0].written_bytes, ==, 160 * 512);
  g_assert_cmpuint (disks->disks[0].busy_ns, ==, 250000000);
  g_assert_cmpuint (disks->disks[0].requests_in_flight, ==, 1);
  g_assert_cmpstr (disks->disks[1].name, ==, "cciss/c0d0");
  g_assert_false (disks->disks[1].is_physical);

  resource_tree_write (tree, "proc/diskstats",
                       " 254 0 vda 10 0 18446744073709551615 5 20 0 160 3 1 250 8\n"
                       " 104 0 cciss/c0d0 1 0 2 3 4 5 6 7 8 9 10\n",
                       -1);
  trk_disks_read (&tree->reader, files, disks);
  g_assert_cmpint (disks->reason, ==, TRK_REASON_MALFORMED);
  g_assert_cmpuint (disks->n_disks, ==, 1);
  trk_kept_file_close (&files->diskstats);
}

static void
test_interfaces (void)
{
  g_autofree TrkInterfaces *interfaces = g_new0 (TrkInterfaces, 1);

  trk_interfaces_parse (text_span ("Inter-| Receive | Transmit\n face |bytes packets\n"
                                   "    lo: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n"
                                   "eth0:1:3133 77 2 3 0 0 0 0 3310 40 5 6 0 0 0 0\n"),
                        interfaces);
  g_assert_cmpint (interfaces->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (interfaces->n_interfaces, ==, 2);
  g_assert_true (interfaces->interfaces[0].is_loopback);
  g_assert_cmpstr (interfaces->interfaces[1].name, ==, "eth0:1");
  g_assert_cmpuint (interfaces->interfaces[1].received_bytes, ==, 3133);
  g_assert_cmpuint (interfaces->interfaces[1].receive_drops, ==, 3);
  g_assert_cmpuint (interfaces->interfaces[1].sent_bytes, ==, 3310);
  g_assert_cmpuint (interfaces->interfaces[1].send_errors, ==, 5);
  trk_interfaces_parse (text_span ("a\nb\nlo: 9 1 0 0 0 0 0 0 9 1 0"), interfaces);
  g_assert_cmpint (interfaces->reason, ==, TRK_REASON_MALFORMED);
  g_assert_cmpuint (interfaces->n_interfaces, ==, 0);
}

static void
test_sensors (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree TrkSensors *sensors = g_new0 (TrkSensors, 1);

  trk_sensors_open (&tree->reader, sensors);
  trk_sensors_read (&tree->reader, sensors);
  g_assert_cmpint (sensors->temperature_reason, ==, TRK_REASON_NOT_HERE);
  g_assert_cmpint (sensors->frequency_reason, ==, TRK_REASON_NOT_HERE);

  resource_tree_write (tree, "sys/class/thermal/thermal_zone3/type", "x86_pkg_temp\n", -1);
  resource_tree_write (tree, "sys/class/thermal/thermal_zone3/temp", "-1500\n", -1);
  resource_tree_write (tree, "sys/class/hwmon/hwmon0/name", "coretemp\n", -1);
  resource_tree_write (tree, "sys/class/hwmon/hwmon0/temp2_label", "Core 0\n", -1);
  resource_tree_write (tree, "sys/class/hwmon/hwmon0/temp2_input", "47000\n", -1);
  resource_tree_write (tree, "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2400000\n",
                       -1);
  trk_sensors_open (&tree->reader, sensors);
  trk_sensors_read (&tree->reader, sensors);
  g_assert_cmpuint (sensors->n_temperatures, ==, 2);
  g_assert_cmpstr (sensors->temperatures[0].name, ==, "x86_pkg_temp");
  g_assert_cmpint (sensors->temperatures[0].millidegrees, ==, -1500);
  g_assert_cmpstr (sensors->temperatures[1].name, ==, "coretemp: Core 0");
  g_assert_cmpint (sensors->temperatures[1].millidegrees, ==, 47000);
  g_assert_cmpuint (sensors->n_frequencies, ==, 1);
  g_assert_cmpuint (sensors->frequencies[0].processor, ==, 1);
  g_assert_cmpuint (sensors->frequencies[0].hertz, ==, 2400000000U);

  resource_tree_write (tree, "sys/class/hwmon/hwmon0/temp2_input", "hot\n", -1);
  trk_sensors_read (&tree->reader, sensors);
  g_assert_cmpint (sensors->temperatures[1].reason, ==, TRK_REASON_MALFORMED);
  g_assert_cmpint (sensors->temperatures[0].reason, ==, TRK_REASON_NONE);
  trk_sensors_close (sensors);
}

/* Of this machine: what is there must be consistent with what the C library says. */
static void
test_this_machine (void)
{
  g_autofree TrkReader *reader = g_new0 (TrkReader, 1);
  g_autofree TrkProcessors *before = g_new0 (TrkProcessors, 1), *after = g_new0 (TrkProcessors, 1);
  g_autofree TrkDisks *disks = g_new0 (TrkDisks, 1);
  g_autofree TrkDiskFiles *disk_files = g_new0 (TrkDiskFiles, 1);
  g_autofree TrkInterfaces *interfaces = g_new0 (TrkInterfaces, 1);
  TrkProcessorFiles files = { 0 };
  TrkKeptFile memory_file = { 0 }, interface_file = { 0 };
  TrkMachineMemory memory;
  TrkLoad load;
  double percent;

  g_assert_cmpint (trk_reader_init (reader, NULL), ==, TRK_REASON_NONE);
  trk_processors_read (reader, &files, before);
  if (before->reason == TRK_REASON_NOT_HERE)
    {
      g_test_skip ("no /proc");
      return;
    }
  g_usleep (300000);
  trk_processors_read (reader, &files, after);
  g_assert_cmpint (after->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (after->n_processors, ==, sysconf (_SC_NPROCESSORS_ONLN));
  g_assert_cmpint (after->time_ns - before->time_ns, >=, 300000000);
  if (trk_processor_busy (&before->total, &after->total, &percent) == TRK_REASON_NONE)
    g_assert_true (percent >= 0 && percent <= 100);
  trk_load_read (reader, &files, &load);
  g_assert_cmpint (load.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (load.running_tasks, >=, 1);
  trk_machine_memory_read (reader, &memory_file, &memory);
  g_assert_cmpint (memory.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (memory.total_bytes, ==,
                    (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE));
  g_assert_cmpuint (memory.available_bytes, <=, memory.total_bytes);
  trk_disks_read (reader, disk_files, disks);
  g_assert_true (disks->reason == TRK_REASON_NONE || disks->reason == TRK_REASON_NOT_HERE);
  trk_interfaces_read (reader, &interface_file, 0, interfaces);
  g_assert_cmpint (interfaces->reason, ==, TRK_REASON_NONE);
  trk_processor_files_close (&files);
  trk_kept_file_close (&memory_file);
  trk_kept_file_close (&interface_file);
  trk_kept_file_close (&disk_files->diskstats);
  trk_reader_clear (reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/machine/numbers", test_numbers);
  g_test_add_func ("/machine/keys", test_keys);
  g_test_add_func ("/machine/rate", test_rate);
  g_test_add_func ("/machine/processors", test_processors);
  g_test_add_func ("/machine/load-and-memory", test_load_and_memory);
  g_test_add_func ("/machine/pressure", test_pressure);
  g_test_add_func ("/machine/disks", test_disks);
  g_test_add_func ("/machine/interfaces", test_interfaces);
  g_test_add_func ("/machine/sensors", test_sensors);
  g_test_add_func ("/machine/this-machine", test_this_machine);
  return g_test_run ();
}
