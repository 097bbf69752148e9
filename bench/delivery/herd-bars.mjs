// @ts-check
/** What a herd that comes back has to keep to. */
import { quantile } from '../flip/statistics.mjs';

const BACK_SHARE = 0.95;
const BACK_BAR_S = 30;
const READ_P99_BAR_MS = 500;
const RSS_BAR_MB = 500;
/** By how much the waits of a herd may be shorter than the back-off makes them on average: with hundreds chance takes a few percent. */
const BACK_OFF_BAR = 1.2;
/** Between two stretches that are looked at. */
const STEP_MS = 250;

/**
 * `comparesLatency`: without it, how long reads take is not looked at.
 * @param {import('./herd.mjs').Herd} herd
 * @returns {import('../faults/bed.mjs').Measure[]}
 */
export function herdMeasures(herd, comparesLatency = true) {
  const { sockets, handshakesPerSecond, readyMs, backMs, letIn, tooEarly, backOffMs, waitedMs, readsMs, failedReads, peakMb } =
    herd;
  const latency = {
    title: 'reads of the rule set meanwhile, p99',
    value: quantile(readsMs, 0.99),
    atMost: READ_P99_BAR_MS,
    unit: 'ms',
  };
  return [
    {
      title: `95 % of ${sockets} back after the kill (the server: ${(readyMs / 1e3).toFixed(1)} s)`,
      value: quantile(backMs, BACK_SHARE) / 1e3,
      atMost: BACK_BAR_S,
      unit: 's',
    },
    { title: 'attempts before the instant that a refusal named', value: tooEarly, atMost: 0, unit: '' },
    {
      title: 'what their back-off makes them wait on average, by what they waited',
      value: backOffMs / waitedMs,
      atMost: BACK_OFF_BAR,
      unit: 'times',
    },
    {
      title: `let in at the same time beside ${handshakesPerSecond} in each second`,
      value: mostAtOnce(letIn, handshakesPerSecond),
      atMost: handshakesPerSecond,
      unit: '',
    },
    { title: 'memory of the server at its highest', value: peakMb, atMost: RSS_BAR_MB, unit: 'MB' },
    { title: `reads of the rule set that failed, of ${readsMs.length + failedReads}`, value: failedReads, atMost: 0, unit: '' },
    ...(comparesLatency ? [latency] : []),
  ];
}

/**
 * By how many those exceed the rate who can only have been let in within a stretch of time: they asked in it, and heard of it in it. However
 * late anybody is who counts, it is never too many.
 * @param {readonly { askedMs: number, openedMs: number }[]} letIn
 * @param {number} perSecond
 */
export function mostAtOnce(letIn, perSecond) {
  let most = 0;
  const lastMs = Math.max(...letIn.map(({ askedMs }) => askedMs));
  for (let fromMs = 0; fromMs <= lastMs; fromMs += STEP_MS) {
    const opened = letIn.filter(({ askedMs }) => askedMs >= fromMs).map(({ openedMs }) => openedMs);
    opened.sort((a, b) => a - b);
    for (const [index, untilMs] of opened.entries()) most = Math.max(most, index + 1 - ((untilMs - fromMs) / 1e3) * perSecond);
  }
  return most;
}
