/** What somebody has no right to is absent from the admin UI, or locked with the reason beside it; and the API refuses it too. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolations } from './support/axe.ts';
import { type Bed, makeBed, PROJECT } from './support/bed.ts';
import { HANDS } from './support/hands.ts';

const FLAGS = `/projects/${PROJECT}/flags`;
const SWITCH = `${FLAGS}/checkout/environments`;

let bed: Bed;
let viewer: Page;
let editor: Page;

beforeAll(async () => {
  bed = await makeBed();
  await bed.call('POST', FLAGS, { key: 'checkout', kind: 'operational', variants: { on: true, off: false } });
  await bed.call('POST', `${SWITCH}/production/unkill`, { reason: 'Open for business' });
  await bed.call('POST', `/projects/${PROJECT}/segments`, { key: 'staff', name: 'Staff' });
  await bed.makeKey('production');
  viewer = await bed.openAs('Vera', [{ role: 'viewer', project: PROJECT }], FLAGS);
  editor = await bed.openAs('Ed', [{ role: 'editor', project: PROJECT }], FLAGS);
});
afterAll(() => bed?.stop());

const switchIn = (page: Page, environment: string) => page.getByTestId(`switch-checkout-${environment}`);
const isOn = async (environment: string) => (await bed.call<{ on: boolean }>('GET', `${SWITCH}/${environment}`)).on;
/** Statuses of the requests that the missing controls would send, in the session of the page. */
const statuses = (page: Page, requests: readonly (readonly [string, object])[]) =>
  Promise.all(
    requests.map(async ([path, data]) =>
      (await page.request.post(`${bed.url}/api/v1${path}`, { data, headers: { 'sec-fetch-site': 'same-origin' } })).status(),
    ),
  );

describe.each(HANDS)('a viewer, by $name', ({ of: makeHands }) => {
  it('sees the switches and cannot flip them, and is told why', async () => {
    const hands = makeHands(viewer);
    await viewer.goto(bed.url + FLAGS);
    await hands.pressLocked(switchIn(viewer, 'production'));
    await hands.pressLocked(switchIn(viewer, 'staging'));
    expect(await switchIn(viewer, 'production').getAttribute('title')).toContain('no right to switch flags off in Production');
    expect(await viewer.getByRole('button', { name: 'New flag' }).count()).toBe(0);

    await hands.press(viewer.getByRole('link', { name: 'checkout' }));
    await hands.pressLocked(switchIn(viewer, 'production'));
    await viewer.getByText('You have no right to change what Production serves.').waitFor();
    for (const name of ['Archive', 'Edit', 'Copy between environments…', 'Add reason'])
      expect(await viewer.getByRole('button', { name }).count(), name).toBe(0);
    expect([await isOn('production'), await isOn('staging')]).toEqual([true, false]);
    expect(await findViolations(viewer)).toEqual([]);
  });

  it('reads targeting, segments, changes, keys and settings as far as they may, and edits nothing there', async () => {
    const hands = makeHands(viewer);
    await hands.press(viewer.getByTestId('targeting-production'));
    await viewer.getByText('You have no right to change what Production serves.').waitFor();
    expect(await viewer.getByRole('button', { name: 'Add rule' }).isDisabled()).toBe(true);
    // Trying a context out is for everybody.
    await hands.write(viewer.getByRole('textbox', { name: 'Context' }), '{ "targetingKey": "user-9" }');

    await hands.press(viewer.getByRole('link', { name: 'Segments' }));
    await viewer.getByRole('heading', { name: 'Segments' }).waitFor();
    expect(await viewer.getByRole('button', { name: 'New segment' }).count()).toBe(0);
    await hands.press(viewer.getByRole('link', { name: 'Staff' }));
    await viewer.getByText('You have no right to change what Production serves.').waitFor();
    expect(await viewer.getByRole('textbox', { name: 'Always in it' }).isDisabled()).toBe(true);
    expect(await viewer.getByRole('button', { name: 'Delete' }).count()).toBe(0);

    await hands.press(viewer.getByRole('link', { name: 'Changes' }));
    await viewer.getByText('Open for business').waitFor();
    expect(await viewer.getByRole('button', { name: /^Revert/ }).count()).toBe(0);

    await hands.press(viewer.getByRole('link', { name: 'SDK keys' }));
    await viewer.getByText('You have no right to see the SDK keys of Production.').waitFor();
    expect(await viewer.getByRole('button', { name: 'New key' }).count()).toBe(0);

    await hands.press(viewer.getByRole('link', { name: 'Settings' }));
    await viewer.getByText('You have no right to change the settings of this project.').waitFor();
    expect(await viewer.getByRole('textbox', { name: 'Name' }).isDisabled()).toBe(true);
    expect(await findViolations(viewer)).toEqual([]);
    expect(await viewer.getByRole('link', { name: 'People' }).count()).toBe(0);
  });

  it('is offered no kill by the command palette', async () => {
    await viewer.keyboard.press('Control+k');
    await viewer.getByRole('combobox', { name: 'Command' }).waitFor();
    await viewer.keyboard.type('kill checkout production');
    await viewer.getByText('Nothing is called that.').waitFor();
    await viewer.keyboard.press('Escape');
  });
});

describe('the API', () => {
  it('refuses a viewer what the pages leave out', async () => {
    const project = `/projects/${PROJECT}`;
    const answers = await statuses(viewer, [
      [`${SWITCH}/production/kill`, {}],
      [`${SWITCH}/staging/unkill`, {}],
      [FLAGS, { key: 'mine', kind: 'operational', variants: { on: true } }],
      [`${FLAGS}/checkout/archive`, { reason: 'Mine' }],
      [`${project}/segments`, { key: 'mine', name: 'Mine' }],
      [`${project}/environments/production/keys`, { kind: 'server', name: 'Mine' }],
      [`${project}/environments`, { key: 'mine', name: 'Mine' }],
    ]);
    expect(answers).toEqual(answers.map(() => 403));
  });
});

describe.each(HANDS)('an editor, by $name', ({ of: makeHands }) => {
  it('kills in a protected environment, and has no right to switch on again there', async () => {
    const hands = makeHands(editor);
    await editor.goto(`${bed.url}${FLAGS}`);
    await hands.press(switchIn(editor, 'production'));
    await editor.getByRole('region', { name: 'Last switch' }).waitFor();
    expect(await editor.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await expect.poll(() => switchIn(editor, 'production').getAttribute('title')).toContain('no right to switch flags on');
    await hands.pressLocked(switchIn(editor, 'production'));
    expect(await isOn('production')).toBe(false);
    expect(await statuses(editor, [[`${SWITCH}/production/unkill`, { reason: 'Mine' }]])).toEqual([403]);

    await hands.press(switchIn(editor, 'staging'));
    await expect.poll(() => isOn('staging')).toBe(true);
    await bed.call('POST', `${SWITCH}/production/unkill`, { reason: 'For the next one' });
    await bed.call('POST', `${SWITCH}/staging/kill`, {});
  });
});
