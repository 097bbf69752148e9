import { describe, expect, it } from 'vitest';
import { NO_POSITION } from './position.ts';
import { startReplica } from './replica.ts';
import type { ReplicaEvent } from './replica-state.ts';
import { storeOfRuleSet } from './snapshot.ts';
import { flagBody, ruleSetOf, stateOf, unreadableFlag } from './testing/model.ts';
import {
  after,
  CONFIG,
  closed,
  failed,
  fetched,
  goodbye,
  named,
  opened,
  received,
  red,
  resync,
  run,
  running,
  value,
  welcome,
  woke,
} from './testing/replica-run.ts';

/** Of an environment that is younger than the key's own, and has changed more often. */
const foreign = ruleSetOf(900, { flags: { a: flagBody({ value: 'foreign' }), b: flagBody({ value: 'foreign' }) } }, '9000-z');
const start = (ruleSet = foreign, isFresh = true) => startReplica(CONFIG, 0, storeOfRuleSet(ruleSet, NO_POSITION), isFresh);
const notModified = (state = stateOf(red)): ReplicaEvent => ({ type: 'fetched', outcome: { kind: 'notModified', state } });
const kill = received({
  type: 'delta',
  epoch: red.epoch,
  from: 5,
  to: 6,
  digest: stateOf(red).digest,
  kill: [{ key: 'a', offVariant: 'off', revision: 6 }],
  put: [],
  remove: [],
});

describe('a rule set that came with the page or the program', () => {
  it('is never claimed as held, and the first state that a server names replaces it, whatever its epoch and revision (I16)', () => {
    const begun = start();
    expect(named(begun.effects)).toBe('connect fetchRuleSet ready');
    const greeted = run([opened], begun);
    expect(greeted.effects[0]).toMatchObject({ message: { type: 'hello' } });
    expect(greeted.effects[0]).not.toHaveProperty('message.have');
    const taken = run([welcome(red), resync('gap'), fetched(red)], greeted);
    expect(taken.all.find(({ type }) => type === 'changed')).toEqual({ type: 'changed', flagsChanged: ['a', 'b'] });
    expect(named(taken.effects)).toBe('changed applied');
    expect(taken.state.store?.state).toEqual(stateOf(red));
    expect(value(taken.state)).toBe('red');
  });

  it('gives way to an answer over HTTP as well, after which nothing moves backwards', () => {
    const polled = run([closed(), fetched(red)], start());
    expect(named(polled.effects)).toBe('changed sendReceipt');
    expect(value(polled.state)).toBe('red');
    const older = ruleSetOf(4, { flags: { a: flagBody({ value: 'older', revision: 4 }) } });
    expect(value(run([after(30_000, woke), fetched(older)], polled).state)).toBe('red');
  });

  it('of the same content saves the transfer: it gets its position from the answer, and nothing has changed', () => {
    const begun = start({ ...red, epoch: '9000-z', revision: 900 });
    expect(begun.effects).toContainEqual({ type: 'fetchRuleSet', have: { ...NO_POSITION, digest: stateOf(red).digest } });
    const { all, state } = run([opened, welcome(red), resync('gap'), notModified()], begun);
    expect(named(all)).toBe('connect fetchRuleSet ready hello applied');
    expect(state.store?.state).toEqual(stateOf(red));
  });

  it('is turned off by a kill of the server, which the rules that it belongs to do not undo', () => {
    const killed = run([opened, welcome(red), resync('gap'), kill], start());
    expect(value(killed.state)).toBe('off');
    expect(value(run([fetched(red)], killed).state)).toBe('off');
  });

  it('lends nothing to what cannot be read of the key’s own environment, neither a body nor a kill', () => {
    const own = ruleSetOf(5, { flags: { a: unreadableFlag({ revision: 5 }), b: unreadableFlag({ revision: 4 }) } });
    const unreadable = {
      ...foreign,
      flags: { ...foreign.flags, b: unreadableFlag({ revision: 7, on: false, offVariant: 'off' }) },
    };
    const { state } = run([opened, welcome(own), resync('gap'), fetched(own)], start(unreadable));
    expect(value(state)).toBeUndefined();
    expect(state.store?.overlays.size).toBe(0);
    expect(state.store?.rejected.map(({ keptRevision }) => keptRevision)).toEqual([null, null]);
  });

  it('is not told of to a server, by a receipt or by what cannot be read in it', () => {
    const unreadable = { ...foreign, flags: { a: unreadableFlag({ revision: 7 }) } };
    const { all } = run([opened, welcome(red), goodbye, failed(), after(30_000, woke)], start(unreadable));
    expect(named(all)).not.toMatch(/applied|rejected|sendReceipt/);
    const unnamed: ReplicaEvent = { type: 'fetched', outcome: { kind: 'notModified', state: undefined } };
    expect(named(run([closed(), unnamed], start()).all)).not.toContain('sendReceipt');
  });

  it('of a program answers while no server is there, STALE and never claimed', () => {
    const waited = run([failed(null), closed(), after(50, woke)], start(foreign, false));
    expect(named(waited.effects)).toBe('ready stale');
    expect(value(waited.state)).toBe('foreign');
    expect(running(waited.state).store?.state.epoch).toBe('');
  });
});
