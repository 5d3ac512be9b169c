/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* `memscope diff --json`: for programs. */
#pragma once

#include "ms-diff.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

void ms_diff_json_write (MsJsonWriter *writer, const MsDiff *diff);

G_END_DECLS
