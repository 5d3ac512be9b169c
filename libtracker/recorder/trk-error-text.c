/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-error-text.h"

#include <errno.h>
#include <stddef.h>

static const struct {
  int error;
  const char *text;
} texts[] = {
  { EPERM, "Operation not permitted" },
  { ENOENT, "No such file or directory" },
  { EIO, "Input/output error" },
  { ENXIO, "No such device or address" },
  { E2BIG, "Argument list too long" },
  { ENOEXEC, "Exec format error" },
  { EBADF, "Bad file descriptor" },
  { EAGAIN, "Resource temporarily unavailable" },
  { ENOMEM, "Cannot allocate memory" },
  { EACCES, "Permission denied" },
  { EFAULT, "Bad address" },
  { EBUSY, "Device or resource busy" },
  { EEXIST, "File exists" },
  { EXDEV, "Invalid cross-device link" },
  { ENODEV, "No such device" },
  { ENOTDIR, "Not a directory" },
  { EISDIR, "Is a directory" },
  { EINVAL, "Invalid argument" },
  { ENFILE, "Too many open files in system" },
  { EMFILE, "Too many open files" },
  { ETXTBSY, "Text file busy" },
  { EFBIG, "File too large" },
  { ENOSPC, "No space left on device" },
  { EROFS, "Read-only file system" },
  { EMLINK, "Too many links" },
  { ENAMETOOLONG, "File name too long" },
  { ENOSYS, "Function not implemented" },
  { ELOOP, "Too many levels of symbolic links" },
  { EOVERFLOW, "Value too large for defined data type" },
  { ECHILD, "No child processes" },
  { EOPNOTSUPP, "Operation not supported" },
  { ESTALE, "Stale file handle" },
  { EDQUOT, "Disk quota exceeded" },
};

const char *
trk_error_text (int error)
{
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (texts[i].error == error)
      return texts[i].text;
  return "unknown error";
}
