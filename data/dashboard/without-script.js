// SPDX-License-Identifier: MIT OR Apache-2.0
// The one text that is in the page before any script: the exporter puts it in, in the reader's language.

import { say } from './words.js';

export const WITHOUT_SCRIPT = say('This page draws its tables and plots with JavaScript, which is switched off here. The same figures are in the JSON files that memscope export writes beside it.');
