import { expect, test } from 'vitest';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { advanceView, type RuleSetView, startView, type ViewChange } from '../ruleset/rule-set-view.ts';
import { createEvaluableViews } from './evaluable-views.ts';
import { evaluateFlag } from './evaluate-flag.ts';

const COUNT = 300;
const flag = (key: string, revision: number, served: string): ViewChange => ({
  ...{ kind: 'flag', key, revision, tag: `${revision}`.padStart(16, '0'), off: null },
  storedText: JSON.stringify({
    ...{ type: 'boolean', variants: { on: true, off: false }, on: true, offVariant: 'off', fallthrough: { variant: served } },
  }),
});
const served = (view: RuleSetView) =>
  ({ rules: { environmentId: 'e', views: { server: view } } }) as unknown as ServedEnvironment;
const header = { project: 'shop', environment: 'test', epoch: '1-a', revision: COUNT };

test('is warm once all flags are compiled, stays so from one revision to the next, and is not in a new epoch', async () => {
  const views = createEvaluableViews();
  const changes = Array.from({ length: COUNT }, (_, index) => flag(`flag-${index}`, index + 1, 'on'));
  const view = startView('server', header, changes);
  const first = views(served(view), 'server');
  expect(first.warming()).toBe(first.warming());
  await first.warming();
  expect(first.warming()).toBeNull();

  const revision = COUNT + 1;
  const led = views(served(advanceView(view, [{ revision, changes: [flag('flag-7', revision, 'off')] }])), 'server');
  expect(led.warming()).toBeNull();
  expect(evaluateFlag(first, 'flag-7', {}, 0)).toMatchObject({ value: true });
  expect(evaluateFlag(led, 'flag-7', {}, 0)).toMatchObject({ value: false });
  expect(views(served(startView('server', { ...header, epoch: '2-b' }, changes)), 'server').warming()).not.toBeNull();
});
