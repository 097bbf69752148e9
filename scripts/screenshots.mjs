// @ts-check
/**
 * npm run screenshots: takes the pictures of the documents from the running product, so that they can be taken again
 * after every change of the pages.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from './chromium.mjs';
import { API_TOKEN, launchYardarm, root, temporaryDirectory } from './launch.mjs';
import { startReactExample } from './react-example.mjs';

const FOLDER = path.join(root, 'docs', 'images');
const SIZE = { width: 1440, height: 810 };
const TALL = { width: 1280, height: 1180 };
const ASSESSED_MS = 120_000;
const SCHEMES = /** @type {const} */ (['light', 'dark']);

const found = await findChromium(root, process.env);
const directory = await temporaryDirectory();
const hook = createServer((_request, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
await once(hook, 'listening');
const hookAddress = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (hook.address()).port}`;
const yardarm = await launchYardarm({ dataDirectory: directory.path, env: { YARDARM_WEBHOOK_ALLOW: hookAddress } });
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: found.args,
  env: { .../** @type {Record<string, string>} */ (process.env), ...found.env },
});
try {
  await mkdir(FOLDER, { recursive: true });
  const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: 1.5, reducedMotion: 'reduce', locale: 'en-GB' });
  const page = await context.newPage();

  await page.goto(yardarm.signInUrl);
  await page.getByTestId('switch-recommendations-production').waitFor();
  await uploadReferences(yardarm.adminUrl);
  await page.getByRole('link', { name: 'new-checkout' }).first().click();
  await page.getByTestId('targeting-production').click();
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByRole('combobox', { name: 'Attribute of rule 1' }).fill('country');
  await page.getByRole('combobox', { name: 'Operator of rule 1' }).selectOption('in');
  await page.getByRole('textbox', { name: 'Values of rule 1' }).fill('DE, AT, CH,');
  await page.getByRole('textbox', { name: 'Context' }).fill('{ "targetingKey": "user-1", "country": "DE" }');
  await page.evaluate(() => window.scrollTo(0, 260));
  await take(page, 'targeting');
  await page.getByRole('button', { name: 'Discard' }).click();

  for (const name of ['Segments', 'Changes', 'SDK keys', 'Settings', 'People', 'API tokens']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.waitForLoadState('networkidle');
    await take(page, name.toLowerCase().replace(' ', '-'));
  }

  // Assessed within a minute.
  await page.getByRole('link', { name: 'Hygiene', exact: true }).click();
  await page.getByTestId('assessed-new-checkout').getByText('in code').waitFor({ timeout: ASSESSED_MS });
  await page.evaluate(() => window.scrollTo(0, 0));
  await take(page, 'hygiene');

  await page.goto(yardarm.shopUrl);
  await page.locator('[data-testid="link-state"][data-browser="READY"][data-server="READY"]').waitFor();
  await take(page, 'shop');

  await page.goto(`${yardarm.adminUrl}/projects/shop/connect?environment=production&app=demo-shop&flag=recommendations`);
  await page.getByTestId('make-key').click();
  await page.getByText('The first evaluation has arrived').waitFor({ timeout: 90_000 });
  await take(page, 'connect');

  // Now that something was evaluated.
  await page.goto(`${yardarm.adminUrl}/projects/shop/flags`);
  await page
    .getByRole('img', { name: / evaluations? in / })
    .first()
    .waitFor();
  await page.waitForLoadState('networkidle');
  await take(page, 'flags');
  await page.getByRole('link', { name: 'new-checkout' }).first().click();
  await page.getByTestId('percentage-production').waitFor();
  await page.waitForLoadState('networkidle');
  await take(page, 'flag');

  await page.goto(`${yardarm.adminUrl}/projects/shop/look-up?environment=production`);
  await page.getByRole('textbox', { name: 'Targeting key' }).fill('visitor-042');
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByRole('button', { name: 'Why new-checkout answers this' }).click();
  await take(page, 'look-up');

  await page.goto(`${yardarm.adminUrl}/projects/shop/compare?from=staging&to=production`);
  await page.getByRole('checkbox', { name: 'Promote flag new-checkout' }).check();
  await take(page, 'compare');

  await prepare();
  await page.goto(`${yardarm.adminUrl}/projects/shop/fleet?environment=production`);
  await page.getByRole('region', { name: 'Convergence by app' }).getByRole('button', { name: 'demo-shop' }).waitFor();
  await take(page, 'fleet');

  await page.goto(`${yardarm.adminUrl}/projects/shop/webhooks`);
  await page.getByRole('button', { name: 'Deliveries', exact: true }).first().click();
  await page.getByText('delivered, 204').first().waitFor();
  await take(page, 'webhooks');

  await page.goto(`${yardarm.adminUrl}/audit`);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText('Sound.').waitFor();
  await take(page, 'audit');

  for (const [address, name, heading] of /** @type {const} */ ([
    ['/projects/shop/members', 'members', 'Members'],
    ['/teams', 'teams', 'Teams'],
    ['/account', 'account', 'admin'],
  ])) {
    await page.goto(`${yardarm.adminUrl}${address}`);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await page.waitForLoadState('networkidle');
    await take(page, name);
  }

  const example = await startReactExample(yardarm.adminUrl, directory.path);
  await page.goto(example.url);
  await page.locator('[data-testid="link-state"][data-status="READY"]').waitFor();
  await page.getByTestId('beta-tester').check();
  const checkout = page.getByTestId('checkout');
  while ((await checkout.getAttribute('data-kind')) !== 'new') await page.getByTestId('somebody-else').click();
  await page.getByTestId('beta-tester').check();
  await page.setViewportSize(TALL);
  await page.evaluate(() => window.scrollTo(0, 0));
  await take(page, 'react');
  await example.stop();
} finally {
  await browser.close();
  await yardarm.stop();
  hook.close();
  await directory.remove();
}

/**
 * As a pipeline does.
 * @param {string} adminUrl
 */
async function uploadReferences(adminUrl) {
  const reference = (
    /** @type {string} */ flagKey,
    /** @type {string} */ file,
    /** @type {number} */ line,
    /** @type {string} */ text,
  ) => {
    return { flagKey, path: file, line, kind: 'call', text };
  };
  const response = await fetch(`${adminUrl}/api/v1/projects/shop/code-references`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{
        repository: 'acme/shop',
        branch: 'main',
        commit: '4f1c9a7be02d63518e0c7d9f2a6b1c3e5d708f94',
        isDefaultBranch: true,
        rest: [],
      },
      lineUrl: 'https://git.example.com/acme/shop/blob/{commit}/{path}#L{line}',
      references: [
        reference('new-checkout', 'src/pages/checkout.tsx', 18, "const isNew = useBooleanFlagValue('new-checkout', false);"),
        reference(
          'new-checkout',
          'src/server/orders.ts',
          52,
          "if (await flags.getBooleanValue('new-checkout', false, context)) {",
        ),
        reference('recommendations', 'src/pages/home.tsx', 41, "useBooleanFlagValue('recommendations', false)"),
        reference('old-banner', 'src/pages/home.tsx', 12, "useStringFlagValue('old-banner', '')"),
      ],
    }),
  });
  if (!response.ok) throw new Error(`Upload of references: ${response.status} ${await response.text()}`);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
async function take(page, name) {
  // No place of what is still on its way.
  await page.waitForFunction(() => document.querySelector('main .animate-shimmer') === null);
  // Over nothing that it would light up.
  await page.mouse.move(SIZE.width - 1, SIZE.height - 1);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    const file = path.join(FOLDER, `${name}-${colorScheme}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(root, file));
  }
}

/** Something to look at: a webhook, a team with rights, and changes that have arrived. */
async function prepare() {
  await call('/projects/shop/webhooks', {
    name: 'On-call channel',
    url: `http://${hookAddress}/yardarm`,
    commands: ['flag.kill', 'flag.unkill'],
  });
  await call('/teams', { key: 'checkout', name: 'Checkout', members: ['admin'] });
  await call('/teams', { key: 'search', name: 'Search' });
  await call('/projects/shop/grants', { team: 'checkout', role: 'editor' });
  await call('/projects/shop/environments/production/grants', { team: 'checkout', role: 'releaser' });
  for (const verb of ['kill', 'unkill', 'kill', 'unkill'])
    await call(`/projects/shop/flags/recommendations/environments/production/${verb}`, {});
}

/**
 * @param {string} address
 * @param {object} body
 */
async function call(address, body) {
  const response = await fetch(`${yardarm.adminUrl}/api/v1${address}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
}
