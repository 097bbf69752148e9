// @ts-check
/** Preloaded into a server (`--import`), so that a bench can ask for what only the process itself knows. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerQuestions } from './questions.mjs';

const RESOLUTION_MS = 5;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

/**
 * @typedef {object} Probe
 * @property {number} rssBytes
 * @property {number} heapBytes in use
 * @property {number} files open descriptors; 0 where the machine does not tell
 * @property {number} loopDelayP99Ms since the probe before, and `loopDelayMaxMs` likewise
 * @property {number} loopDelayMaxMs
 */

answerQuestions({
  /** @returns {Probe} */
  probe: () => {
    // Twice: the first finds what finalisers then let go.
    for (let times = 0; times < 2; times += 1) globalThis.gc?.();
    return look();
  },
  /** @returns {Probe} without the pause of a collection */
  glance: () => look(),
});

/** @returns {Probe} */
function look() {
  const { rss, heapUsed } = process.memoryUsage();
  const answer = {
    rssBytes: rss,
    heapBytes: heapUsed,
    files: openFiles(),
    loopDelayP99Ms: delay.percentile(99) / 1e6 - RESOLUTION_MS,
    loopDelayMaxMs: delay.max / 1e6 - RESOLUTION_MS,
  };
  delay.reset();
  return answer;
}

function openFiles() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
