import { type Browser, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

/** A real Chromium, found by browser.setup.ts. */
export function launchBrowser(): Promise<Browser> {
  const { executablePath, args, env } = inject('chromium');
  return chromium.launch({ executablePath, args, env: { ...definedOnly(process.env), ...env } });
}

/** Tall, because the admin UI announces other people's changes in the lower corner, over whatever is there. */
const VIEWPORT = { width: 1280, height: 1400 };

/** A page of a browser session of its own: no cookie and no storage shared with another. */
export async function newSession(browser: Browser): Promise<Page> {
  // Without one, a machine that has none gives the browser a language that its own Intl refuses.
  const context = await browser.newContext({ viewport: VIEWPORT, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  return context.newPage();
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
