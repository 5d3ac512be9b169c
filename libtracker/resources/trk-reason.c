/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-reason.h"

#include <errno.h>

TrkReason
trk_reason_from_errno (int error)
{
  switch (error)
    {
    case 0:
      return TRK_REASON_NONE;
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
    case EOPNOTSUPP: /* PSI that was switched off at boot */
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return TRK_REASON_NOT_HERE;
    case EACCES:
    case EPERM:
      return TRK_REASON_NOT_PERMITTED;
    case ESRCH:
      return TRK_REASON_ENDED;
    case EMFILE:
    case ENFILE:
      return TRK_REASON_NO_DESCRIPTOR;
    default:
      return TRK_REASON_FAILED;
    }
}

const char *
trk_reason_explain (TrkReason reason)
{
  switch (reason)
    {
    case TRK_REASON_NONE:
      return "available";
    case TRK_REASON_NOT_YET:
      return "not measured yet";
    case TRK_REASON_NOT_HERE:
      return "not offered by this system";
    case TRK_REASON_NOT_PERMITTED:
      return "not permitted";
    case TRK_REASON_ENDED:
      return "ended";
    case TRK_REASON_MALFORMED:
      return "not understood";
    case TRK_REASON_NO_DESCRIPTOR:
      return "too many open files";
    case TRK_REASON_OTHER_NAMESPACE:
      return "in another namespace";
    case TRK_REASON_BACKWARDS:
      return "the counter ran backwards";
    case TRK_REASON_NOT_DUE:
      return "not due in this sample";
    case TRK_REASON_FAILED:
      break;
    }
  return "it could not be read";
}
