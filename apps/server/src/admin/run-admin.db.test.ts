import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
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
    await expect(admin('reset')).rejects.toThrow('Usage: admin reset <user>');
    await expect(admin('explode')).rejects.toThrow('Usage');
  });
});
