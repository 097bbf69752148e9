import { expect, it } from 'vitest';
import { decide, metadataOf } from './details.ts';
import { advanceTo, applyKills, loadRuleSet, type Store } from './store.ts';
import { flagBody, ruleSetOf } from './testing/model.ts';

const versionIn = (store: Store) => metadataOf(store, 'a', decide(store, 'string', 'a', {}, 0)).version;
const ruleSet = ruleSetOf(7, { flags: { a: flagBody({ value: 'red', revision: 7 }) } });
const { store } = loadRuleSet(ruleSet, null);
const killed = applyKills(store, ruleSet.epoch, [{ key: 'a', revision: 8, offVariant: null }]).store;

it('names the revision of a kill that is here before its body', () => {
  expect(versionIn(store)).toBe('7');
  expect(versionIn(killed)).toBe('8');
});

it('does not go back to the version of the body when a kill turns out to be undone', () => {
  const undone = advanceTo(killed, { ...killed.state, revision: 9 }).store;
  expect(decide(undone, 'string', 'a', {}, 0).value).toBe('red');
  expect(versionIn(undone)).toBe('9');
});
