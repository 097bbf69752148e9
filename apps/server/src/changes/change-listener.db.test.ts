import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { VIEWS_CHANNEL } from '../views/view-store.ts';
import { CANARY_TIMES, startChangeListener } from './change-listener.ts';
import { CHANGE_CHANNEL } from './record-change.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const ATTEMPTS = 6;
const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 30_000, interval: 10 });

it('listens once after an outage, however many attempts it has made meanwhile, and hears of everything again', async () => {
  const { hostname, port } = new URL(database.url);
  const proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  const url = Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` }).href;
  const log = pino({ level: 'silent' });
  const [onHint, onViews] = [vi.fn(), vi.fn()];
  const listener = startChangeListener({ url, sql: database.sql, log, canary: CANARY_TIMES, onHint, onViews });
  try {
    await soon(() => expect(onHint).toHaveBeenCalledTimes(1));
    proxy.cut();
    await soon(() => expect(proxy.refused()).toBeGreaterThanOrEqual(ATTEMPTS));
    onHint.mockClear();
    onViews.mockClear();
    proxy.mend();
    await soon(() => expect(onViews).toHaveBeenCalledWith(null));
    await database.sql.notify(VIEWS_CHANNEL, 'shop');
    // Heard behind whatever else was asked with it.
    await soon(() => expect(onViews).toHaveBeenCalledWith('shop'));
    expect(onHint).toHaveBeenCalledTimes(1);
    await database.sql.notify(CHANGE_CHANNEL, '');
    await soon(() => expect(onHint).toHaveBeenCalledTimes(2));
  } finally {
    await listener.close();
    await proxy.close();
  }
});
