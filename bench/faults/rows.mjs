// @ts-check
/** The rows of the fault table that are shown on real sockets: what each runs in full, and in the small size of the tests. */
import { blockedStream } from './blocked-stream.mjs';
import { breakGlass } from './break-glass.mjs';
import { busyFanOut } from './busy-fan-out.mjs';
import { corrupt } from './corrupt.mjs';
import { pooledListener, stalledListener } from './deaf-listener.mjs';
import { clientSide, serverSide } from './half-open.mjs';
import { killAfterCommit } from './kill-after-commit.mjs';
import { latePolls, shuffledFrames } from './order.mjs';
import { outage } from './outage.mjs';
import { pollerHerd } from './poller-herd.mjs';
import { restoredDatabase } from './restored-database.mjs';
import { revoke } from './revoke.mjs';
import { rollingDeploy } from './rolling.mjs';
import { slowDatabase } from './slow-database.mjs';
import { slowReader } from './slow-reader.mjs';
import { socketHerd } from './socket-herd.mjs';

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} fault
 * @property {() => Promise<import('./bed.mjs').Measure[]>} full
 * @property {() => Promise<import('./bed.mjs').Measure[]>} small
 * @property {boolean} [isAlone] has a bar that other rows at the same time, on two cores, would be measured by
 */

/** @type {readonly Row[]} */
export const ROWS = [
  {
    id: '2',
    fault: 'a server that ends between commit and first frame',
    full: () => killAfterCommit(),
    small: () => killAfterCommit({ sdks: 6, loops: 2 }),
  },
  {
    id: '4',
    fault: 'an older copy of the database',
    full: () => restoredDatabase(),
    small: () => restoredDatabase({ sdks: 6 }),
  },
  {
    id: '5',
    fault: 'a database that is away, also from a server that starts',
    full: () => outage(),
    small: () => outage({ seconds: 24, sdks: 6, startEveryMs: 1_000, isLong: false }),
  },
  { id: '6', fault: 'a listener that goes deaf', full: stalledListener, small: stalledListener },
  { id: '6, pooled', fault: 'a listener behind a pooler that keeps no sessions', full: pooledListener, small: pooledListener },
  {
    id: '7',
    fault: 'a database that answers late',
    full: () => slowDatabase(),
    small: () => slowDatabase({ rounds: 1, comparesLatency: false, wayS: 1 }),
  },
  { id: '9', fault: 'a link that dies without a word, seen by the SDK', full: clientSide, small: clientSide },
  {
    id: '10',
    fault: 'readers that stop without a word, seen by the server',
    full: () => serverSide(),
    small: () => serverSide({ sockets: 20, cycles: 300 }),
  },
  {
    id: '11',
    fault: 'a reader at 1 KB/s',
    full: () => slowReader(),
    small: () => slowReader({ changes: 300, rounds: 1, comparesLatency: false }),
  },
  {
    id: '12, pollers',
    fault: 'many pollers of a server that is killed',
    full: () => pollerHerd(),
    small: () => pollerHerd({ pollers: 500, comparesLatency: false }),
  },
  {
    id: '12, sockets',
    fault: 'many streams of a server that is killed',
    full: () => socketHerd(),
    small: () => socketHerd({ sockets: 240, handshakesPerSecond: 40, comparesLatency: false }),
    isAlone: true,
  },
  { id: '13', fault: 'a rolling deploy of three servers', full: () => rollingDeploy(), small: () => rollingDeploy({ sdks: 5 }) },
  {
    id: '16',
    fault: 'flipped bits, cuts and bad gzip',
    full: () => corrupt(),
    small: () => corrupt({ seconds: 6 }),
  },
  {
    id: '17',
    fault: 'frames twice and out of turn',
    full: () => shuffledFrames(),
    small: () => shuffledFrames({ flips: 100 }),
  },
  { id: '18', fault: 'polls answered ten seconds late', full: latePolls, small: latePolls },
  { id: '31', fault: 'a key revoked with open sockets', full: () => revoke(), small: () => revoke({ sockets: 20 }) },
  {
    id: '38',
    fault: 'a kill while everything else hangs',
    full: () => breakGlass(),
    small: () => breakGlass({ sockets: 200, kills: 1 }),
    isAlone: true,
  },
  { id: '43', fault: 'a stream that a proxy blocks', full: blockedStream, small: blockedStream },
  {
    id: '46',
    fault: 'more changes than can be sent to all',
    full: () => busyFanOut(),
    small: () => busyFanOut({ sockets: 200, seconds: 45, leastPerSecond: 1 }),
  },
];
