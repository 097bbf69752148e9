import { compareEpochs } from '@yardarm/sync';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { makeProject } from '../testing/fixtures.ts';
import { choosePassword, makePerson, PASSWORD, signInWith } from '../testing/people.ts';
import { readRecord, type TestApp, testApp } from '../testing/test-app.ts';
import { runAdmin } from './run-admin.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const admin = (...words: string[]) =>
  runAdmin(words, {
    config: loadConfig({ DATABASE_URL: server.url, YARDARM_PUBLIC_URL: 'https://flags.example.com' }),
    log: pino({ level: 'silent' }),
    now: () => server.clock.nowMs,
    searchPath: '',
  });

describe('admin new-epoch', () => {
  const epochs = async () => {
    const rows = await server.sql<{ name: string; epoch: string }[]>`
      select p.key || '/' || e.key as name, h.epoch from environment_heads h
      join environments e on e.id = h.environment_id join projects p on p.id = e.project_id order by name`;
    return new Map(rows.map(({ name, epoch }) => [name, epoch]));
  };

  it('makes one for every environment, or for the one that is named, on the record', async () => {
    await makeProject(server, 'shop', ['production', 'staging']);
    const before = await epochs();
    const printed = await admin('new-epoch');
    const after = await epochs();
    for (const [name, epoch] of after) {
      expect(printed).toContain(`${name}: revision 0 of the new epoch ${epoch}`);
      expect(compareEpochs(epoch, before.get(name)!)).toBeGreaterThan(0);
    }
    await admin('new-epoch', 'shop', 'staging');
    const last = await epochs();
    expect([...last].filter(([name, epoch]) => after.get(name) !== epoch).map(([name]) => name)).toEqual(['shop/staging']);
    const { changes } = await readRecord(server);
    expect(changes.filter(({ command }) => command === 'environment.new_epoch')).toHaveLength(after.size + 1);
  });

  it('names the environments that there are when it is given another', async () => {
    await expect(admin('new-epoch', 'shop', 'elsewhere')).rejects.toThrow(
      "There is no environment 'shop/elsewhere'. There are: shop/production, shop/staging.",
    );
  });
});

describe('admin reset', () => {
  it('prints a link for a new password, beside the running server and on the record', async () => {
    await makePerson(server, 'Ada Lovelace', [{ role: 'admin' }]);
    const printed = await admin('reset', 'ada', 'lovelace');
    const [, token = ''] = /https:\/\/flags\.example\.com\/reset#([\w-]{43})$/.exec(printed) ?? [];
    expect((await choosePassword(server, token, 'another lamp entirely')).statusCode).toBe(201);
    expect((await signInWith(server, 'Ada Lovelace', 'another lamp entirely')).statusCode).toBe(201);
    expect((await signInWith(server, 'Ada Lovelace', PASSWORD)).statusCode).toBe(401);
    const { changes } = await readRecord(server);
    expect(changes.find(({ command }) => command === 'user.reset')).toMatchObject({ actor: 'bootstrap', key: 'Ada Lovelace' });
  });

  it('says whom it knows when the name is unknown, and how it is used', async () => {
    await expect(admin('reset', 'nobody')).rejects.toThrow("There is no user 'nobody'. There are: 'Ada Lovelace'.");
    await expect(admin('reset')).rejects.toThrow('admin reset <user>');
    await expect(admin('explode')).rejects.toThrow('Usage');
  });
});
