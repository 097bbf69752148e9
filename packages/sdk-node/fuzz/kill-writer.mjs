// @ts-check
/** Child of kill-writes.mjs: keeps one rule set in a file, until it is killed. Arguments: the file, the revision. */
import { loadRuleSet } from '@yardarm/sync';
import { snapshotsIn } from '../dist/snapshot-file.js';
import { KEY, ruleSetOf } from './kill-writes.mjs';

const [file = '', revision = ''] = process.argv.slice(2);
const { store } = loadRuleSet(ruleSetOf(Number(revision)), null);
process.send?.('ready');
snapshotsIn(file, KEY).save(store);
setTimeout(() => {}, 10_000);
