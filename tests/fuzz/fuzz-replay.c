/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * fuzz-replay [CORPUS…]: runs one target without libFuzzer; a crash is the failure.
 * fuzz-replay --write FOLDER: puts the seeds there, for libFuzzer to begin from.
 */
#include "fuzz-target.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  guint n_seeds, n_runs;
} Replay;

static void
mutate (GByteArray *bytes, GRand *random)
{
  for (gint n = g_rand_int_range (random, 1, 5); n > 0 && bytes->len > 0; n--)
    {
      guint at = (guint) g_rand_int_range (random, 0, (gint32) bytes->len);

      switch (g_rand_int_range (random, 0, 5))
        {
        case 0:
          bytes->data[at] ^= (guint8) (1 << g_rand_int_range (random, 0, 8));
          break;
        case 1:
          bytes->data[at] = g_rand_boolean (random) ? 0xff : (guint8) g_rand_int (random);
          break;
        case 2:
          g_byte_array_set_size (bytes, at);
          break;
        case 3:
          g_byte_array_remove_range (bytes, at, MIN (bytes->len - at, 1 + at % 9));
          break;
        default:
          for (guint i = at; i < bytes->len && i < at + 8; i++)
            bytes->data[i] = 0xff;
          break;
        }
    }
}

static void
run_copy (const guint8 *bytes, gsize n_bytes)
{
  /* Of exactly that size, so that reading past it shows under a sanitizer. */
  g_autofree guint8 *copy = g_memdup2 (bytes, n_bytes);

  LLVMFuzzerTestOneInput (copy, n_bytes);
}

static void
replay_seed (const guint8 *bytes, gsize n_bytes, gpointer user_data)
{
  Replay *self = user_data;
  g_autoptr (GRand) random = g_rand_new_with_seed (self->n_seeds++);

  run_copy (bytes, n_bytes);
  for (guint i = 0; i < fuzz_n_mutations; i++)
    {
      g_autoptr (GByteArray) mutated = g_byte_array_new ();

      g_byte_array_append (mutated, bytes, (guint) n_bytes);
      mutate (mutated, random);
      run_copy (mutated->data, mutated->len);
      self->n_runs++;
    }
}

static void
replay_folder (Replay *self, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      if (!g_file_get_contents (path, &bytes, &n_bytes, NULL))
        continue;
      run_copy ((guint8 *) bytes, n_bytes);
      self->n_runs++;
    }
}

typedef struct {
  const char *folder;
  guint n_seeds;
} SeedWriter;

static void
write_seed (const guint8 *bytes, gsize n_bytes, gpointer user_data)
{
  SeedWriter *self = user_data;
  g_autofree char *name = g_strdup_printf ("seed-%u", self->n_seeds++);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, (const char *) bytes, (gssize) n_bytes, &error))
    g_error ("%s", error->message);
}

int
main (int argc, char **argv)
{
  Replay replay = { 0 };
  SeedWriter writer = { 0 };

  if (argc == 3 && strcmp (argv[1], "--write") == 0)
    {
      writer.folder = argv[2];
      fuzz_add_seeds (write_seed, &writer);
      return 0;
    }
  fuzz_add_seeds (replay_seed, &replay);
  for (int i = 1; i < argc; i++)
    replay_folder (&replay, argv[i]);
  printf ("%u seeds, %u runs more\n", replay.n_seeds, replay.n_runs);
  return replay.n_seeds > 0 ? 0 : 1;
}
