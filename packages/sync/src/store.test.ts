import { resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeltaMessage } from './messages.ts';
import { advanceTo, applyDelta, applyKills, checkBodies, loadRuleSet, type Store } from './store.ts';
import { anyHistory } from './testing/arbitraries.ts';
import { deltaOf, digestOf, flagBody, historyOf, ruleSetOf, segmentBody, stateOf, unreadableFlag } from './testing/model.ts';

const load = (...args: Parameters<typeof ruleSetOf>) => loadRuleSet(ruleSetOf(...args), null).store;
const answer = (store: Store, flag: string, context: object = {}) => resolve(store.rules, flag, 'string', { ...context }, 0);
const value = (store: Store, flag = 'a', context?: object) => answer(store, flag, context).value;

const red = ruleSetOf(1, { flags: { a: flagBody({ value: 'red' }) } });
const green = ruleSetOf(2, { flags: { a: flagBody({ value: 'green', revision: 2 }) } });

describe('a delta', () => {
  it('applies when it leads on from what is held, and changes the answers at once', () => {
    const held = load(1, red);
    const { outcome, store, flagsChanged } = applyDelta(held, deltaOf(red, green));
    expect({ outcome, flagsChanged, state: store.state }).toEqual({
      outcome: 'applied',
      flagsChanged: ['a'],
      state: stateOf(green),
    });
    expect([value(held), value(store)]).toEqual(['red', 'green']);
  });

  it('applies from anywhere between its ends (I4)', () => {
    const wide = { ...deltaOf(red, green), from: 0 };
    expect(applyDelta(load(1, red), wide).outcome).toBe('applied');
  });

  it('is ignored when it says nothing new, or speaks of an older epoch (I2)', () => {
    const held = load(2, green);
    const seen = deltaOf(red, green);
    expect(applyDelta(held, seen)).toMatchObject({ outcome: 'ignored', store: held });
    expect(applyDelta(held, { ...seen, from: 2, to: 9, epoch: '999-z' })).toMatchObject({ outcome: 'ignored', store: held });
  });

  it('is a gap when it begins after what is held, or speaks of a newer epoch (I4)', () => {
    const held = load(1, red);
    const later: DeltaMessage = { ...deltaOf(red, green), from: 3, to: 4 };
    expect(applyDelta(held, later)).toMatchObject({ outcome: 'gap', store: held });
    expect(applyDelta(held, { ...deltaOf(red, green), epoch: '2000-a' })).toMatchObject({ outcome: 'gap', store: held });
  });

  it('is a gap when the outcome has another digest than it names (I1)', () => {
    const held = load(1, red);
    const { outcome, store } = applyDelta(held, { ...deltaOf(red, green), digest: '0123456789abcdef' });
    expect(outcome).toBe('gap');
    expect(store).toBe(held);
  });

  it('without bodies moves the revision and changes no flag', () => {
    const next = ruleSetOf(2, red);
    expect(applyDelta(load(1, red), deltaOf(red, next))).toMatchObject({
      outcome: 'applied',
      flagsChanged: [],
      store: { state: stateOf(next) },
    });
  });

  it('names the flags that a changed segment reaches (I7)', () => {
    const before = ruleSetOf(1, { flags: { a: flagBody({ segment: 's' }), b: flagBody({}) }, segments: { s: segmentBody() } });
    const after = ruleSetOf(2, { flags: before.flags, segments: { s: segmentBody({ include: 'user-2', revision: 2 }) } });
    const { store, flagsChanged } = applyDelta(load(1, before), deltaOf(before, after));
    expect(flagsChanged).toEqual(['a']);
    expect(value(store, 'a', { targetingKey: 'user-2' })).toBe('blue for members');
  });

  it('removes what it removes', () => {
    const { store, flagsChanged } = applyDelta(load(1, red), deltaOf(red, ruleSetOf(2)));
    expect(flagsChanged).toEqual(['a']);
    expect(answer(store, 'a').errorCode).toBe('FLAG_NOT_FOUND');
  });
});

describe('an unreadable body (I5)', () => {
  const held = load(1, red);

  it('leaves the last good one in use, counts in the digest, and is reported', () => {
    const next = ruleSetOf(2, { flags: { a: unreadableFlag({ revision: 2 }), b: flagBody({ revision: 2 }) } });
    const { outcome, store, flagsChanged } = applyDelta(held, deltaOf(red, next));
    expect(outcome).toBe('applied');
    expect(store.state.digest).toBe(digestOf(next));
    expect([value(store, 'a'), value(store, 'b')]).toEqual(['red', 'blue']);
    expect(flagsChanged).toEqual(['b']);
    expect(store.rejected).toMatchObject([{ kind: 'flag', key: 'a', keptRevision: 1 }]);
  });

  it('still kills: off is off, with the off variant of the last good body', () => {
    const next = ruleSetOf(2, { flags: { a: unreadableFlag({ revision: 2, on: false }) } });
    const { store, flagsChanged } = applyDelta(held, deltaOf(red, next));
    expect(answer(store, 'a')).toMatchObject({ value: 'off', reason: 'DISABLED' });
    expect(flagsChanged).toEqual(['a']);
  });

  it('does not bring a killed flag back; a readable one does', () => {
    const off = ruleSetOf(2, { flags: { a: unreadableFlag({ revision: 2, on: false }) } });
    const on = ruleSetOf(3, { flags: { a: unreadableFlag({ revision: 3 }) } });
    const readable = ruleSetOf(4, { flags: { a: flagBody({ value: 'green', revision: 4 }) } });
    const killed = applyDelta(held, deltaOf(red, off)).store;
    const stillKilled = applyDelta(killed, deltaOf(off, on)).store;
    expect(value(stillKilled)).toBe('off');
    const back = applyDelta(stillKilled, deltaOf(on, readable)).store;
    expect(value(back)).toBe('green');
    expect(back.rejected).toEqual([]);
  });

  it('that arrives first breaks that flag and no other', () => {
    const store = load(1, { flags: { a: unreadableFlag({ revision: 1 }), b: flagBody({}) } });
    expect(answer(store, 'a')).toMatchObject({ value: undefined, errorCode: 'PARSE_ERROR' });
    expect(value(store, 'b')).toBe('blue');
    expect(store.rejected).toMatchObject([{ key: 'a', keptRevision: null }]);
  });

  it('in a whole rule set keeps the last good one as well', () => {
    const { store } = loadRuleSet(ruleSetOf(5, { flags: { a: unreadableFlag({ revision: 5 }) } }), held);
    expect(value(store)).toBe('red');
    expect(store.rejected).toMatchObject([{ key: 'a', keptRevision: 1 }]);
  });

  it('in a whole rule set still kills', () => {
    const { store } = loadRuleSet(
      ruleSetOf(5, { flags: { a: unreadableFlag({ revision: 5, on: false, offVariant: 'member' }) } }),
      held,
    );
    expect(answer(store, 'a')).toMatchObject({ value: 'red for members', reason: 'DISABLED' });
  });
});

describe('a large rule set', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`flag-${index}`, flagBody({})]));
  const broken = unreadableFlag({ revision: 1 });
  const killed = unreadableFlag({ revision: 1, on: false, offVariant: 'off' });
  const whole = ruleSetOf(1, { flags: { ...many, broken, killed } });
  const fresh = loadRuleSet(whole, null).store;
  const checked = (store: Store): Store => (store.unchecked.length === 0 ? store : checked(checkBodies(store)));

  it('answers before anybody has looked at its bodies, and the same afterwards', () => {
    expect([fresh.unchecked.length, fresh.rejected]).toEqual([502, []]);
    const answers = (store: Store) => ['flag-7', 'broken', 'killed'].map((key) => answer(store, key));
    const before = answers(fresh);
    expect(before).toMatchObject([{ value: 'blue' }, { errorCode: 'PARSE_ERROR' }, { value: 'off', reason: 'DISABLED' }]);
    expect(answers(checked(fresh))).toEqual(before);
  });

  it('is looked at a few bodies at a time, until all that cannot be read are known (I5)', () => {
    const first = checkBodies(fresh);
    expect([first.unchecked.length, first.rejected, first.rules === fresh.rules]).toEqual([302, [], true]);
    expect(checked(first).rejected).toMatchObject([
      { key: 'broken', code: 'unsupported', path: '/flags/broken/requires', keptRevision: null },
      { key: 'killed', keptRevision: null },
    ]);
  });

  it('lends a last good body that nobody has looked at, but never one that cannot be read (I5)', () => {
    const worse = unreadableFlag({ revision: 2 });
    const next = ruleSetOf(2, { flags: { ...many, 'flag-7': worse, broken: worse, killed } });
    for (const { store } of [applyDelta(fresh, deltaOf(whole, next)), loadRuleSet(next, fresh)]) {
      expect(value(store, 'flag-7')).toBe('blue');
      expect(answer(store, 'broken').errorCode).toBe('PARSE_ERROR');
      expect(store.rejected).toMatchObject([
        { key: 'flag-7', keptRevision: 1 },
        { key: 'broken', keptRevision: null },
      ]);
      expect(checked(store).rejected.map(({ key }) => key)).toEqual(['flag-7', 'broken', 'killed']);
    }
  });

  it('ends no kill with a body that nobody has looked at and that cannot be read (I6)', () => {
    const off = applyKills(fresh, whole.epoch, [{ key: 'broken', revision: 1, offVariant: 'off' }]).store;
    expect(answer(off, 'broken')).toMatchObject({ value: 'off', reason: 'DISABLED' });
    expect(answer(checked(off), 'broken')).toMatchObject({ value: 'off', reason: 'DISABLED' });
  });
});

describe('a kill that comes without its body (I6)', () => {
  const held = load(1, red);
  const kill = { key: 'a', offVariant: 'off', revision: 5 };
  const killed = applyKills(held, '1000-a', [kill]);

  it('applies at once, also out of a delta that does not fit', () => {
    expect(value(killed.store)).toBe('off');
    expect(killed.flagsChanged).toEqual(['a']);
    const gap = applyDelta(held, { ...deltaOf(red, green), from: 4, to: 5, kill: [kill] });
    expect(gap).toMatchObject({ outcome: 'gap', flagsChanged: ['a'] });
    expect(value(gap.store)).toBe('off');
    expect(gap.store.state).toEqual(held.state);
  });

  it('applies out of a delta that ends where the reader stands, as it comes with a resync for other content', () => {
    const diverged = load(5, red);
    const kills = { ...deltaOf(red, green), from: 5, to: 5, put: [], kill: [kill] };
    expect(applyDelta(diverged, kills)).toMatchObject({ outcome: 'ignored', flagsChanged: ['a'] });
    expect(value(applyDelta(diverged, kills).store)).toBe('off');
    expect(applyDelta(diverged, { ...kills, epoch: '999-z' })).toEqual({ outcome: 'ignored', store: diverged, flagsChanged: [] });
  });

  it('and is older than the last good body changes nothing, out of a delta that comes late or a piece of one', () => {
    const off = ruleSetOf(2, { flags: { a: flagBody({ revision: 2, on: false }) } });
    const unread = ruleSetOf(4, { flags: { a: unreadableFlag({ revision: 4 }) } });
    const moved = advanceTo(load(2, green), { ...stateOf(green), revision: 3 }).store;
    const kept = applyDelta(moved, deltaOf(green, unread)).store;
    const late = applyDelta(kept, deltaOf(red, off));
    expect(late).toEqual({ outcome: 'ignored', store: kept, flagsChanged: [] });
    expect(value(applyKills(kept, '1000-a', [{ ...kill, revision: 3 }]).store)).toBe('green');
    expect(value(applyKills(kept, '1000-a', [{ ...kill, revision: 4 }]).store)).toBe('off');
  });

  it('applies to the last good body of an epoch before, whatever revision that had', () => {
    const unread = { flags: { a: unreadableFlag({ revision: 2 }) } };
    const late = load(9, { flags: { a: flagBody({ value: 'red', revision: 9 }) } });
    const kept = loadRuleSet(ruleSetOf(3, unread, '2000-a'), late).store;
    expect(value(kept)).toBe('red');
    expect(value(applyKills(kept, '2000-a', [{ ...kill, revision: 1 }]).store)).toBe('off');
    const advanced = advanceTo(kept, { ...kept.state, epoch: '3000-a', revision: 1 }).store;
    expect(value(applyKills(advanced, '3000-a', [{ ...kill, revision: 1 }]).store)).toBe('off');
  });

  it('and is newer than an unreadable body that is off is not ended by what ends that', () => {
    const off = loadRuleSet(ruleSetOf(2, { flags: { a: unreadableFlag({ revision: 2, on: false }) } }), killed.store).store;
    const on = loadRuleSet(ruleSetOf(3, { flags: { a: flagBody({ revision: 3 }) } }), off).store;
    expect([value(off), value(on)]).toEqual(['off', 'off']);
  });

  it('of an older epoch does not touch a last good body either', () => {
    const kept = loadRuleSet(ruleSetOf(5, { flags: { a: unreadableFlag({ revision: 5 }) } }), held).store;
    expect(applyKills(kept, '999-z', [{ ...kill, revision: 9 }])).toEqual({ store: kept, flagsChanged: [] });
  });

  it('changes nothing when the body in use is as new, or the epoch is older', () => {
    for (const [epoch, revision] of [
      ['1000-a', 1],
      ['999-z', 9],
    ] as const) {
      expect(applyKills(held, epoch, [{ ...kill, revision }])).toEqual({ store: held, flagsChanged: [] });
    }
  });

  it('of a newer epoch applies whatever its revision', () => {
    expect(value(applyKills(held, '2000-a', [{ ...kill, revision: 1 }]).store)).toBe('off');
  });

  it('survives an older rule set and ends with a body of its revision', () => {
    const older = ruleSetOf(4, { flags: { a: flagBody({ value: 'green', revision: 4 }) } });
    const stillKilled = loadRuleSet(older, killed.store).store;
    expect(value(stillKilled)).toBe('off');
    const unkilled = loadRuleSet(ruleSetOf(6, { flags: { a: flagBody({ value: 'green', revision: 6 }) } }), stillKilled).store;
    expect(value(unkilled)).toBe('green');
    expect(unkilled.overlays.size).toBe(0);
  });

  it('ends with a newer epoch, and with the flag', () => {
    const restored = loadRuleSet(ruleSetOf(2, { flags: { a: flagBody({ revision: 2 }) } }, '2000-a'), killed.store).store;
    expect(value(restored)).toBe('blue');
    expect(loadRuleSet(ruleSetOf(6), killed.store).store.overlays.size).toBe(0);
  });

  it('to an off variant that does not exist gives the code default', () => {
    const { store } = applyKills(held, '1000-a', [{ ...kill, offVariant: 'gone' }]);
    expect(answer(store, 'a')).toMatchObject({ value: undefined, variant: undefined, reason: 'DISABLED' });
  });
});

describe('a position without new content (304)', () => {
  const held = load(3, red);
  const to = (revision: number, epoch = '1000-a') => ({ epoch, revision, digest: held.state.digest });
  const killAt = (revision: number) => [{ key: 'a', offVariant: 'off', revision }];

  it('moves forward only', () => {
    expect(advanceTo(held, to(5)).store.state.revision).toBe(5);
    expect(advanceTo(held, to(2)).store).toBe(held);
    expect(advanceTo(held, { ...to(5), digest: '0123456789abcdef' }).store).toBe(held);
  });

  it('ends the kills that were undone before it, and says so (I6, I7)', () => {
    const killed = applyKills(held, '1000-a', killAt(4)).store;
    const undone = advanceTo(killed, to(5));
    expect(value(undone.store)).toBe('red');
    expect(undone.flagsChanged).toEqual(['a']);
    expect(value(advanceTo(killed, { ...to(5), epoch: '2000-a' }).store)).toBe('red');
  });

  it('is not undone by a kill of before it that was on its way, and is by one after it (I2, I6)', () => {
    const moved = advanceTo(held, to(5)).store;
    expect(value(applyKills(moved, '1000-a', killAt(4)).store)).toBe('red');
    expect(value(applyKills(moved, '1000-a', killAt(6)).store)).toBe('off');
    const late = load(9, { flags: { a: flagBody({ value: 'red', revision: 9 }) } });
    const restored = advanceTo(late, to(2, '2000-a')).store;
    expect(value(applyKills(restored, '2000-a', killAt(3)).store)).toBe('off');
  });
});

describe('any history', () => {
  it('ends the same whether it comes as one rule set or as deltas of any width (I1, I3, I7)', () => {
    fc.assert(
      fc.property(anyHistory, fc.array(fc.integer({ min: 1, max: 4 })), (edits, widths) => {
        const history = historyOf(edits);
        const newest = history.at(-1)!;
        let store = loadRuleSet(history[0]!, null).store;
        for (const width of [...widths, history.length]) {
          const from = store.state.revision;
          const to = Math.min(from + width, newest.revision);
          const before = store;
          const applied = applyDelta(store, deltaOf(history[from]!, history[to]!));
          expect(applied.outcome).toBe(to > from ? 'applied' : 'ignored');
          store = applied.store;
          expect(applied.flagsChanged).toEqual(flagsThatAnswerOtherwise(before, store, applied.flagsChanged));
        }
        const whole = loadRuleSet(newest, null).store;
        expect(store.state).toEqual(whole.state);
        for (const key of ['a', 'b', 'c'])
          for (const user of ['user-1', 'user-2']) {
            expect(answer(store, key, { targetingKey: user })).toEqual(answer(whole, key, { targetingKey: user }));
          }
      }),
    );
  });
});

/** `named`, plus every flag outside it whose answer differs for a member of any segment: nothing may be missing. */
function flagsThatAnswerOtherwise(before: Store, after: Store, named: readonly string[]): readonly string[] {
  const otherwise = new Set(named);
  for (const key of ['a', 'b', 'c'])
    for (const targetingKey of ['user-1', 'user-2', 'user-3']) {
      const [old, now] = [answer(before, key, { targetingKey }), answer(after, key, { targetingKey })];
      if (old.value !== now.value || old.reason !== now.reason) otherwise.add(key);
    }
  return [...otherwise].sort();
}
