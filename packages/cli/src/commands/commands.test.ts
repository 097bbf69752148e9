import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLoginUrl } from '../login-file.ts';
import { snapshot, useRig } from '../testing/rig.ts';

const rig = useRig();

describe('yardarm login', () => {
  it('keeps a token for its owner only, once the server knows it, and sends it to that server alone', async () => {
    rig.input = 'secret-token\n';
    const { code, text } = await withoutEnv('login', '--url', rig.url);
    const file = join(rig.home, '.config/yardarm/login.json');
    expect([code, text]).toEqual([0, `You are ci at ${rig.url}; the token is kept in ${file}.`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await withoutEnv('flags', '--project', 'shop')).code).toBe(0);
    rig.requests.length = 0;
    expect(await withoutEnv('flags', '--project', 'shop', '--url', `${rig.url}/elsewhere`)).toMatchObject({ code: 2 });
    expect(rig.requests).toEqual([]);
  });

  it('keeps nothing that the server does not know', async () => {
    rig.input = 'wrong';
    expect((await withoutEnv('login', '--url', rig.url)).code).toBe(3);
    expect(() => statSync(join(rig.home, '.config'))).toThrow();
  });

  it('is not used while others may read it', async () => {
    rig.input = 'secret-token';
    await withoutEnv('login', '--url', rig.url);
    chmodSync(join(rig.home, '.config/yardarm/login.json'), 0o644);
    expect(await withoutEnv('flags', '--project', 'shop')).toMatchObject({ code: 2, text: expect.stringContaining('chmod 600') });
    expect((await withoutEnv('completion', 'bash')).code).toBe(0);
  });

  it('says which server a token that is given is for, where nothing else does', async () => {
    const file = join(rig.home, '.config/yardarm/login.json');
    rig.input = 'secret-token';
    await withoutEnv('login', '--url', rig.url);
    writeFileSync(file, JSON.stringify({ version: 1, url: rig.url, token: 'revoked' }));
    const flags = ['flags', '--project', 'shop'];
    expect(await withoutEnv(...flags, '--token', 'secret-token')).toMatchObject({ code: 0 });
    const env = { HOME: rig.home, YARDARM_TOKEN: 'secret-token' };
    expect(await rig.yardarmWith(env, ...flags)).toMatchObject({ code: 0 });
    expect(await rig.yardarmWith({ ...env, YARDARM_URL: 'http://127.0.0.1:9' }, ...flags)).toMatchObject({ code: 3 });
    // Of a file that others may read, the address alone is as good as of any other.
    chmodSync(file, 0o644);
    expect(await rig.yardarmWith(env, ...flags)).toMatchObject({ code: 0 });
  });

  it('replaces what is kept with what it is given now, whatever is wrong with that', async () => {
    const file = join(rig.home, '.config/yardarm/login.json');
    const kept = () => JSON.parse(readFileSync(file, 'utf8')) as unknown;
    const write = (token: string, mode: number) => {
      writeFileSync(file, JSON.stringify({ version: 1, url: rig.url, token }));
      chmodSync(file, mode);
    };
    rig.input = 'secret-token';
    await withoutEnv('login', '--url', rig.url);
    for (const [token, mode] of [
      ['revoked', 0o600],
      ['revoked', 0o644],
    ] as const) {
      write(token, mode);
      expect(await withoutEnv('login')).toMatchObject({ code: 0, text: expect.stringContaining(`You are ci at ${rig.url}`) });
      expect([kept(), statSync(file).mode & 0o777]).toEqual([{ version: 1, url: rig.url, token: 'secret-token' }, 0o600]);
    }
    rig.input = '';
    expect(await withoutEnv('login')).toMatchObject({ code: 2, text: expect.stringContaining('standard input') });
    expect(await withoutEnv('login', '--token', 'secret-token')).toMatchObject({ code: 0 });
    expect(await rig.yardarmWith({ HOME: rig.home, YARDARM_TOKEN: 'secret-token' }, 'login')).toMatchObject({ code: 0 });
    rig.input = 'wrong';
    expect((await withoutEnv('login')).code).toBe(3);
    expect(kept()).toMatchObject({ token: 'secret-token' });
    // Whoever else writes the file would say where the token goes.
    write('secret-token', 0o666);
    expect(await readLoginUrl({ HOME: rig.home })).toBeNull();
    writeFileSync(file, 'none');
    rig.input = 'secret-token';
    expect((await withoutEnv('login', '--url', rig.url)).code).toBe(0);
  });

  function withoutEnv(...argv: string[]) {
    return rig.yardarmWith({ HOME: rig.home }, ...argv);
  }
});

describe('yardarm doctor', () => {
  it('says of each thing that it is right', async () => {
    const { code, text } = await rig.yardarmWith(
      { HOME: rig.home, YARDARM_URL: rig.url, YARDARM_TOKEN: 'secret-token', YARDARM_PROJECT: 'shop' },
      'doctor',
    );
    expect(text.split('\n')).toEqual([
      `ok    ${rig.url} answers.`,
      'ok    The versions fit: the server is version 0.1.0, this command 0.1.0.',
      expect.stringContaining('The clocks differ by'),
      "ok    The token is ci's, with no role.",
      "ok    Project 'shop' can be read: 1 flags.",
    ]);
    // The clock of these tests stands still in 2026.
    expect(code).toBe(1);
  });

  it('names what is wrong: another version, an unknown token, no server', async () => {
    rig.serverVersion = '0.9.1';
    const other = await rig.yardarm('doctor', '--token', 'wrong', '--json');
    rig.serverVersion = '0.1.0';
    expect(JSON.parse(other.text).diagnoses).toMatchObject([
      { code: 'server', ok: true },
      { code: 'version', ok: false },
      { code: 'clock' },
      { code: 'project', ok: false, sentence: expect.stringContaining('does not accept this token') },
    ]);
    expect(await rig.yardarm('doctor', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 3,
      text: expect.stringContaining('WRONG'),
    });
  });
});

describe('yardarm deployed, changes and export --check', () => {
  it('says which commit runs, and that its references are missing', async () => {
    const { code, text } = await rig.yardarm('deployed', '--app', 'shop', '--commit', 'ABCDEF0', '--environment', 'production');
    expect([code, text]).toEqual([
      0,
      expect.stringContaining('shop runs abcdef0 in production; the references of all of it were not uploaded'),
    ]);
    expect(rig.requests[0]).toMatchObject({ method: 'POST', path: '/api/v1/projects/shop/environments/production/deployments' });
    expect(JSON.parse(rig.requests[0]!.body)).toEqual({ app: 'shop', commit: 'abcdef0' });
    await rig.yardarm('deployed', '--app', 'shop', '--gone', '--environment', 'production');
    expect(JSON.parse(rig.requests[1]!.body)).toEqual({ app: 'shop', commit: null });
    expect((await rig.yardarm('deployed', '--environment', 'production')).code).toBe(2);
  });

  it('lists who changed what, when and why', async () => {
    const { text } = await rig.yardarm('changes', 'new-checkout', '--limit', '5');
    expect(text).toBe('2026-11-20T08:00:00.000Z  7-1  flag.kill new-checkout in production  by kim: on fire');
    expect(rig.requests[0]?.path).toBe('/api/v1/projects/shop/changes?limit=5&flag=new-checkout');
  });

  it('writes what a check needs without a network', async () => {
    const out = join(rig.home, 'flags.json');
    expect((await rig.yardarm('export', '--check', '--out', out)).code).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(snapshot);
  });
});

describe('yardarm scan', () => {
  it('uploads what a commit names, and what the project does not have', async () => {
    writeFileSync(
      join(rig.home, 'cart.ts'),
      "\nclient.getBooleanValue('new-checkout', false);\nclient.getBooleanValue('other-key', 1);\n",
    );
    const named = ['--repository', 'acme/shop', '--branch', 'main', '--commit', 'abcdef0'];
    const warned = await rig.yardarm('scan', '--upload', '--source', rig.home, ...named);
    expect([warned.code, warned.text]).toEqual([
      0,
      expect.stringMatching(/^Warning: neither .* 'main' does not count .*--default-branch/),
    ]);
    expect(JSON.parse(rig.requests[1]!.body)).toMatchObject({ branch: 'main', isDefaultBranch: false });
    rig.requests.length = 0;
    named.push('--default-branch', 'main');
    const { code, text } = await rig.yardarm('scan', '--upload', '--source', rig.home, ...named);
    expect([code, text]).toEqual([
      0,
      [
        'Uploaded 2 references to 1 flag, acme/shop main at abcdef0.',
        'Nobody can say here whether that is all of the commit, so that no build of it is clean.',
        "Not in project 'shop': other-key",
      ].join('\n'),
    ]);
    expect(rig.requests[1]).toMatchObject({ method: 'PUT', path: '/api/v1/projects/shop/code-references' });
    expect(JSON.parse(rig.requests[1]!.body)).toEqual({
      ...{ repository: 'acme/shop', branch: 'main', commit: 'abcdef0', isDefaultBranch: true, lineUrl: null, left: 0 },
      scanner: 'yardarm 0.1.0',
      references: [
        {
          flagKey: 'new-checkout',
          path: 'cart.ts',
          line: 2,
          column: 24,
          kind: 'literal',
          text: "client.getBooleanValue('new-checkout', false);",
        },
        {
          flagKey: 'other-key',
          path: 'cart.ts',
          line: 3,
          column: 24,
          kind: 'literal',
          text: "client.getBooleanValue('other-key', 1);",
        },
      ],
    });
  });

  it.each([
    ['keys', 'new-checkout'],
    ['snapshot', 'flags.json'],
  ])('exits 2 when it is to upload with --%s, and asks nothing of the server', async (option, value) => {
    const named = ['--repository', 'acme/shop', '--branch', 'main', '--commit', 'abcdef0', `--${option}`, value];
    expect(await rig.yardarm('scan', '--upload', '--source', rig.home, ...named)).toEqual({
      code: 2,
      text: `yardarm: An upload looks for every flag that the project has now: leave out --${option}.`,
    });
    expect(rig.requests).toEqual([]);
  });

  it('says of a server that does not know what it sends that it is older, and what to do', async () => {
    const named = ['--repository', 'acme/shop', '--branch', 'main', '--default-branch', 'main', '--commit', 'abcdef0'];
    const upload = ['scan', '--upload', '--source', rig.home, ...named, '--project', 'on-an-older-server'];
    expect(await rig.yardarm(...upload)).toEqual({
      code: 3,
      text: `yardarm: ${rig.url} is older than this yardarm (0.1.0) and does not take 'rest': update the server, or use the yardarm of its version. (validation_failed)`,
    });
  });

  it('uploads nothing of a commit for a tree that differs from it in code, unless told whose tree it is', async () => {
    const git = (...argv: string[]) =>
      execFileSync('git', ['-c', 'user.name=Kim', '-c', 'user.email=kim@example.com', '-c', 'commit.gpgsign=false', ...argv], {
        cwd: rig.home,
      });
    writeFileSync(join(rig.home, 'cart.ts'), "client.getBooleanValue('new-checkout', false);\n");
    writeFileSync(join(rig.home, 'README.md'), 'A shop.\n');
    git('init', '--quiet', '--initial-branch=main');
    git('add', '.');
    git('commit', '--quiet', '--message=Begin');
    writeFileSync(join(rig.home, 'README.md'), 'A shop that is open.\n');
    const upload = ['scan', '--upload', '--source', rig.home, '--repository', 'acme/shop', '--branch', 'main'];
    expect(await rig.yardarm(...upload)).toMatchObject({ code: 0, text: expect.stringContaining('Uploaded 2 references') });

    for (const change of [() => writeFileSync(join(rig.home, 'cart.ts'), 'pay();\n'), () => rmSync(join(rig.home, 'cart.ts'))]) {
      change();
      expect(await rig.yardarm(...upload)).toEqual({
        code: 2,
        text: "yardarm: 'cart.ts' is not as the commit has it, and an upload is what the commit names: commit it, or say with --commit whose tree this is.",
      });
    }
    expect((await rig.yardarm(...upload, '--commit', 'abcdef0')).code).toBe(0);
  });

  it('says why a key is none: that the project has no such flag, or that no project was named', async () => {
    writeFileSync(join(rig.home, 'cart.ts'), "client.getBooleanValue('other-key', false);\n");
    const place = '  cart.ts:1:24  literal';
    expect((await rig.yardarm('scan', '--source', rig.home)).text).toBe(
      `other-key (not in project 'shop')\n${place}\n0 references to 0 flags in 1 file.`,
    );
    expect((await rig.yardarmWith({ HOME: rig.home }, 'scan', '--source', rig.home)).text).toBe(
      [
        `other-key\n${place}`,
        'Only keys that calls evaluate were looked for in 1 file: --project, --snapshot or --keys says which flags there are.',
      ].join('\n'),
    );
  });

  it('asks no server where it is told what to look for', async () => {
    writeFileSync(join(rig.home, 'cart.py'), "client.get_boolean_value('new-checkout', False)\n");
    const { text } = await rig.yardarm('scan', '--source', rig.home, '--keys', 'new-checkout');
    expect(text).toBe('new-checkout\n  cart.py:1:26  quoted\n1 reference to 1 flag in 1 file.');
    expect(rig.requests).toEqual([]);
  });
});

describe('yardarm remove', () => {
  it('asks for the value of the variant, shows the difference, and writes nothing on a dry run', async () => {
    const file = join(rig.home, 'cart.ts');
    const text =
      "import { client } from '@openfeature/server-sdk';\nif (await client.getBooleanValue('new-checkout', false)) pay();\n";
    writeFileSync(file, text);
    const dry = await rig.yardarm('remove', 'new-checkout', '--keep', 'on', '--source', rig.home, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.text).toContain("-if (await client.getBooleanValue('new-checkout', false)) pay();\n+pay();");
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect((await rig.yardarm('remove', 'new-checkout', '--keep', 'on', '--source', rig.home)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('pay();\n');
  });

  it('prints a difference that git applies, also where what surrounds a change ends in an empty line', async () => {
    const file = join(rig.home, 'keys.ts');
    const text = "export const KEYS = {\n  old: 'new-checkout',\n  page: 'page-size',\n};\n\nexport const MORE = 1;\n";
    writeFileSync(file, text);
    writeFileSync(
      join(rig.home, 'main.ts'),
      "import { client } from '@openfeature/server-sdk';\nimport { KEYS } from './keys.ts';\nif (await client.getBooleanValue(KEYS.old, false)) pay();\nopen(KEYS.page);\n",
    );
    const dry = await rig.yardarm('remove', 'new-checkout', '--keep', 'on', '--source', rig.home, '--dry-run');
    execFileSync('git', ['apply'], { cwd: rig.home, input: dry.text.slice(0, dry.text.lastIndexOf('\n1 call') + 1) });
    expect(readFileSync(file, 'utf8')).toBe(text.replace("  old: 'new-checkout',\n", ''));
  });

  it('takes either the variant or its value, not both', async () => {
    expect(await rig.yardarm('remove', 'new-checkout', '--keep', 'off', '--value', 'true', '--source', rig.home)).toEqual({
      code: 2,
      text: 'yardarm: --keep says which variant stays and --value what its value is: give one of them.',
    });
  });

  it('exits 1 with the reason where it leaves something, and 2 for a variant that is none', async () => {
    writeFileSync(join(rig.home, 'cart.py'), "client.get_boolean_value('new-checkout', False)\n");
    expect(await rig.yardarm('remove', 'new-checkout', '--value', 'true', '--source', rig.home)).toMatchObject({
      code: 1,
      text: expect.stringContaining('cart.py:1:26: left as it is: the file is neither TypeScript nor JavaScript.'),
    });
    expect(await rig.yardarm('remove', 'new-checkout', '--keep', 'blue', '--source', rig.home)).toMatchObject({
      code: 2,
      text: expect.stringContaining("has no variant 'blue', but off, on"),
    });
  });
});
