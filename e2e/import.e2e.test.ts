/** Flags of other systems, planned and applied by the command against a real server, and evaluated through the rule set that it then serves. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustCall } from '../bench/crash/call.mjs';
import { type ServerProcess, spawnServer, TOKEN } from '../bench/crash/server.mjs';
import { flagdSource } from '../packages/cli/src/import-from/flagd/flagd-source.ts';
import { growthBookSource } from '../packages/cli/src/import-from/growthbook/growthbook-source.ts';
import { FEATURES, GROUPS } from '../packages/cli/src/import-from/growthbook/testing/definitions.ts';
import type { Source } from '../packages/cli/src/import-from/imported.ts';
import { launchDarklySource } from '../packages/cli/src/import-from/launchdarkly/launchdarkly-source.ts';
import { FLAGS as LD_FLAGS, SEGMENTS as LD_SEGMENTS } from '../packages/cli/src/import-from/launchdarkly/testing/definitions.ts';
import { importedRules } from '../packages/cli/src/import-from/testing/imported-rules.ts';
import { plannedRules } from '../packages/cli/src/import-from/testing/planned-rules.ts';
import { unleashSource } from '../packages/cli/src/import-from/unleash/unleash-source.ts';
import { run } from '../packages/cli/src/run.ts';
import { type CompiledRuleSet, compile, type RuleSet, resolve } from '../packages/evaluator/src/index.ts';
import { flagdContext, flagdRuleSet } from '../packages/evaluator/src/testing/flagd-arbitraries.ts';
import { toFlagd } from '../packages/evaluator/src/to-flagd/to-flagd.ts';
import { root, temporaryDirectory } from '../scripts/launch.mjs';

/** One in so many definitions; `IMPORT_EVERY=1` is all of them. */
const EVERY = Number(process.env.IMPORT_EVERY ?? 8);
const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
/** The server bounds the time in which it judges a pattern, which a machine with much to do may exceed. */
const HAS_PATTERN = /SEMVER|"matches"|[$]regex|[$]v(?:eq|ne|[lg]te?)"/;
/** A file with some of the definitions of a source: every so many, and whatever a kept one depends on. */
function someOf(source: string, name: string, list: 'flags' | 'features'): string {
  const text = readFileSync(path.join(root, 'packages/cli/src/import-from', source, 'definitions', name), 'utf8');
  const document = JSON.parse(text) as {
    [member: string]: { [key: string]: { name?: string; dependencies?: { feature: string }[] } };
  };
  const all = Object.entries(document[list] ?? {}).filter(([, body]) => !HAS_PATTERN.test(JSON.stringify(body)));
  const kept = all.filter(([, { dependencies = [] }], index) => index % EVERY === 0 || dependencies.length > 0);
  const needed = new Set(kept.flatMap(([, { dependencies = [] }]) => dependencies.map(({ feature }) => feature)));
  const chosen = all.filter(
    (entry) =>
      kept.includes(entry) || needed.has(entry[1].name ?? '') || /split-default|quarter/.test(`${entry[0]}${entry[1].name}`),
  );
  const some = list === 'flags' ? Object.fromEntries(chosen) : chosen.map(([, feature]) => feature);
  const file = path.join(directory.path, name);
  writeFileSync(file, JSON.stringify({ ...document, [list]: some }));
  return file;
}

/** The same of a source whose definitions are code: every so many, the splits, and whatever a kept one asks for. */
function someKeyed(name: string, all: Readonly<Record<string, object>>, toDocument: (some: object) => object): string {
  const keys = Object.keys(all).filter((key) => !HAS_PATTERN.test(JSON.stringify(all[key])));
  const kept = new Set(keys.filter((key, index) => index % EVERY === 0 || /^(rollout|experiment)/.test(key)));
  // A set grows while it is walked.
  for (const key of kept) for (const other of keys) if (JSON.stringify(all[key]).includes(`:"${other}"`)) kept.add(other);
  const file = path.join(directory.path, `${name}.json`);
  writeFileSync(file, JSON.stringify(toDocument(Object.fromEntries(Object.entries(all).filter(([key]) => kept.has(key))))));
  return file;
}

const withKeys = (some: object) => Object.fromEntries(Object.entries(some).map(([key, body]) => [key, { key, ...body }]));

const CONTEXTS = [
  {},
  { targetingKey: 'u1', plan: 'pro', country: 'NO', age: 20, beta: true, email: 'admin@example.com', code: 5, company: 'c1' },
  {
    targetingKey: 'u2',
    plan: 'free',
    country: 'SE',
    age: 17,
    beta: false,
    accountId: 7,
    code: '5',
    app: { version: '1.2.3' },
    version: '1.2.4',
  },
  {
    targetingKey: 'u3',
    sessionId: 's1',
    remoteAddress: '10.0.0.1',
    accountId: 'acme',
    user: { plan: 'pro' },
    version: '1.2.3-rc.1',
  },
];

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ServerProcess;
let url: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  server = spawnServer(directory.path);
  url = await server.ready;
});
afterAll(async () => {
  await server?.stop();
  await directory?.remove();
});

const call = async <T>(method: string, address: string, body?: object): Promise<T> =>
  (await mustCall({ url }, { method, path: address, ...(body && { body }) })).body as T;

const yardarm = (...argv: string[]) => yardarmAs(TOKEN, ...argv);

async function yardarmAs(token: string, ...argv: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
  const env = { YARDARM_URL: url, YARDARM_TOKEN: token };
  const code = await run(argv, { env, nowMs: () => NOW_MS, readInput: async () => '', output });
  return { code, text: lines.join('\n') };
}

async function makeProject(key: string): Promise<void> {
  await call('POST', '/projects', { key, name: key });
  for (const environment of ['production', 'staging'])
    await call('POST', `/projects/${key}/environments`, { key: environment, name: environment });
}

async function servedRules(project: string, environment: string): Promise<CompiledRuleSet> {
  const made = { kind: 'server', name: 'import' };
  const { secret } = await call<{ secret: string }>('POST', `/projects/${project}/environments/${environment}/keys`, made);
  const response = await fetch(`${url}/sync/v1/ruleset`, { headers: { authorization: `Bearer ${secret}` } });
  return compile((await response.json()) as RuleSet);
}

const flagsOf = async (project: string) =>
  (await call<{ items: { key: string; owner: string | null }[] }>('GET', `/projects/${project}/flags?limit=200`)).items;

describe.each([
  ['flagd', flagdSource, () => someOf('flagd', 'flags.json', 'flags')],
  ['unleash', unleashSource, () => someOf('unleash', 'features.json', 'features')],
  [
    'launchdarkly',
    launchDarklySource,
    () => someKeyed('launchdarkly', LD_FLAGS, (some) => ({ flags: withKeys(some), segments: LD_SEGMENTS })),
  ],
  ['growthbook', growthBookSource, () => someKeyed('growthbook', FEATURES, (features) => ({ features, savedGroups: GROUPS }))],
] as [string, Source, () => string][])('import --from %s', (name, source, writeSome) => {
  const argvOf = (file: string) => [
    'import',
    '--from',
    name,
    file,
    '--project',
    name,
    '--environment',
    'production',
    '--owner',
    'platform',
  ];

  it('writes nothing until it is told to, then what it planned, and nothing the second time', async () => {
    await makeProject(name);
    const file = writeSome();
    const argv = argvOf(file);
    const plan = await yardarm(...argv, '--plan');
    expect(plan.text).toContain('Nothing was changed.');
    expect(plan.text).toContain('re-bucketed: The split is dealt anew');
    expect([plan.code, await flagsOf(name)]).toEqual([0, []]);

    const imported = source(readFileSync(file, 'utf8'), { file, nowMs: NOW_MS });
    const applied = await yardarm(...argv, '--yes', '--json');
    const report = JSON.parse(applied.text) as { applied: { flags: string[]; refused: object[] } };
    expect([applied.code, report.applied.refused]).toEqual([0, []]);
    expect(report.applied.flags).toEqual(imported.flags.map(({ key }) => key));

    const [served, expected] = [await servedRules(name, 'production'), importedRules(imported)];
    const salted = new Set(
      imported.flags.filter(({ remarks }) => remarks.some(({ code }) => code === 're-bucketed')).map(({ key }) => key),
    );
    let compared = 0;
    for (const { key, type } of imported.flags.filter((flag) => !salted.has(flag.key)))
      for (const context of CONTEXTS) {
        const [actual, wanted] = [served, expected].map((rules) => resolve(rules, key, type, context, NOW_MS));
        expect([key, actual?.value, actual?.variant]).toEqual([key, wanted?.value, wanted?.variant]);
        compared++;
      }
    expect(compared).toBeGreaterThan(20);

    const again = JSON.parse((await yardarm(...argv, '--yes', '--json')).text) as {
      flags: { verdict: string }[];
      applied: object;
    };
    expect(new Set(again.flags.map(({ verdict }) => verdict))).toEqual(new Set(['identical']));
    expect(again.applied).toEqual({ flags: [], segments: [], refused: [], interrupted: null });
  });
});

describe('import into a project that has flags', () => {
  const bool = (more: object) => ({ state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off', ...more });
  const write = (flags: object) => {
    const file = path.join(directory.path, 'flags.json');
    writeFileSync(file, JSON.stringify({ flags }));
    return file;
  };
  const importInto = (environment: string, flags: object, ...more: string[]) =>
    yardarm('import', '--from', 'flagd', write(flags), '--project', 'shop', '--environment', environment, ...more);

  it('overwrites none of them, leaves out what depends on one, and records a reason for the rest', async () => {
    await makeProject('shop');
    const there = { key: 'banner', kind: 'operational', variants: { on: true, off: false }, fallthrough: { variant: 'on' } };
    await call('POST', '/projects/shop/flags', there);
    await call('POST', '/projects/shop/flags/banner/environments/production/unkill', {});
    const wrong = { if: [{ some: [{ var: 'roles' }, true] }, 'on', 'off'] };
    const { code, text } = await importInto(
      'production',
      { banner: bool({}), fresh: bool({}), lost: bool({ targeting: wrong }) },
      '--yes',
    );
    expect(code).toBe(1);
    expect(text).toContain('CONFLICT  flag banner');
    expect(text).toContain('There is a flag with this key that serves something else in production; it stays as it is.');
    expect(text).toContain(
      "LEFT OUT  flag lost\n    The operation 'some' has no counterpart in a condition; write the rule by hand. (/flags/lost/targeting/if/0/some)",
    );
    expect((await flagsOf('shop')).map(({ key }) => key).sort()).toEqual(['banner', 'fresh']);
    const { items } = await call<{ items: { command: string; reason: string | null }[] }>(
      'GET',
      '/projects/shop/changes?flag=fresh&limit=20',
    );
    expect(new Set(items.map(({ command, reason }) => `${command}: ${reason}`))).toEqual(
      new Set(['flag.create', 'flag.configure', 'flag.unkill'].map((command) => `${command}: Imported from flagd: flags.json`)),
    );
  });

  it('goes on with another environment where the flag is untouched, and with what was interrupted', async () => {
    const { code, text } = await importInto('staging', { fresh: bool({ defaultVariant: 'on' }) }, '--yes');
    expect([code, text.split('\n')[1]]).toEqual([0, 'finish  flag fresh, operational boolean, on in staging']);
    const rules = await servedRules('shop', 'staging');
    expect(resolve(rules, 'fresh', 'boolean', {}, NOW_MS).value).toBe(true);
  });

  it('never switches a killed flag on again, not even one that is as it was made', async () => {
    const plain = { plain: bool({ defaultVariant: 'on' }) };
    expect((await importInto('production', plain, '--yes')).code).toBe(0);
    await call('POST', '/projects/shop/flags/plain/environments/production/kill', { reason: 'timeouts upstream' });
    const { code, text } = await importInto('production', plain, '--yes');
    expect([code, text]).toEqual([
      1,
      expect.stringContaining('The flag is there as the file has it, but switched off in production'),
    ]);
    expect(resolve(await servedRules('shop', 'production'), 'plain', 'boolean', {}, NOW_MS).reason).toBe('DISABLED');
  });

  it('finds out before it writes what the token may not do', async () => {
    const rights = { role: null, project: 'shop', environment: null };
    const grants = [
      { ...rights, actions: ['flag.create'] },
      { ...rights, actions: ['flag.configure', 'flag.unkill'], environment: 'staging' },
    ];
    const { secret } = await call<{ secret: string }>('POST', '/tokens', { name: 'staging only', kind: 'machine', grants });
    const file = write({ shown: bool({}), hidden: bool({ state: 'DISABLED' }) });
    const argv = ['import', '--from', 'flagd', file, '--project', 'shop', '--environment'];
    const both = await yardarmAs(secret, ...argv, 'production,staging', '--yes');
    expect(both.code).toBe(1);
    expect(both.text).toContain(
      'NO RIGHT  flag shown\n    The token may not change flags in production (flag.configure); an administrator can give that right.\n    The token may not switch flags on in production (flag.unkill)',
    );
    expect(both.text).toContain('2 not allowed');
    expect(both.text).toContain('0 flags and 0 segments written to project shop.');
    expect((await flagsOf('shop')).filter(({ key }) => key === 'shown')).toEqual([]);
    const staging = await yardarmAs(secret, ...argv, 'staging', '--yes');
    expect([staging.code, staging.text]).toEqual([0, expect.stringContaining('2 flags and 0 segments written to project shop.')]);
  });

  it.each([
    [['--environment', 'nowhere'], "The project has no environment 'nowhere'; it has production, staging."],
    [[], 'Missing: --environment, one or more of production, staging.'],
    [
      ['--environment', 'staging=prod'],
      "The file is about one environment and does not name it, so that 'staging=prod' names nothing in it: write --environment staging.",
    ],
    [
      ['--environment', 'production,staging,production'],
      "--environment names 'production' twice: each of ours takes what the file has for one of theirs.",
    ],
    [['--environment', 'staging', '--expires', 'soon'], "--expires takes a day such as 2027-01-31, not 'soon'."],
  ])('refuses %j in a sentence', async (argv, sentence) => {
    const { code, text } = await yardarm('import', '--from', 'flagd', write({}), '--project', 'shop', ...argv);
    expect([code, text]).toEqual([2, `yardarm: ${sentence}`]);
  });

  it('says what the file is where it is of another system, no JSON, or the project has no environments', async () => {
    const refusal = async (from: string, text: string | Buffer, project = 'shop') => {
      const file = path.join(directory.path, 'other.json');
      writeFileSync(file, text);
      const said = await yardarm('import', '--from', from, file, '--project', project, '--environment', 'staging');
      expect(said.code).toBe(2);
      return said.text.replace(file, 'FILE');
    };
    const launchDarkly = JSON.stringify({ flags: { a: { on: true, variations: [true, false], fallthrough: { variation: 0 } } } });
    expect(await refusal('flagd', launchDarkly)).toBe(
      'yardarm: FILE looks like a file of launchdarkly, not of flagd: write --from launchdarkly.',
    );
    expect(await refusal('flagd', JSON.stringify({ features: { a: { defaultValue: true } } }))).toContain('--from growthbook.');
    expect(await refusal('growthbook', JSON.stringify({ features: [{ name: 'a', strategies: [] }] }))).toContain(
      '--from unleash.',
    );
    expect(await refusal('unleash', JSON.stringify({ flags: { a: bool({}) } }))).toContain('--from flagd.');
    expect(await refusal('flagd', Buffer.from('{"flags": {"é": {}}}', 'latin1'))).toContain('FILE is no UTF-8 text');
    expect(await refusal('flagd', '{"flags": {"a": }}')).toMatch(/^yardarm: FILE is no JSON: Unexpected token .*\.$/);
    await call('POST', '/projects', { key: 'empty', name: 'empty' });
    expect(await refusal('flagd', '{"flags":{}}', 'empty')).toBe(
      'yardarm: The project has no environments yet: make one, then import into it.',
    );
  });

  it('refuses a system that it does not know, and options of the import without one', async () => {
    expect((await yardarm('import', '--from', 'other', 'x.json', '--project', 'shop')).text).toContain(
      '--from takes one of flagd, unleash',
    );
    expect((await yardarm('import', 'x.json', '--yes')).text).toContain('go with --from');
    expect((await yardarm('import', '--from', 'flagd', 'none.json', '--project', 'shop')).text).toContain(
      'none.json cannot be read',
    );
  });
});

describe('what is exported to flagd', () => {
  /** A list as the targeting key is a listed difference. */
  const contexts = fc.array(
    flagdContext.filter(({ targetingKey }) => !Array.isArray(targetingKey)),
    { minLength: 10, maxLength: 10 },
  );

  it('is read back as something that gives the same', () => {
    let [written, read, compared] = [0, 0, 0];
    fc.assert(
      fc.property(flagdRuleSet, contexts, (ruleSet, seen) => {
        const { flags } = toFlagd(ruleSet);
        const imported = flagdSource(JSON.stringify({ flags }), { file: 'flags.json', nowMs: 0 });
        written += Object.keys(flags).length;
        read += imported.flags.length;
        const sides = [compile(ruleSet), plannedRules(imported)];
        // A key that is none here is left out by the plan.
        for (const { key, type } of imported.flags.filter((flag) => sides[1]?.linker.flagSlots.has(flag.key)))
          for (const context of seen) {
            const [before, after] = sides.map((rules) => resolve(rules, key, type, context, 1_000));
            compared++;
            if (JSON.stringify(after?.value) !== JSON.stringify(before?.value))
              expect.fail(`${JSON.stringify(flags[key])} for ${JSON.stringify(context)}: ${JSON.stringify([before, after])}`);
          }
      }),
      { numRuns: Number(process.env.IMPORT_RUNS ?? 100) },
    );
    // The rest asks what a split of another flag gives.
    expect(read).toBeGreaterThan(written * 0.85);
    expect(compared).toBeGreaterThan(500);
  });
});
