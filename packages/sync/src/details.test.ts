import { expect, it } from 'vitest';
import { decide, metadataOf } from './details.ts';
import { applyKills, loadRuleSet } from './store.ts';
import { flagBody, ruleSetOf } from './testing/model.ts';

it('names the revision of a kill that is here before its body', () => {
  const ruleSet = ruleSetOf(7, { flags: { a: flagBody({ value: 'red', revision: 7 }) } });
  const versionIn = (store: ReturnType<typeof loadRuleSet>['store']) =>
    metadataOf(store, 'a', decide(store, 'string', 'a', {}, 0)).version;
  const { store } = loadRuleSet(ruleSet, null);
  expect(versionIn(store)).toBe('7');
  const killed = applyKills(store, ruleSet.epoch, [{ key: 'a', revision: 8, offVariant: null }]).store;
  expect(versionIn(killed)).toBe('8');
});
