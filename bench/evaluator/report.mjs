// @ts-check
/** Tables and bars of the benchmark. */

/** @typedef {{ workload: string, candidate: string, peer: boolean, evaluates: boolean, medianNs: number, bytes: number, cpuNs: number[] }} Row */
/** @typedef {{ title: string, met: boolean, figure: string }} Bar */

const OWN = 'yardarm';
const FLOOR = 'closures by hand';
const MIX = 'mix of 1 000 flags';
/** What the measuring itself leaves on the heap, spread over a slice. */
const BYTES_OF_MEASURING = 1;

/** @param {readonly (readonly string[])[]} rows @returns {string} columns aligned, the first to the left */
export function aligned(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    )
    .join('\n');
}

/** @param {readonly Row[]} rows */
export function speedTable(rows) {
  const workloads = [...new Set(rows.map((row) => row.workload))];
  const candidates = [...new Set(rows.map((row) => row.candidate))];
  const cell = (/** @type {Row} */ { medianNs, bytes }) =>
    `${medianNs.toFixed(medianNs < 1_000 ? 1 : 0)} / ${Math.max(0, bytes).toFixed(0)}`;
  return aligned([
    ['', ...workloads],
    ...candidates.map((candidate) => [candidate, ...workloads.map((workload) => cell(find(rows, workload, candidate)))]),
    ['yardarm to the floor', ...workloads.map((workload) => `${ratioOf(rows, workload, FLOOR).toFixed(2)}x`)],
    [
      'fastest peer to yardarm',
      ...workloads.map((workload) => `${(1 / ratioOf(rows, workload, fastestPeer(rows, workload))).toFixed(1)}x`),
    ],
  ]);
}

/**
 * @param {{
 *   speed: readonly Row[],
 *   loads: readonly { flags: number, parseMs: number, lazyMs: number }[],
 *   deltaUs: { median: number },
 *   heap: { lazyUsed: number, eager: number },
 * }} results
 * @returns {readonly Bar[]}
 */
export function barsOf({ speed, loads, deltaUs, heap }) {
  const workloads = [...new Set(speed.map((row) => row.workload))];
  const toFloor = workloads.map((workload) => ({ workload, ratio: ratioOf(speed, workload, FLOOR) }));
  const slowest = toFloor.reduce((worst, one) => (one.ratio > worst.ratio ? one : worst));
  const slower = workloads.filter((workload) => ratioOf(speed, workload, fastestPeer(speed, workload)) >= 1);
  const lead = 1 / ratioOf(speed, MIX, fastestPeer(speed, MIX));
  const bytes = Math.max(...speed.filter((row) => row.candidate === OWN).map((row) => row.bytes));
  const load = loads.map(({ parseMs, lazyMs }) => lazyMs / parseMs).at(-1) ?? Number.NaN;
  const kept = Math.max(heap.lazyUsed, heap.eager) / 1e6;
  return [
    {
      title: 'at most 2x the floor on each workload',
      met: slowest.ratio <= 2,
      figure: `${slowest.ratio.toFixed(2)}x on ${slowest.workload}`,
    },
    { title: 'no peer faster on any', met: slower.length === 0, figure: slower.join(', ') || 'none' },
    { title: 'at least 5x faster than the fastest peer on the mix', met: lead >= 5, figure: `${lead.toFixed(1)}x` },
    { title: 'no bytes allocated', met: bytes < BYTES_OF_MEASURING, figure: `at most ${bytes.toFixed(2)} an evaluation` },
    { title: '10 000 flags loaded in at most 1.3x JSON.parse', met: load <= 1.3, figure: `${load.toFixed(2)}x` },
    { title: 'a change of one flag within 50 µs', met: deltaUs.median <= 50, figure: `${deltaUs.median.toFixed(1)} µs` },
    { title: 'at most 8 MB kept for 10 000 flags', met: kept <= 8, figure: `${kept.toFixed(1)} MB` },
  ];
}

/**
 * Median over the rounds of the ratio within a round: what disturbed a round disturbed both.
 * @param {readonly Row[]} rows
 * @param {string} workload
 * @param {string} other
 */
function ratioOf(rows, workload, other) {
  const divisors = find(rows, workload, other).cpuNs;
  const ratios = find(rows, workload, OWN).cpuNs.map((ns, round) => ns / (divisors[round] ?? Number.NaN));
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN;
}

/** @param {readonly Row[]} rows @param {string} workload */
function fastestPeer(rows, workload) {
  const peers = rows.filter((row) => row.peer && row.workload === workload);
  return peers.reduce((best, row) => (row.medianNs < best.medianNs ? row : best)).candidate;
}

/** @param {readonly Row[]} rows @param {string} workload @param {string} candidate @returns {Row} */
function find(rows, workload, candidate) {
  const row = rows.find((one) => one.workload === workload && one.candidate === candidate);
  if (row === undefined) throw new Error(`nothing measured for ${candidate} on ${workload}`);
  return row;
}
