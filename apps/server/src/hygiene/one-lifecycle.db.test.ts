import {
  type AssessedFlag,
  type CheckSnapshot,
  type Flag,
  type HygieneOverview,
  LIFECYCLES,
  lifecycleOf,
  STANDINGS,
} from '@yardarm/contract';
import { expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { testApp } from '../testing/test-app.ts';

const DAY_MS = 24 * 3_600_000;

/** The admin UI shows what the first of these answers; a check works from the snapshot. */
it('every answer and every filter of the server gives a flag the lifecycle that the one function gives it', async () => {
  const server = await testApp();
  try {
    await makeProject(server, 'shop');
    const { windows } = await server.must<HygieneOverview>('GET', '/projects/shop/hygiene');
    const { expiringDays } = windows;
    const day = (days: number) => new Date(server.clock.nowMs + days * DAY_MS).toISOString().slice(0, 10);
    const expected = new Map<string, string>();
    for (const isArchived of [false, true])
      for (const days of [null, -30, -1, 0, 1, expiringDays, expiringDays + 1])
        for (const standing of [null, ...STANDINGS]) {
          const key = `flag-${expected.size}`;
          const expiresOn = days === null ? null : day(days);
          await makeFlag(server, 'shop', key);
          await server.sql`
            update flags set expires_on = ${expiresOn}, archived_at = ${isArchived ? day(-1) : null} where key = ${key}`;
          await server.sql`
            insert into flag_hygiene (flag_id, standing, reasons, verdict, awaiting_deploy, open, assessed_at)
            select id, ${standing}, '[]'::jsonb, 'caution', false, '[]'::jsonb, now() from flags where key = ${key}`;
          expected.set(
            key,
            lifecycleOf({ archivedAt: isArchived ? day(-1) : null, expiresOn, standing }, day(0), { expiringDays }),
          );
        }
    expect(new Set(expected.values())).toEqual(new Set(LIFECYCLES));

    const get = <T>(path: string) => server.must<T>('GET', `/projects/shop/${path}`);
    const flags = await get<{ items: Flag[] }>('flags?archived=true&limit=200');
    expect(new Map(flags.items.map(({ key, lifecycle }) => [key, lifecycle]))).toEqual(expected);
    const snapshot = await get<CheckSnapshot>('check-snapshot');
    expect(new Map(snapshot.flags.map(({ key, lifecycle }) => [key, lifecycle]))).toEqual(expected);
    const { counts } = await get<HygieneOverview>('hygiene');
    for (const lifecycle of LIFECYCLES) {
      const keys = [...expected].filter(([, of]) => of === lifecycle).map(([key]) => key);
      const filtered = await get<{ items: Flag[] }>(`flags?lifecycle=${lifecycle}&limit=200`);
      expect([lifecycle, filtered.items.map(({ key }) => key).sort()]).toEqual([lifecycle, keys.sort()]);
      expect([lifecycle, counts.lifecycle[lifecycle]]).toEqual([lifecycle, keys.length]);
    }
    const assessed = await get<{ items: AssessedFlag[] }>('hygiene/flags?limit=200');
    for (const { flag, lifecycle } of assessed.items) expect([flag, lifecycle]).toEqual([flag, expected.get(flag)]);
    expect(assessed.items.length).toBeGreaterThan(0);
  } finally {
    await server.close();
  }
});
