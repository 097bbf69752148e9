// @ts-check
/**
 * npm run faults -- [--rows 9,10,…] [--small]
 * Rows of the fault table on real servers, sockets and SDKs, one after the other. A number means every row of that number:
 * 12 is '12, pollers'. Exit code 1 where a bar is missed.
 */
import { parseArgs } from 'node:util';
import { createBars } from '../delivery/bars.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { ROWS } from './rows.mjs';

const { values } = parseArgs({ options: { rows: { type: 'string' }, small: { type: 'boolean', default: false } } });
const wanted = values.rows?.split(',').map((number) => number.trim());
const numberOf = (/** @type {string} */ id) => id.split(',')[0] ?? id;
for (const number of wanted ?? [])
  if (!ROWS.some(({ id }) => numberOf(id) === number)) throw new Error(`There is no row ${number}; see bench/faults/rows.mjs.`);
const bars = createBars();
for (const { id, fault, full, small } of ROWS) {
  if (wanted !== undefined && !wanted.includes(numberOf(id))) continue;
  const startedMs = performance.now();
  console.log(`Row ${id}: ${fault}. ${machineLine()}`);
  for (const { title, value, atMost, unit } of await (values.small ? small() : full()))
    console.log(`  ${bars.check(`row ${id}, ${title}`, value, atMost, unit)}`);
  console.log(`  ${((performance.now() - startedMs) / 1e3).toFixed(0)} s`);
}
process.exitCode = bars.conclude();
