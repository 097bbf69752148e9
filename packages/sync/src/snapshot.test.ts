import { resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSnapshot, snapshotLines } from './snapshot.ts';
import { advanceTo, applyDelta, applyKills, loadRuleSet, type Store } from './store.ts';
import { anyHistory } from './testing/arbitraries.ts';
import { afterEdit, deltaOf, EPOCH, flagBody, historyOf, ruleSetOf, unreadableFlag } from './testing/model.ts';

const OWNER = 'owner';
const keep = (store: Store) => [...snapshotLines(store, OWNER)].join('\n');
const answers = (store: Store) =>
  ['a', 'b', 'c'].map((key) => resolve(store.rules, key, 'string', { targetingKey: 'user-1' }, 0).value);

describe('a snapshot', () => {
  it('is the store again: position, digest, answers and kills, for any history', () => {
    fc.assert(
      fc.property(anyHistory, fc.constantFrom('a', 'b', 'c'), (edits, killed) => {
        const history = historyOf(edits);
        const head = history.at(-1)!;
        const held = loadRuleSet(head, null).store;
        const store = applyKills(held, EPOCH, [{ key: killed, offVariant: 'off', revision: head.revision + 1 }]).store;
        const again = readSnapshot(keep(store), OWNER)!;
        expect(again.state).toEqual(store.state);
        expect(answers(again)).toEqual(answers(store));
        expect(again.overlays).toEqual(store.overlays);
        expect(again.hashing).toEqual(store.hashing);
      }),
    );
  });

  it('answers like the store also where bodies cannot be read, after any kill (I6)', () => {
    const key = fc.constantFrom('a', 'b');
    const flag = fc.record({ kind: fc.constant('flag' as const), key, on: fc.boolean(), value: fc.constantFrom('red', 'green') });
    const step = fc.oneof(
      flag,
      fc.record({ kind: fc.constant('unread' as const), key, on: fc.boolean() }),
      fc.record({ kind: fc.constant('kill' as const), key, by: fc.integer({ min: -2, max: 2 }) }),
      fc.constantFrom(...(['moved', 'restored'] as const)).map((kind) => ({ kind })),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), fc.integer({ min: 1, max: 12 }), (steps, lastKill) => {
        let held = ruleSetOf(5);
        let store = loadRuleSet(held, null).store;
        for (const [index, step] of steps.entries()) {
          const { epoch, revision, digest } = store.state;
          const next = revision + 1;
          if (step.kind === 'flag') held = { ...afterEdit({ ...held, revision }, step), epoch };
          if (step.kind === 'unread') {
            const body = unreadableFlag({ revision: next, on: step.on });
            held = ruleSetOf(next, { flags: { ...held.flags, [step.key]: body } }, epoch);
          }
          if (step.kind === 'kill') {
            const kill = { key: step.key, offVariant: 'off', revision: Math.max(1, revision + step.by) };
            store = applyKills(store, epoch, [kill]).store;
          } else if (step.kind === 'moved') store = advanceTo(store, { epoch, revision: next, digest }).store;
          else if (step.kind === 'restored') store = advanceTo(store, { epoch: `${2000 + index}-a`, revision: 1, digest }).store;
          else store = loadRuleSet(held, store).store;
        }
        const again = readSnapshot(keep(store), OWNER)!;
        expect(answers(again)).toEqual(answers(store));
        const kills = ['a', 'b'].map((key) => ({ key, offVariant: 'off', revision: lastKill }));
        const killed = (of: Store) => answers(applyKills(of, of.state.epoch, kills).store);
        expect(killed(again)).toEqual(killed(store));
      }),
      { numRuns: 1_000 },
    );
  });

  it('goes on from where it was by a delta', () => {
    const [one, two] = historyOf([{ kind: 'flag', key: 'a', on: true, value: 'red' }]) as [never, never];
    const again = readSnapshot(keep(loadRuleSet(one, null).store), OWNER)!;
    expect(applyDelta(again, deltaOf(one, two)).outcome).toBe('applied');
  });

  it('keeps the last good body of one that could not be read, and says by its digest that there is another', () => {
    const before = ruleSetOf(1, { flags: { a: flagBody({ value: 'red' }) } });
    const after = ruleSetOf(2, { flags: { a: unreadableFlag({ revision: 2 }) } });
    const { store } = applyDelta(loadRuleSet(before, null).store, deltaOf(before, after));
    const again = readSnapshot(keep(store), OWNER)!;
    expect(answers(again)[0]).toBe('red');
    expect(again.state).toMatchObject({ revision: 2 });
    expect(again.state.digest).not.toBe(store.state.digest);
  });

  it('keeps the kill of a body that could not be read, although nothing else changed since (I6)', () => {
    const before = ruleSetOf(1, { flags: { a: flagBody({ value: 'red' }) } });
    const after = ruleSetOf(2, { flags: { a: unreadableFlag({ revision: 2, on: false }) } });
    const { store } = applyDelta(loadRuleSet(before, null).store, deltaOf(before, after));
    const moved = advanceTo(store, { ...store.state, revision: 3 }).store;
    expect(answers(moved)[0]).toBe('off');
    expect(answers(readSnapshot(keep(moved), OWNER)!)[0]).toBe('off');
  });

  it('keeps a kill, and takes another, whatever revisions bodies had in an epoch before (I6)', () => {
    const held = loadRuleSet(ruleSetOf(9, { flags: { a: flagBody({ value: 'red', revision: 9 }) } }), null).store;
    const unread = ruleSetOf(3, { flags: { a: unreadableFlag({ revision: 3, on: false }) } }, '2000-a');
    expect(answers(readSnapshot(keep(loadRuleSet(unread, held).store), OWNER)!)[0]).toBe('off');
    const moved = advanceTo(held, { ...held.state, epoch: '2000-a', revision: 3 }).store;
    const again = readSnapshot(keep(moved), OWNER)!;
    expect(answers(again)[0]).toBe('red');
    expect(answers(applyKills(again, '2000-a', [{ key: 'a', offVariant: 'off', revision: 4 }]).store)[0]).toBe('off');
  });

  it.each(['', '{}', 'null', '{"format":1,"owner":"owner"}', '{"format":2,"owner":"owner","ruleSet":{},"kills":[]}'])(
    'is none when it is %o',
    (text) => {
      expect(readSnapshot(text, OWNER)).toBeNull();
    },
  );

  it('is none for another owner, and none without one of its lines or with a piece of one', () => {
    const text = keep(loadRuleSet(ruleSetOf(1, { flags: { a: flagBody({}), b: flagBody({}) } }), null).store);
    expect(readSnapshot(text, 'somebody else')).toBeNull();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        const cut = readSnapshot(text.slice(0, length), OWNER);
        // Cut between two lines it is whole in form: what guards the file against that is its checksum.
        if (cut !== null) expect(text[length]).toBe('\n');
      }),
    );
  });
});
