import { describe, expect, it } from 'vitest';
import { replicaStep } from './replica.ts';
import type { Link, ReplicaEvent } from './replica-state.ts';
import { deltaOf } from './testing/model.ts';
import {
  beat,
  blue,
  closed,
  fetched,
  goodbye,
  green,
  named,
  opened,
  PATHS,
  received,
  red,
  resync,
  run,
  welcome,
  woke,
} from './testing/replica-run.ts';

const EVENTS = {
  opened,
  'welcome to what is held': welcome(),
  'a delta that leads on': received(deltaOf(red, green)),
  'a delta after a gap': received({ ...deltaOf(green, blue), kill: [{ key: 'a', offVariant: 'off', revision: 7 }] }),
  'a beat of what is held': beat(),
  'a beat of something newer': beat(green),
  resync: resync('gap'),
  goodbye,
  'an unreadable frame': { type: 'received', message: { type: 'invalid', problem: 'nonsense', closeCode: 4000 } },
  'an unknown frame': { type: 'received', message: null },
  'a newer protocol': { type: 'received', message: { type: 'invalid', problem: 'format 2', closeCode: 4026 } },
  heard: { type: 'heard' },
  closed: closed({ code: 1006 }),
  suspended: { type: 'suspended' },
  resumed: { type: 'resumed' },
  stop: { type: 'stop' },
} satisfies Record<string, ReplicaEvent>;

type Cell = readonly [link: Link['kind'] | 'stopped', effects: string];
/** Every link against every event. A missing cell does not compile. Frames on a link that is not open are not heard. */
const TABLE: Record<Link['kind'], Record<keyof typeof EVENTS, Cell>> = {
  connecting: {
    opened: ['greeting', 'hello'],
    'welcome to what is held': ['connecting', ''],
    'a delta that leads on': ['connecting', ''],
    'a delta after a gap': ['connecting', ''],
    'a beat of what is held': ['connecting', ''],
    'a beat of something newer': ['connecting', ''],
    resync: ['connecting', ''],
    goodbye: ['connecting', ''],
    'an unreadable frame': ['connecting', ''],
    'an unknown frame': ['connecting', ''],
    'a newer protocol': ['connecting', ''],
    heard: ['connecting', ''],
    closed: ['waiting', ''],
    suspended: ['waiting', 'disconnect stale'],
    resumed: ['connecting', 'disconnect connect fetchRuleSet'],
    stop: ['stopped', 'disconnect'],
  },
  greeting: {
    opened: ['greeting', ''],
    'welcome to what is held': ['live', ''],
    'a delta that leads on': ['greeting', 'changed applied'],
    'a delta after a gap': ['greeting', 'changed fetchRuleSet fetchKills'],
    'a beat of what is held': ['greeting', ''],
    'a beat of something newer': ['greeting', 'fetchRuleSet fetchKills'],
    resync: ['greeting', 'fetchRuleSet'],
    goodbye: ['waiting', 'disconnect'],
    'an unreadable frame': ['greeting', 'fetchRuleSet fetchKills'],
    'an unknown frame': ['greeting', ''],
    'a newer protocol': ['waiting', 'disconnect'],
    heard: ['greeting', ''],
    closed: ['waiting', ''],
    suspended: ['waiting', 'disconnect stale'],
    resumed: ['connecting', 'disconnect connect fetchRuleSet'],
    stop: ['stopped', 'disconnect'],
  },
  live: {
    opened: ['live', ''],
    'welcome to what is held': ['live', ''],
    'a delta that leads on': ['live', 'changed applied'],
    'a delta after a gap': ['live', 'changed fetchRuleSet fetchKills'],
    'a beat of what is held': ['live', ''],
    'a beat of something newer': ['live', 'fetchRuleSet fetchKills'],
    resync: ['live', 'fetchRuleSet'],
    goodbye: ['waiting', 'disconnect'],
    'an unreadable frame': ['live', 'fetchRuleSet fetchKills'],
    'an unknown frame': ['live', ''],
    'a newer protocol': ['waiting', 'disconnect'],
    heard: ['live', ''],
    closed: ['waiting', ''],
    suspended: ['waiting', 'disconnect stale'],
    resumed: ['connecting', 'disconnect connect fetchRuleSet'],
    stop: ['stopped', 'disconnect'],
  },
  waiting: {
    opened: ['waiting', ''],
    'welcome to what is held': ['waiting', ''],
    'a delta that leads on': ['waiting', ''],
    'a delta after a gap': ['waiting', ''],
    'a beat of what is held': ['waiting', ''],
    'a beat of something newer': ['waiting', ''],
    resync: ['waiting', ''],
    goodbye: ['waiting', ''],
    'an unreadable frame': ['waiting', ''],
    'an unknown frame': ['waiting', ''],
    'a newer protocol': ['waiting', ''],
    heard: ['waiting', ''],
    closed: ['waiting', ''],
    suspended: ['waiting', 'disconnect stale'],
    resumed: ['connecting', 'disconnect connect fetchRuleSet'],
    stop: ['stopped', 'disconnect'],
  },
};

describe('every link against every event', () => {
  for (const [kind, row] of Object.entries(TABLE) as [Link['kind'], Record<keyof typeof EVENTS, Cell>][]) {
    for (const [name, [next, effects]] of Object.entries(row) as [keyof typeof EVENTS, Cell][]) {
      it(`${kind}, on ${name}: ${next}${effects === '' ? '' : `, with ${effects}`}`, () => {
        const result = run([...PATHS[kind], EVENTS[name]]);
        const link = result.state.phase === 'running' ? result.state.link.kind : 'stopped';
        expect([link, named(result.effects)]).toEqual([next, effects]);
      });
    }
  }

  it('has no effect any more once it is stopped', () => {
    const { state } = run([...PATHS.live, { type: 'stop' }]);
    for (const event of [...Object.values(EVENTS), fetched(blue), woke]) {
      expect(replicaStep(state, event, 9e9, 0.5)).toEqual({ state, effects: [] });
    }
  });
});
