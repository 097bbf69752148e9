import { resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSnapshot, snapshotLines } from './snapshot.ts';
import { applyDelta, applyKills, loadRuleSet, type Store } from './store.ts';
import { anyHistory } from './testing/arbitraries.ts';
import { deltaOf, EPOCH, flagBody, historyOf, ruleSetOf, unreadableFlag } from './testing/model.ts';

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
