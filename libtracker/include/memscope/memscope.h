/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* libmemscope: load a trace, ask it questions.  One include for programs that use the library. */
#pragma once

#include "ms-types.h"
#include "ms-thread.h"
#include "ms-trace.h"
#include "ms-filter.h"
#include "ms-view.h"
#include "ms-name-resolver.h"
#include "ms-recording.h"
#include "ms-analysis-settings.h"
#include "ms-correlation.h"
#include "ms-mapping-names.h"
#include "ms-measured.h"
#include "ms-rankings.h"
#include "ms-frame-names.h"
#include "ms-call-tree.h"
#include "ms-flame-layout.h"
#include "ms-function-totals.h"
#include "ms-resources.h"
#include "ms-roles.h"
#include "ms-suppressions.h"
#include "ms-symbolizer.h"
