/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-file-witness.h"

#include <sys/stat.h>

static MsFileWitness
look_at (const char *path)
{
  MsFileWitness witness = { .size_bytes = -1 };
  struct stat st;

  if (stat (path, &st) == 0 && S_ISREG (st.st_mode))
    {
      witness.size_bytes = st.st_size;
      witness.mtime_ns = st.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + st.st_mtim.tv_nsec;
      witness.inode = st.st_ino;
    }
  return witness;
}

void
ms_file_witness_take (GArray *witnesses, const char *path)
{
  MsFileWitness witness;

  for (guint i = 0; i < witnesses->len; i++)
    if (g_str_equal (g_array_index (witnesses, MsFileWitness, i).path, path))
      return;
  witness = look_at (path);
  witness.path = g_strdup (path);
  g_array_append_val (witnesses, witness);
}

gboolean
ms_file_witness_holds (const MsFileWitness *witness)
{
  MsFileWitness now = look_at (witness->path);

  return now.size_bytes == witness->size_bytes && now.mtime_ns == witness->mtime_ns
         && now.inode == witness->inode;
}

static void
clear (gpointer witness)
{
  g_clear_pointer (&((MsFileWitness *) witness)->path, g_free);
}

GArray *
ms_file_witness_array_new (void)
{
  GArray *witnesses = g_array_new (FALSE, FALSE, sizeof (MsFileWitness));

  g_array_set_clear_func (witnesses, clear);
  return witnesses;
}
