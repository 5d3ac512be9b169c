/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What holds of any file of samples, however damaged, and whether two readings of one say the same. */
#pragma once

#include "ms-resource-samples.h"

/* Figures are those of the samples, by a walk over all of them. */
void resource_check_sound (MsResources *resources);
/* Both may be NULL. */
void resource_check_equal (MsResources *a, MsResources *b);
