// @ts-check
/** Preloaded into a server (`--import`), so that a bench can ask for what only the process itself knows. */
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { cpuMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

const RESOLUTION_MS = 5;
const WATCH_MS = 10;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
/** @type {NodeJS.Timeout | undefined} */
let watch;
let most = 0;
let last = { atMs: performance.now(), usage: process.cpuUsage() };

/**
 * @typedef {object} Probe
 * @property {number} rssBytes
 * @property {number} heapBytes in use
 * @property {number} files open descriptors, without those of connections that it opened itself; 0 where the machine does not tell
 * @property {number} loopDelayP99Ms since the probe before, and `loopDelayMaxMs` likewise
 * @property {number} loopDelayMaxMs
 * @property {number} cpuShare of one core, since the probe before: where it is small, delays are waits for the machine
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
  cpuMs,
  watchBuffers: () => {
    most = 0;
    watch ??= setInterval(() => {
      most = Math.max(most, ...bufferedBytes());
    }, WATCH_MS).unref();
  },
  /** @returns {number} bytes that a single socket held at most since `watchBuffers` */
  mostBuffered: () => {
    clearInterval(watch);
    watch = undefined;
    return most;
  },
});

function sockets() {
  // Not documented, and the only way to every socket of a process from outside of its code.
  const handles = /** @type {{ _getActiveHandles: () => unknown[] }} */ (/** @type {any} */ (process))._getActiveHandles();
  return handles.filter((handle) => handle instanceof Socket);
}

function bufferedBytes() {
  return sockets().map((socket) => socket.writableLength);
}

/** @returns {Probe} */
function look() {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage(last.usage);
  const nowMs = performance.now();
  const cpuShare = (user + system) / 1e3 / (nowMs - last.atMs);
  last = { atMs: nowMs, usage: process.cpuUsage() };
  const answer = {
    cpuShare,
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
    const isOwn = (/** @type {Socket & { server?: unknown }} */ socket) => socket.remotePort !== undefined && !socket.server;
    return readdirSync('/proc/self/fd').length - sockets().filter(isOwn).length;
  } catch {
    return 0;
  }
}
