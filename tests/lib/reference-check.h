/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compares everything that a trace says with the reference model; a difference ends the test. */
#pragma once

#include "reference-model.h"

void reference_check_trace (MsTrace *trace, const ProgramModel *model);
void reference_check_totals (const MsTotals *found, const MsTotals *wanted);
