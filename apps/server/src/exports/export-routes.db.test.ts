import type { ErrorBody, SdkKey } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../auth/secrets.ts';
import { bodiesOf, forge, mustImport, sendImport, takeExport } from '../testing/exports.ts';
import { makeFlag, makeProject, makeSegment, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const PASSWORD_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'c2FsdA'.padEnd(22, 'A')}$${'aGFzaA'.padEnd(43, 'A')}`;
let server: TestApp;
let key: SdkKey;
let whole: string;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'shop', ['production', 'staging']);
  await makeSegment(server, 'shop', 'beta', {
    include: ['anna', 7],
    when: { attribute: 'plan', op: 'matches', values: ['^a+b+$'] },
  });
  await makeFlag(server, 'shop', 'checkout', {
    kind: 'release',
    owner: 'payments',
    description: 'Ümläut \u2028 "quoted"',
    tags: ['a'],
  });
  await makeFlag(server, 'shop', 'colour', { type: 'string', variants: { red: 'red', blue: 'blue' }, clientSide: true });
  await server.must('POST', '/projects/shop/flags/checkout/environments/production/unkill');
  await server.must('PATCH', '/projects/shop/flags/colour/environments/production', {
    body: {
      rules: [
        {
          id: 'r1',
          when: { segment: 'beta' },
          serve: {
            split: {
              weights: [
                ['red', 25_000],
                ['blue', 75_000],
              ],
            },
          },
        },
      ],
      fallthrough: { variant: 'blue' },
      targets: [{ variant: 'red', keys: ['bob', 1] }],
    },
    headers: { 'if-match': '"v1"' },
  });
  // Archived, as an archiving command leaves it: out of every rule set, with its key taken for ever.
  await makeFlag(server, 'shop', 'old');
  await server.sql`update flags set archived_at = now() where key = 'old'`;
  await server.sql`update environment_heads set revision = revision + 1`;
  await server.sql`insert into rule_objects select h.environment_id, h.revision, 'flag', 'old', null, 'e3b0c44298fc1c14' from environment_heads h`;
  key = await server.must<SdkKey>('POST', '/projects/shop/environments/production/keys', {
    body: { kind: 'server', name: 'Shop' },
  });
  await server.sql`insert into users (name, password_hash) values ('anna', ${PASSWORD_HASH})`;
  await server.sql`insert into teams (key, name) values ('payments', 'Payments')`;
  await server.sql`insert into team_members select t.id, u.id from teams t, users u where u.name = 'anna'`;
  await server.sql`insert into grants (team_id, project_id, role) select t.id, p.id, 'editor' from teams t, projects p`;
  await server.sql`insert into context_attributes select id, 'user.plan', 'string', true, 'Paid plan' from projects`;
  whole = await takeExport(server);
});
afterAll(() => server.close());

const inRow = (line: Record<string, unknown>, more: object) => ({ ...line, row: { ...(line.row as object), ...more } });

/** A fresh instance for one test. */
async function elsewhere(test: (other: TestApp) => Promise<void>): Promise<void> {
  const other = await testApp();
  try {
    await test(other);
  } finally {
    await other.close();
  }
}

describe('GET /export', () => {
  it('asks for a right to the whole instance, and is on its record before the file is given', async () => {
    expect(refusal(await server.call('GET', '/export', { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
    await server.sql`insert into api_tokens (name, token_hash) values ('project admin', ${hashSecret('project-admin')})`;
    await server.sql`insert into grants (api_token_id, project_id, role)
      select t.id, p.id, 'admin' from api_tokens t, projects p where t.name = 'project admin'`;
    expect(refusal(await server.call('GET', '/export', { token: 'project-admin' }))).toEqual({ status: 403, code: 'forbidden' });
    const response = await server.call('GET', '/export?secrets=true&reason=backup');
    expect(response.headers['cache-control']).toBe('no-store');
    const { changes } = await readRecord(server);
    expect(changes.at(-1)).toMatchObject({
      command: 'instance.export',
      kind: 'access',
      key: 'instance.export',
      after: { secrets: true },
      reason: 'backup',
    });
    await server.sql`delete from grants where api_token_id in (select id from api_tokens where name = 'project admin')`;
    await server.sql`delete from api_tokens where name = 'project admin'`;
  });

  it('holds no hash of a password, a key or a token unless asked to', async () => {
    const hashes = [hashSecret(key.secret ?? ''), PASSWORD_HASH, hashSecret('token-of-the-test-suite')];
    const without = await takeExport(server, '');
    for (const hash of hashes) {
      expect(without).not.toContain(hash);
      expect(whole).toContain(hash);
    }
    expect(without).not.toContain(key.secret);
  });

  it('holds the record of changes on demand, with its chain, and an import leaves it alone', async () => {
    const text = await takeExport(server, '?history=true');
    const lines = text.split('\n').filter((line) => line.startsWith('{"type":"history"'));
    const [count] = await server.sql<{ count: number }[]>`select count(*)::int as count from change_sets`;
    expect(lines).toHaveLength(count?.count ?? -1);
    expect(JSON.parse(lines[0] ?? '').row).toMatchObject({
      set: { command: 'project.create' },
      changes: [{ kind: 'project', key: 'shop' }],
    });
    await elsewhere(async (other) => {
      await mustImport(other, text);
      expect((await readRecord(other)).changes.every(({ command }) => command === 'instance.import')).toBe(true);
    });
  });
});

describe('POST /import', () => {
  it('reproduces every body byte for byte, with a new epoch and at revision 1', async () => {
    await elsewhere(async (other) => {
      const before = await bodiesOf(server);
      const report = await mustImport(other, whole);
      expect(await bodiesOf(other)).toEqual(before);
      expect(report).toMatchObject({ bodies: before.sha256, leftOut: {}, counts: { flag: 3, 'flag-environment': 6 } });
      const heads = await other.sql`select epoch, revision::int from environment_heads`;
      const former = await server.sql`select epoch from environment_heads`;
      expect(heads.map(({ revision }) => revision)).toEqual([1, 1]);
      for (const { epoch } of heads) expect(former.map((row) => row.epoch)).not.toContain(epoch);
    });
  });

  it('is a copy: an export of the import has the same lines, and keys, passwords and rights work on', async () => {
    await elsewhere(async (other) => {
      await mustImport(other, whole);
      const linesOf = (text: string) =>
        text
          .split('\n')
          .filter((line) => !/^\{"type":"(?:header|end|token|grant)"|^$/.test(line))
          .sort();
      expect(linesOf(await takeExport(other))).toEqual(linesOf(whole));
      const [row] =
        await other.sql`select id from sdk_keys where key_hash = ${hashSecret(key.secret ?? '')} and revoked_at is null`;
      expect(row?.id).toBe(key.id);
      const rights = await other.sql`
        select t.key, p.key as project, g.role from grants g join teams t on t.id = g.team_id join projects p on p.id = g.project_id`;
      expect(rights).toMatchObject([{ key: 'payments', project: 'shop', role: 'editor' }]);
      // The token of the tests is in both: it kept its row here, and no right of it is there twice.
      const [count] =
        await other.sql`select count(*)::int as tokens, (select count(*)::int from grants) as grants from api_tokens`;
      expect(count).toEqual({ tokens: 1, grants: 2 });
    });
  });

  it('keeps what is killed killed, and records each entity in the chain of its project', async () => {
    await elsewhere(async (other) => {
      await mustImport(other, whole);
      const on = await other.sql`
        select f.key as flag, e.key as environment from flag_environments x
        join flags f on f.id = x.flag_id join environments e on e.id = x.environment_id where x.on`;
      expect(on).toMatchObject([{ flag: 'checkout', environment: 'production' }]);
      const { changes } = await readRecord(other);
      expect(changes).toContainEqual(
        expect.objectContaining({
          kind: 'flag',
          key: 'checkout',
          environment: 'production',
          revision: 1,
          after: expect.objectContaining({ on: true }),
        }),
      );
      for (const secret of ['argon2id', hashSecret(key.secret ?? ''), hashSecret('token-of-the-test-suite')])
        expect(JSON.stringify(changes)).not.toContain(secret);
    });
  });

  it('leaves out what nobody could use of an export without secrets, and says so', async () => {
    await elsewhere(async (other) => {
      const { leftOut, counts } = await mustImport(other, await takeExport(server, ''));
      expect(leftOut).toEqual({ key: 1, token: 1, grant: 1 });
      for (const type of ['key', 'token']) expect(counts).not.toHaveProperty(type);
      expect(counts).toMatchObject({ flag: 3, user: 1 });
      expect(await other.sql`select name, password_hash from users`).toMatchObject([{ name: 'anna', password_hash: null }]);
    });
  });

  it('asks for a right to the whole instance', async () => {
    expect(refusal(await sendImport(server, whole, null))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('goes into an instance without projects only', async () => {
    const record = await readRecord(server);
    const response = await sendImport(server, whole);
    expect(refusal(response)).toEqual({ status: 409, code: 'already_exists' });
    expect(response.json<ErrorBody>().error.message).toMatch(/has projects already \('shop'\)/);
    expect(await readRecord(server)).toEqual(record);
  });

  it('is for whoever may do everything: the file brings people and rights', async () => {
    await elsewhere(async (other) => {
      const token = await mintToken(other, { actions: ['instance.import'] });
      expect(refusal(await sendImport(other, whole, token))).toEqual({ status: 403, code: 'forbidden' });
      expect(await other.sql`select 1 from projects`).toHaveLength(0);
    });
  });

  it('refuses a hostile file: what was never written here is neither served nor shown', async () => {
    await elsewhere(async (other) => {
      const inType = (type: string, more: object) => forge(whole, (line) => (line.type === type ? inRow(line, more) : line));
      const slow = { attribute: 'plan', op: 'matches', values: ['^(a+)+$'] };
      const disguised = JSON.stringify({ exclude: [], include: [], when: slow }).replace('matches', '\\u006datches');
      const cases: [string, string, RegExp][] = [
        ['a script for a link', inType('flag', { links: [{ title: 'Docs', url: 'javascript:alert(1)' }] }), /at 'links/],
        ['actions that are no list', inType('grant', { actions: 'flag.kill' }), /'grant', is wrong at 'actions'/],
        ['origins that are no list', inType('key', { allowedOrigins: {} }), /'key', is wrong at 'allowedOrigins'/],
        ['an attribute named for a prototype', inType('attribute', { name: '__proto__.x' }), /'attribute', is wrong at 'name'/],
        ['a body that is no JSON', inType('flag-environment', { body: '{"matches":' }), /Line \d+ has a body/],
        ['a body that is no object', inType('flag-environment', { body: '7' }), /Line \d+ has a body/],
        ['a body with a member twice', inType('segment-environment', { body: '{"a":1,"a":2}' }), /Line \d+ has a body/],
        ['a dangerous pattern in disguise', inType('segment-environment', { body: disguised }), /Line \d+ has a body/],
        [
          'a dangerous pattern behind a harmless body',
          inType('segment-environment', { when: slow, body: '{"exclude":[],"include":[],"when":null}' }),
          /which is not allowed/,
        ],
      ];
      for (const [name, text, sentence] of cases) {
        const response = await sendImport(other, text);
        expect([name, refusal(response)]).toEqual([name, { status: 400, code: 'validation_failed' }]);
        expect([name, response.json<ErrorBody>().error.message]).toEqual([name, expect.stringMatching(sentence)]);
      }
      expect(await other.sql`select 1 from projects`).toHaveLength(0);
    });
  });

  it('refuses a bad file in a sentence that names the line, and imports nothing', async () => {
    await elsewhere(async (other) => {
      const lines = whole.trimEnd().split('\n');
      const flip = (index: number, at: number) => {
        const bytes = Buffer.from(whole);
        const start = Buffer.byteLength(
          lines
            .slice(0, index)
            .map((line) => `${line}\n`)
            .join(''),
        );
        bytes[start + at] = (bytes[start + at] ?? 0) ^ 1;
        return bytes;
      };
      const flagLine = lines.findIndex((line) => line.startsWith('{"type":"flag"'));
      const cases: [string, string | Buffer, RegExp][] = [
        ['empty', '', /without its last line|must be an export/],
        ['no export', 'hello\n', /Line 1 is no header/],
        ['cut within a line', whole.slice(0, -300), /Line \d+ is damaged/],
        [
          'cut after a line',
          lines.slice(0, -1).join('\n'),
          new RegExp(`ends after line ${lines.length - 1} without its last line`),
        ],
        ['a flipped byte', flip(flagLine, 40), new RegExp(`Line ${flagLine + 1} is damaged`)],
        ['a line less', [...lines.slice(0, flagLine), ...lines.slice(flagLine + 1)].join('\n'), /names a flag or segment/],
        [
          'exchanged lines',
          [lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n'),
          new RegExp(`Line ${lines.length}, the end, has another SHA-256`),
        ],
        [
          'wrong counts',
          forge(whole, (line) => (line.type === 'end' ? { ...line, counts: {} } : line)),
          new RegExp(`Line ${lines.length}, the end, counts 0`),
        ],
        [
          'a newer format',
          forge(whole, (line) => (line.type === 'header' ? { ...line, format: 2 } : line)),
          /Line 1 says format 2/,
        ],
        [
          'an unknown type',
          forge(whole, (line) => (line.type === 'team' ? { ...line, type: 'squad' } : line)),
          /has the type 'squad'/,
        ],
        [
          'an unknown member',
          forge(whole, (line) => (line.type === 'team' ? inRow(line, { boss: 1 }) : line)),
          /of type 'team', is wrong/,
        ],
        [
          'a wrong value',
          forge(whole, (line) => (line.type === 'flag' ? inRow(line, { key: '__proto__' }) : line)),
          /of type 'flag', is wrong at 'key'/,
        ],
        [
          'another body',
          forge(whole, (line) => (line.type === 'flag-environment' ? inRow(line, { on: true }) : line)),
          /another SHA-256 of all bodies/,
        ],
        [
          'a password hash of another kind',
          forge(whole, (line) => (line.type === 'user' ? inRow(line, { passwordHash: 'secret' }) : line)),
          /of type 'user', is wrong at 'passwordHash'/,
        ],
        [
          'a password hash that takes a gigabyte',
          forge(whole, (line) =>
            line.type === 'user'
              ? inRow(line, { passwordHash: `$argon2id$v=19$m=1048576,t=2,p=1$${'a'.repeat(22)}$${'a'.repeat(43)}` })
              : line,
          ),
          /of type 'user', is wrong at 'passwordHash'/,
        ],
        [
          'a dangerous pattern',
          forge(whole, (line) =>
            line.type === 'segment-environment'
              ? inRow(line, { when: { attribute: 'plan', op: 'matches', values: ['^(a+)+$'] } })
              : line,
          ),
          /Line \d+: .*pattern '\^\(a\+\)\+\$', which is not allowed/,
        ],
        [
          'a broken reference',
          forge(whole, (line) => (line.type === 'member' ? inRow(line, { teamId: key.id }) : line)),
          /of type 'member'/,
        ],
        ['lines after the end', `${whole}${lines[1]}\n`, /comes after the end/],
      ];
      const record = await readRecord(other);
      for (const [name, text, sentence] of cases) {
        const response = await sendImport(other, text);
        expect([name, refusal(response)]).toEqual([name, { status: 400, code: 'validation_failed' }]);
        expect(response.json<ErrorBody>().error.message).toMatch(sentence);
        expect([name, await readRecord(other)]).toEqual([name, record]);
        expect((await other.sql`select name from users`).length).toBe(0);
      }
      await mustImport(other, whole);
    });
  });
});
