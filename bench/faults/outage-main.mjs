// @ts-check
/**
 * npm run outage -- [--minutes 10] [--no-restart]
 * Row 5 of the fault table for as long as is asked for. Exit code 1 where a bar is missed.
 */
import { parseArgs } from 'node:util';
import { createBars } from '../delivery/bars.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { outage } from './outage.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, 'no-restart': { type: 'boolean', default: false } },
});
const minutes = Number(values.minutes);
console.log(`PostgreSQL will be stopped for ${minutes} minutes. ${machineLine()}`);
const bars = createBars();
// Of each life of the server some minutes have to be left behind the first one.
const measures = await outage({ seconds: minutes * 60, isLong: minutes >= 6, restarts: !values['no-restart'] });
for (const { title, value, atMost, unit } of measures) bars.check(title, value, atMost, unit);
process.exitCode = bars.conclude();
