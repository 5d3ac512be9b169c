/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GPUs (test-device-figures STAND-IN-NVML), cgroups, and what a process has open: on trees that the test
 * makes, with a stand-in for NVIDIA's library, and with damaged replies of the kernel.
 */
#include <glib/gstdio.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <string.h>
#include <unistd.h>

#include "resource-tree.h"
#include "trk-cgroup.h"
#include "trk-gpu-drm.h"
#include "trk-gpu-nvml.h"
#include "trk-sockets.h"

static const char *stand_in;

static void
test_nvml (void)
{
  g_autofree TrkNvmlFigures *figures = g_new0 (TrkNvmlFigures, 1);
  TrkNvml *nvml;

  g_unsetenv ("STAND_IN_NVML");
  g_assert_cmpint (trk_nvml_open ("/nonexistent/libnvidia-ml.so.1", &nvml), ==,
                   TRK_REASON_NOT_HERE);
  g_assert_null (nvml);
  g_assert_cmpint (trk_nvml_open ("libc.so.6", &nvml), ==, TRK_REASON_NOT_HERE);
  g_assert_cmpint (trk_nvml_open (stand_in, &nvml), ==, TRK_REASON_NONE);
  trk_nvml_read (nvml, getpid (), figures);
  g_assert_cmpint (figures->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures->n_devices, ==, 3);
  g_assert_cmpstr (figures->devices[0].name, ==, "Stand-In 0");
  g_assert_cmpuint (figures->devices[0].memory_used_bytes, ==, 3000000000U);
  g_assert_cmpuint (figures->devices[0].memory_total_bytes, ==, 8000000000U);
  g_assert_cmpuint (figures->devices[0].busy_percent, ==, 73);
  g_assert_cmpuint (figures->devices[0].memory_busy_percent, ==, 41);
  g_assert_cmpint (figures->devices[0].millidegrees, ==, 66000);
  g_assert_cmpint (figures->devices[0].process_reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures->devices[0].process_memory_bytes, ==, 1500000000U);
  g_assert_cmpint (figures->devices[1].reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (figures->devices[1].memory_reason, ==, TRK_REASON_NOT_HERE);
  g_assert_cmpint (figures->devices[1].temperature_reason, ==, TRK_REASON_NOT_PERMITTED);
  g_assert_cmpint (figures->devices[1].process_reason, ==, TRK_REASON_NOT_HERE);
  g_assert_cmpint (figures->devices[2].reason, ==, TRK_REASON_ENDED);
  /* Unknown for another process is none of ours; for the one asked for it is no figure. */
  trk_nvml_read (nvml, 2, figures);
  g_assert_cmpuint (figures->devices[0].process_memory_bytes, ==, 0);
  g_setenv ("STAND_IN_NVML", "lost", TRUE);
  trk_nvml_read (nvml, getpid (), figures);
  g_assert_cmpint (figures->devices[0].reason, ==, TRK_REASON_ENDED);
  g_assert_cmpint (figures->devices[0].memory_reason, ==, TRK_REASON_ENDED);
  trk_nvml_close (nvml);
  g_setenv ("STAND_IN_NVML", "no-driver", TRUE);
  g_assert_cmpint (trk_nvml_open (stand_in, &nvml), ==, TRK_REASON_NOT_HERE);
  g_unsetenv ("STAND_IN_NVML");
}

static void
write_open_files (ResourceTree *tree)
{
  resource_tree_link (tree, "proc/41/fd/0", "/dev/null");
  resource_tree_link (tree, "proc/41/fd/3", "socket:[4211]");
  resource_tree_link (tree, "proc/41/fd/4", "socket:[99]");
  resource_tree_link (tree, "proc/41/fd/5", "socket:[4211]"); /* a copy */
  resource_tree_link (tree, "proc/41/fd/6", "socket:[18446744073709551616]");
  resource_tree_link (tree, "proc/41/fd/7", "/tmp/socket:[5]");
  resource_tree_link (tree, "proc/41/fd/8", "/dev/dri/renderD128");
  resource_tree_link (tree, "proc/41/fd/9", "/dev/dri/card0");
  resource_tree_link (tree, "proc/41/fd/10", "/dev/dri/card0");
  resource_tree_link (tree, "proc/41/fd/11", "/dev/dri/renderD129");
}

static void
test_descriptors (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree TrkOpenFiles *descriptors = g_new0 (TrkOpenFiles, 1);

  trk_open_files_read (&tree->reader, 41, descriptors);
  g_assert_cmpint (descriptors->reason, ==, TRK_REASON_ENDED);
  write_open_files (tree);
  trk_open_files_read (&tree->reader, 41, descriptors);
  g_assert_cmpint (descriptors->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (descriptors->n_open, ==, 10);
  g_assert_cmpuint (descriptors->n_sockets, ==, 2);
  g_assert_cmpuint (descriptors->socket_inodes[0], ==, 99);
  g_assert_true (trk_open_files_has_socket (descriptors, 4211));
  g_assert_false (trk_open_files_has_socket (descriptors, 5));
  g_assert_false (trk_open_files_has_socket (descriptors, G_MAXUINT64));
  g_assert_cmpuint (descriptors->n_gpu, ==, 4);
}

#define DRM(driver, address, client, figures) \
  "pos:\t0\nflags:\t02\ndrm-driver:\t" driver "\ndrm-pdev:\t" address "\ndrm-client-id:\t" client \
  "\n" figures

static void
test_drm (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree TrkOpenFiles *descriptors = g_new0 (TrkOpenFiles, 1);
  g_autofree TrkDrmProcess *use = g_new0 (TrkDrmProcess, 1);
  TrkDrmCards cards;

  write_open_files (tree);
  resource_tree_write (tree, "proc/41/fdinfo/8",
                       DRM ("amdgpu", "0000:03:00.0", "17",
                            "drm-memory-vram:\t20480 KiB\ndrm-engine-gfx:\t1000 ns\n"
                            "drm-engine-capacity-gfx:\t2\ndrm-engine-dec:\t7 ns\n"),
                       -1);
  /* The same client through another descriptor, and a second client of the same GPU. */
  resource_tree_write (tree, "proc/41/fdinfo/9",
                       DRM ("amdgpu", "0000:03:00.0", "17", "drm-engine-gfx:\t1000 ns\n"), -1);
  resource_tree_write (tree, "proc/41/fdinfo/10",
                       DRM ("amdgpu", "0000:03:00.0", "18",
                            "drm-memory-vram:\t9 KiB\ndrm-resident-vram:\t1 MiB\n"
                            "drm-engine-gfx:\t50 ns\ndrm-engine-gfx:\t18446744073709551616 ns\n"),
                       -1);
  /* Cut short, and without what is needed to count it. */
  resource_tree_write (tree, "proc/41/fdinfo/11", "drm-driver:\ti915\ndrm-engine-render:\t5", -1);
  trk_open_files_read (&tree->reader, 41, descriptors);
  trk_drm_process_read (&tree->reader, 41, descriptors, use);
  g_assert_cmpint (use->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (use->n_uses, ==, 1);
  g_assert_cmpstr (use->uses[0].driver, ==, "amdgpu");
  g_assert_cmpuint (use->uses[0].n_engines, ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (use->uses[0].engines_ns[i].value, ==,
                      g_str_equal (use->uses[0].engines_ns[i].name, "gfx") ? 1050 : 7);
  g_assert_cmpuint (use->uses[0].n_regions, ==, 1);
  g_assert_cmpuint (use->uses[0].regions_bytes[0].value, ==, 20480 * 1024 + 1048576);
  descriptors->n_gpu = 0;
  trk_drm_process_read (&tree->reader, 41, descriptors, use);
  g_assert_cmpint (use->reason, ==, TRK_REASON_NOT_HERE);

  trk_drm_cards_read (&tree->reader, &cards);
  g_assert_cmpint (cards.reason, ==, TRK_REASON_NOT_HERE);
  resource_tree_write (tree, "sys/class/drm/card1/device/gpu_busy_percent", "37\n", -1);
  resource_tree_write (tree, "sys/class/drm/card1/device/mem_info_vram_used", "1000\n", -1);
  resource_tree_write (tree, "sys/class/drm/card1/device/mem_info_vram_total", "4000\n", -1);
  resource_tree_write (tree, "sys/class/drm/card2/device/gpu_busy_percent", "137\n", -1);
  trk_drm_cards_read (&tree->reader, &cards);
  g_assert_cmpuint (cards.n_cards, ==, 2);
  g_assert_cmpuint (cards.cards[0].card, ==, 1);
  g_assert_cmpuint (cards.cards[0].busy_percent, ==, 37);
  g_assert_cmpuint (cards.cards[0].memory_total_bytes, ==, 4000);
  g_assert_cmpint (cards.cards[1].busy_reason, ==, TRK_REASON_MALFORMED);
  g_assert_cmpint (cards.cards[1].memory_reason, ==, TRK_REASON_NOT_HERE);
}

/* [header][inet_diag_msg][an attribute that nobody knows][INET_DIAG_INFO][tcp_info], without padding */
typedef struct __attribute__ ((packed)) {
  struct nlmsghdr header;
  struct inet_diag_msg message;
  struct rtattr unknown;
  guint32 unknown_value;
  struct rtattr attribute;
  struct tcp_info info;
  struct nlmsghdr done;
} Reply;

static void
test_socket_replies (void)
{
  g_autofree TrkOpenFiles *descriptors = g_new0 (TrkOpenFiles, 1);
  g_autofree TrkSockets *sockets = g_new0 (TrkSockets, 1);
  Reply reply = {
    .header = { .nlmsg_len = offsetof (Reply, done), .nlmsg_type = SOCK_DIAG_BY_FAMILY },
    .message = { .idiag_family = 2, .idiag_state = 1, .idiag_inode = 4211 },
    .unknown = { .rta_len = RTA_LENGTH (3), .rta_type = 999 },
    .attribute = { .rta_len = RTA_LENGTH (sizeof (struct tcp_info)), .rta_type = INET_DIAG_INFO },
    .info = { .tcpi_rtt = 25, .tcpi_rttvar = 3, .tcpi_total_retrans = 7 },
    .done = { .nlmsg_len = sizeof (struct nlmsghdr), .nlmsg_type = NLMSG_DONE }
  };
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
  } failure = { .header = { .nlmsg_len = sizeof failure, .nlmsg_type = NLMSG_ERROR },
                .error = { .error = -EPERM } };
  GRand *random = g_rand_new_with_seed (3);

  reply.info.tcpi_bytes_acked = 1000;
  reply.info.tcpi_bytes_received = 2000;
  descriptors->n_sockets = 1;
  descriptors->socket_inodes[0] = 4211;
  g_assert_cmpint (trk_sockets_parse ((char *) &reply, sizeof reply, descriptors, sockets), ==,
                   TRK_DIAG_DONE);
  g_assert_cmpuint (sockets->n_sockets, ==, 1);
  g_assert_cmpuint (sockets->sockets[0].sent_bytes, ==, 1000);
  g_assert_cmpuint (sockets->sockets[0].received_bytes, ==, 2000);
  g_assert_cmpuint (sockets->sockets[0].retransmits, ==, 7);
  g_assert_cmpuint (sockets->sockets[0].round_trip_ns, ==, 25000);
  /* An older kernel's shorter record. */
  sockets->n_sockets = 0;
  reply.attribute.rta_len = RTA_LENGTH (offsetof (struct tcp_info, tcpi_bytes_received));
  trk_sockets_parse ((char *) &reply, sizeof reply, descriptors, sockets);
  g_assert_cmpuint (sockets->sockets[0].sent_bytes, ==, 1000);
  g_assert_cmpuint (sockets->sockets[0].received_bytes, ==, TRK_UNKNOWN);
  g_assert_cmpint (trk_sockets_parse ((char *) &failure, sizeof failure, descriptors, sockets), ==,
                   TRK_DIAG_ERROR);
  g_assert_cmpint (sockets->reason, ==, TRK_REASON_NOT_PERMITTED);

  reply.attribute.rta_len = RTA_LENGTH (sizeof (struct tcp_info));
  for (guint i = 0; i < 20000; i++)
    {
      gsize n = (gsize) g_rand_int_range (random, 0, sizeof reply + 1);
      g_autofree char *copy = g_memdup2 (&reply, n);

      for (guint j = (guint) g_rand_int_range (random, 0, 4); n > 0 && j > 0; j--)
        copy[g_rand_int_range (random, 0, (gint) MIN (n, 120))] = (char) g_rand_int (random);
      trk_sockets_parse (copy, n, descriptors, sockets);
    }
  g_rand_free (random);
}

static void
test_cgroup (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree TrkCgroupCollector *cgroup = g_new0 (TrkCgroupCollector, 1);
  TrkCgroupFigures figures;

  trk_cgroup_init (cgroup, &tree->reader, 41);
  trk_cgroup_read (cgroup, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_ENDED);
  /* Version 1 alone. */
  resource_tree_write (tree, "proc/41/cgroup", "4:memory:/x\n", -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_NOT_HERE);
  g_assert_cmpint (figures.memory_reason, ==, TRK_REASON_NOT_HERE);

  /* A name with a space and a colon; a mount of one part, at a place with a space. */
  resource_tree_write (tree, "proc/41/cgroup", "4:memory:/x\n0::/pod/a b:c/leaf\n", -1);
  resource_tree_write (
      tree, "proc/self/mountinfo",
      "40 31 0:38 /other /sys/fs/wrong rw - cgroup2 cgroup2 rw\n"
      "41 31 0:38 /pod /sys/fs/c\\040g rw,relatime shared:4 - cgroup2 cgroup2 rw\n",
      -1);
#define TOP "sys/fs/c g/"
#define MIDDLE TOP "a b:c/"
#define LEAF MIDDLE "leaf/"
  resource_tree_write (tree, TOP "cgroup.procs", "", -1);
  resource_tree_write (tree, TOP "memory.max", "9000000\n", -1);
  resource_tree_write (tree, MIDDLE "cgroup.procs", "", -1);
  resource_tree_write (tree, MIDDLE "memory.max", "12000000\n", -1);
  resource_tree_write (tree, MIDDLE "memory.current", "5000000\n", -1);
  resource_tree_write (tree, MIDDLE "memory.events",
                       "low 0\nhigh 3\nmax 4\noom 5\noom_kill 6\noom_group_kill 0\n", -1);
  resource_tree_write (tree, LEAF "cgroup.procs", "41\n", -1);
  resource_tree_write (tree, LEAF "cpu.stat",
                       "usage_usec 1000\nuser_usec 900\nsystem_usec 100\nnr_periods 10\n"
                       "nr_throttled 2\nthrottled_usec 77\n",
                       -1);
  resource_tree_write (tree, LEAF "memory.pressure",
                       "some avg10=0.50 avg60=0.00 avg300=0.00 total=12\n"
                       "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n",
                       -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_NONE);
  g_assert_cmpstr (cgroup->path, ==, "/sys/fs/c g/a b:c/leaf");
  g_assert_cmpint (figures.memory_reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures.memory_bytes, ==, 5000000);
  g_assert_cmpuint (figures.memory_limit_bytes, ==, 9000000);
  g_assert_cmpuint (figures.memory_peak_bytes, ==, TRK_UNKNOWN);
  g_assert_cmpuint (figures.n_max, ==, 4);
  g_assert_cmpuint (figures.n_oom, ==, 5);
  g_assert_cmpuint (figures.n_oom_kill, ==, 6);
  g_assert_cmpuint (figures.cpu_ns, ==, 1000000);
  g_assert_cmpuint (figures.n_throttled, ==, 2);
  g_assert_cmpuint (figures.throttled_ns, ==, 77000);
  g_assert_cmpint (figures.pressures[TRK_PRESSURE_MEMORY].reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures.pressures[TRK_PRESSURE_MEMORY].full_ns, ==, 3000);
  g_assert_cmpint (figures.pressures[TRK_PRESSURE_IO].reason, ==, TRK_REASON_NOT_HERE);

  /* The leaf gets a controller of its own: the counters are others from now on. */
  resource_tree_write (tree, LEAF "memory.current", "70\n", -1);
  resource_tree_write (tree, LEAF "memory.max", "max\n", -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_true (figures.is_moved);
  g_assert_cmpuint (figures.memory_bytes, ==, 70);
  g_assert_cmpuint (figures.memory_limit_bytes, ==, 9000000);
  g_assert_cmpuint (figures.n_max, ==, TRK_UNKNOWN);

  /* Moved; out of sight; removed. */
  resource_tree_write (tree, "proc/41/cgroup", "0::/pod\n", -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_true (figures.is_moved);
  g_assert_cmpint (figures.memory_reason, ==, TRK_REASON_NOT_HERE);
  g_assert_cmpint (figures.cpu_reason, ==, TRK_REASON_NOT_HERE);
  resource_tree_write (tree, "proc/41/cgroup", "0::/../elsewhere\n", -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_OTHER_NAMESPACE);
  resource_tree_write (tree, "proc/41/cgroup", "0::/pod/x (deleted)\n", -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_NOT_HERE);
  resource_tree_write (tree, "proc/41/cgroup", "0::/po", -1);
  cgroup->lookup_due_ns = 0;
  trk_cgroup_read (cgroup, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_NOT_HERE);
  trk_cgroup_clear (cgroup);
}

/* Of this machine: whatever there is must be whole. */
static void
test_this_cgroup (void)
{
  g_autofree TrkReader *reader = g_new0 (TrkReader, 1);
  g_autofree TrkCgroupCollector *cgroup = g_new0 (TrkCgroupCollector, 1);
  TrkCgroupFigures before, after;

  g_assert_cmpint (trk_reader_init (reader, NULL), ==, TRK_REASON_NONE);
  trk_cgroup_init (cgroup, reader, getpid ());
  trk_cgroup_read (cgroup, &before);
  trk_cgroup_read (cgroup, &after);
  g_test_message ("cgroup: %s, memory %s, processor %s", trk_reason_explain (after.reason),
                  trk_reason_explain (after.memory_reason), trk_reason_explain (after.cpu_reason));
  g_assert_cmpint (after.reason, ==, before.reason);
  if (before.cpu_reason == TRK_REASON_NONE)
    {
      g_assert_cmpint (after.cpu_reason, ==, TRK_REASON_NONE);
      g_assert_cmpuint (after.cpu_ns, >=, before.cpu_ns);
    }
  trk_cgroup_clear (cgroup);
  trk_reader_clear (reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  stand_in = argv[1];
  g_test_add_func ("/device/nvml", test_nvml);
  g_test_add_func ("/device/descriptors", test_descriptors);
  g_test_add_func ("/device/drm", test_drm);
  g_test_add_func ("/device/socket-replies", test_socket_replies);
  g_test_add_func ("/device/cgroup", test_cgroup);
  g_test_add_func ("/device/this-cgroup", test_this_cgroup);
  return g_test_run ();
}
