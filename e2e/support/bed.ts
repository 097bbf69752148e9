/** A server with one project, as its people and applications find it, for journeys through the admin UI. */
import type { Browser, Page } from 'playwright-core';
import { mustCall } from '../../bench/crash/call.mjs';
import { spawnServer } from '../../bench/crash/server.mjs';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { launchBrowser, newSession } from './browser.ts';

export interface Bed {
  readonly url: string;
  readonly browser: Browser;
  call<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<T>;
  /** A browser of a person of that name, with these rights, that shows `path`. */
  openAs(name: string, grants: readonly object[], path: string): Promise<Page>;
  /** Secret of a new server key. */
  makeKey(environment: string, project?: string): Promise<string>;
  stop(): Promise<void>;
}

export const PROJECT = 'shop';
export const ADMIN = [{ role: 'admin' }];
const PASSWORD = 'quiet harbour at night';

/** One with Staging, and Production, which is protected. */
export async function makeProject(call: Bed['call'], project: string): Promise<void> {
  await call('POST', '/projects', { key: project, name: 'Shop' });
  for (const [key, name, isProtected] of [
    ['staging', 'Staging', false],
    ['production', 'Production', true],
  ] as const)
    await call('POST', `/projects/${project}/environments`, { key, name, protected: isProtected });
}

export async function makeBed(): Promise<Bed> {
  const directory = await temporaryDirectory();
  const server = spawnServer(directory.path);
  const [url, browser] = await Promise.all([server.ready, launchBrowser()]);
  const call: Bed['call'] = async (method, path, body, headers) =>
    (await mustCall({ url }, { method, path, ...(body && { body }), ...(headers && { headers }) })).body as never;
  await makeProject(call, PROJECT);
  return {
    url,
    browser,
    call,
    async openAs(name, grants, path) {
      const { secret } = await call<{ secret: string }>('POST', '/users', { name, grants });
      const page = await newSession(browser);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.request.post(`${url}/api/v1/password`, { data: { token: secret, password: PASSWORD } });
      await page.goto(url + path);
      return page;
    },
    async makeKey(environment, project = PROJECT) {
      const path = `/projects/${project}/environments/${environment}/keys`;
      return (await call<{ secret: string }>('POST', path, { kind: 'server', name: 'journey' })).secret;
    },
    async stop() {
      await browser.close();
      await server.stop();
      await directory.remove();
    },
  };
}
