/** The demo shop as its visitors and as monitoring see it. */
import type { Page } from 'playwright-core';
import type { ServerState } from '../../examples/shop/src/flags.ts';

/** What the shop's server process answers for a flag right now. */
export async function serverValue(shopUrl: string, flag: string): Promise<unknown> {
  const state = (await (await fetch(`${shopUrl}/api/state?targetingKey=visitor-042`)).json()) as ServerState;
  return state.flags.find(({ key }) => key === flag)?.value;
}

/** Opens the shop and waits until the page evaluates its flags by the rule set and not by code defaults. */
export async function openShop(page: Page, shopUrl: string): Promise<void> {
  await page.goto(shopUrl);
  await page.locator('[data-testid="link-state"][data-browser="READY"][data-server="READY"]').waitFor();
}

/** Marks the document, so that a later look can tell that it was never loaded again. */
export async function markDocument(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  return () => page.evaluate(() => 'sameDocument' in window);
}
