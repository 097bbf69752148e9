/**
 * How the time of a regular expression grows with its input, decided by recheck in a thread of its own. The checker's own
 * timeout does not hold for every pattern (large automata), so the thread is ended where a verdict is late: a write waits
 * a bounded time and the server's own thread never waits at all.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Diagnostics } from 'recheck';
import { withoutCounts } from './without-counts.ts';

export interface Pattern {
  readonly source: string;
  readonly ignoreCase: boolean;
}

/** `undecided`: the checker does not know, or did not say in time. `invalid`: no regular expression under flag `u`. */
export type PatternVerdict = 'linear' | 'quadratic' | 'worse' | 'undecided' | 'invalid';

/** Longest input, in UTF-16 units, that a quadratic pattern is tried on. */
export const QUADRATIC_MAX_INPUT = 256;

export interface PatternDeadlines {
  /** For loading the checker, which on a busy machine takes longer than any pattern may; more for the first one. */
  readonly loadMs: number;
  /** For one pattern. */
  readonly patternMs: number;
  /** For all of them; what is left then is undecided. */
  readonly totalMs: number;
}
const DEADLINES: PatternDeadlines = { loadMs: 3_000, patternMs: 3_000, totalMs: 10_000 };

/** What the thread says of one pattern. */
type Answer = Pick<Diagnostics, 'status'> & {
  readonly invalid?: boolean;
  readonly type?: string;
  readonly degree?: number;
  /** The checker's own attack took too long at the length that a quadratic pattern may see. */
  readonly slow?: boolean;
};

/** JavaScript rather than a module, because a thread cannot be started from TypeScript on every supported Node. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { checkSync } = require(workerData.checker);
  const isSlow = ({ pumps, suffix }, test) => {
    const room = workerData.maxInput - suffix.length - pumps.reduce((sum, { prefix }) => sum + prefix.length, 0);
    const round = pumps.reduce((sum, { pump }) => sum + pump.length, 0);
    const times = Math.max(0, Math.floor(room / Math.max(1, round)));
    const text = pumps.map(({ prefix, pump }) => prefix + pump.repeat(times)).join('') + suffix;
    let bestMs = Infinity;
    for (let run = 0; run < 5; run++) {
      const startMs = performance.now();
      test(text.slice(0, workerData.maxInput));
      bestMs = Math.min(bestMs, performance.now() - startMs);
    }
    return bestMs > 1;
  };
  for (const { source, ignoreCase, judged } of workerData.patterns) {
    const flags = ignoreCase ? 'iu' : 'u';
    let pattern;
    try { pattern = new RegExp(source, flags); } catch { parentPort.postMessage({ status: 'unknown', invalid: true }); continue; }
    let answer;
    for (const text of judged) {
      const { status, complexity, attack } = checkSync(text, flags, { timeout: workerData.timeoutMs });
      const { type, degree } = complexity ?? {};
      const quadratic = status === 'vulnerable' && type === 'polynomial' && degree === 2;
      const slow = quadratic && isSlow(attack, (text) => pattern.test(text));
      if (answer === undefined || status !== 'safe') answer = { status, type, degree, slow };
      if (status !== 'safe' && !quadratic) break;
    }
    parentPort.postMessage(answer);
  }
`;

/** One verdict per pattern, in their order. Settles within the deadlines; rejects only where no thread can be started. */
export async function checkPatterns(
  patterns: readonly Pattern[],
  deadlines: PatternDeadlines = DEADLINES,
): Promise<readonly PatternVerdict[]> {
  const verdicts: PatternVerdict[] = [];
  const endMs = performance.now() + deadlines.totalMs;
  while (verdicts.length < patterns.length) {
    const leftMs = endMs - performance.now();
    if (leftMs > 0) verdicts.push(...(await checkInThread(patterns.slice(verdicts.length), deadlines, leftMs)));
    // The one that the thread was ended at, or whose turn did not come.
    if (verdicts.length < patterns.length) verdicts.push('undecided');
  }
  return verdicts;
}

/** Verdicts up to the first pattern that takes too long. */
function checkInThread(
  patterns: readonly Pattern[],
  { loadMs, patternMs }: PatternDeadlines,
  leftMs: number,
): Promise<readonly PatternVerdict[]> {
  const checker = createRequire(import.meta.url).resolve('recheck/lib/browser.js');
  const workerData = {
    checker,
    patterns: patterns.map((pattern) => ({ ...pattern, judged: withoutCounts(pattern.source) })),
    timeoutMs: patternMs,
    maxInput: QUADRATIC_MAX_INPUT,
  };
  // `stdout` and `stderr`: whatever the checker prints is not the server's log.
  const worker = new Worker(THREAD, { eval: true, workerData, stdout: true, stderr: true, env: {}, execArgv: [] });
  const verdicts: PatternVerdict[] = [];
  return new Promise((resolve, reject) => {
    const end = () => void worker.terminate();
    const whole = setTimeout(end, leftMs);
    let one = setTimeout(end, loadMs + patternMs);
    worker.on('message', (answer: Answer) => {
      verdicts.push(toVerdict(answer));
      clearTimeout(one);
      one = setTimeout(end, patternMs);
    });
    // An error inside the thread ends it like a late verdict does; the pattern at hand is undecided.
    worker.on('error', (cause) => verdicts.length === 0 && /Cannot find module/.test(String(cause)) && reject(cause));
    worker.on('exit', () => {
      clearTimeout(one);
      clearTimeout(whole);
      resolve(verdicts);
    });
  });
}

function toVerdict({ status, invalid, type, degree, slow }: Answer): PatternVerdict {
  if (invalid === true) return 'invalid';
  if (status === 'safe') return 'linear';
  if (status !== 'vulnerable') return 'undecided';
  return type === 'polynomial' && degree === 2 && slow !== true ? 'quadratic' : 'worse';
}
