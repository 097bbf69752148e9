// @ts-check
/**
 * npm run bench:herd -- [--sockets 10000]
 * Row '12, sockets' of the fault table with as many as are asked for, and all that there is to see in it. Exit code 1 where a bar is missed.
 */
import { parseArgs } from 'node:util';
import { quantile } from '../flip/statistics.mjs';
import { createBars } from './bars.mjs';
import { runHerd } from './herd.mjs';
import { herdMeasures } from './herd-bars.mjs';
import { machineLine } from './machine.mjs';

const { values } = parseArgs({ options: { sockets: { type: 'string', default: '10000' } } });
console.log(machineLine());
const herd = await runHerd({ sockets: Number(values.sockets), handshakesPerSecond: 1_000 });
const { sockets, readyMs, backMs, attempts, refusals, readsMs, loopDelayP99Ms, peakMb, lateMs } = herd;
console.log(`The server was ready ${readyMs.toFixed(0)} ms after its end. ${machineLine()}`);
console.log(
  `Back after the kill: half in ${seconds(quantile(backMs, 0.5))}, 95 % in ${seconds(quantile(backMs, 0.95))}, all in ${seconds(Math.max(...backMs))}.`,
);
console.log(
  `Peak: ${Math.max(...perSecond(backMs))} let in within a second. Refusals: ${JSON.stringify(refusals)} ("none": nobody listened).`,
);
console.log(
  `Attempts of a replica: median ${quantile(attempts, 0.5)}, p99 ${quantile(attempts, 0.99)}, at most ${Math.max(...attempts)}.`,
);
console.log(
  `Reads of the rule set meanwhile: ${readsMs.length}, p99 ${quantile(readsMs, 0.99).toFixed(0)} ms. Server: loop delay p99 ${loopDelayP99Ms.toFixed(0)} ms, at most ${peakMb.toFixed(0)} MB resident.`,
);
console.log(`The replicas' own processes were up to ${seconds(lateMs)} late, in which they neither ask nor hear.`);
console.log(`After a flip the receipts name all ${sockets}.`);
console.log(`Let in by second after the kill: ${perSecond(backMs).join(' ')}`);
const bars = createBars();
for (const { title, value, atMost, unit } of herdMeasures(herd)) bars.check(title, value, atMost, unit);
process.exitCode = bars.conclude();

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1e3).toFixed(1)} s`;
}

/** @param {readonly number[]} atMs @returns {number[]} how many in each second */
function perSecond(atMs) {
  const counts = Array.from({ length: Math.ceil(Math.max(...atMs) / 1e3) }, () => 0);
  for (const ms of atMs) counts[Math.floor(ms / 1e3)] = (counts[Math.floor(ms / 1e3)] ?? 0) + 1;
  return counts;
}
