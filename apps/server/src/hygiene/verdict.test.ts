import { VERDICT_FACTS, type VerdictFactCode } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { type BranchFacts, type BuildFacts, type EnvironmentFacts, judge, type VerdictFacts } from './verdict.ts';

const DAY_MS = 24 * 3_600_000;
const NOW_MS = Date.parse('2030-06-01T12:00:00Z');
const ago = (days: number) => NOW_MS - days * DAY_MS;
const WINDOW_DAYS = 30;
const OLD = { createdAtMs: ago(200) };

/** What a fact can be, and the state that it has to have: `ok`, `unknown`, `doubt` or `blocks`, by its first letter. */
type Cases<T> = readonly (readonly [name: string, state: 'o' | 'u' | 'd' | 'b', given: T])[];

const head = (more: object = {}): BranchFacts => ({
  repository: 'acme/shop',
  head: { branch: 'main', commit: 'a1b2c3d4e5f6', uploadedAtMs: ago(3), references: 0, isWhole: true, ...more },
});
const BRANCHES: Cases<readonly BranchFacts[]> = [
  ['nothing uploaded', 'u', []],
  ['no default branch', 'u', [{ repository: 'acme/shop', head: null }]],
  ['clean', 'o', [head()]],
  ['named', 'b', [head({ references: 2 })]],
  ['scanned before the flag was made', 'u', [head({ uploadedAtMs: ago(201) })]],
  ['more found than uploaded', 'u', [head({ isWhole: false })]],
  ['named, and more', 'b', [head({ isWhole: false, references: 1 })]],
  ['one clean, one named', 'b', [head(), head({ references: 1 })]],
  ['one clean, one without a default branch', 'u', [head(), { repository: 'acme/api', head: null }]],
];

const running = (
  names: boolean | null,
  deployedAtMs: number | null = null,
  missing: readonly string[] | null = [],
): BuildFacts => ({
  ...{ environment: 'production', app: 'shop', version: '1.4', commit: 'a1b2c3d4', deployedAtMs, names, missing },
});
const SETTLED = { areBuildsComplete: true, isSettled: true, missingServerAtMs: null, killedServer: null };
const BUILDS: Cases<Pick<VerdictFacts, 'builds' | 'areBuildsComplete' | 'isSettled' | 'missingServerAtMs' | 'killedServer'>> = [
  ['none known', 'u', { ...SETTLED, builds: [] }],
  ['connected and clean', 'o', { ...SETTLED, builds: [running(false)] }],
  ['connected and named', 'b', { ...SETTLED, builds: [running(false), running(true)] }],
  ['connected and unknown', 'u', { ...SETTLED, builds: [running(false), running(null)] }],
  ['deployed and named', 'b', { ...SETTLED, builds: [running(true, ago(9))] }],
  ['clean, of a commit of which a part is missing', 'u', { ...SETTLED, builds: [running(false, null, ['apps/web'])] }],
  ['clean, and one of which a part is missing', 'u', { ...SETTLED, builds: [running(false), running(false, ago(9), ['x'])] }],
  ['clean, whether it is all is not said', 'u', { ...SETTLED, builds: [running(false, null, null)] }],
  ['named, a part is missing', 'b', { ...SETTLED, builds: [running(true, null, ['apps/web'])] }],
  ['named, whether it is all is not said', 'b', { ...SETTLED, builds: [running(true, null, null)] }],
  ['unknown, a part is missing', 'u', { ...SETTLED, builds: [running(null, null, ['apps/web'])] }],
  ['a part is missing, and one named', 'b', { ...SETTLED, builds: [running(false, null, ['apps/web']), running(true)] }],
  ['deployed and clean, more connected', 'u', { ...SETTLED, builds: [running(false, ago(9))], areBuildsComplete: false }],
  ['clean, a server began or ended just now', 'u', { ...SETTLED, builds: [running(false)], isSettled: false }],
  ['named, a server began or ended just now', 'b', { ...SETTLED, builds: [running(true)], isSettled: false }],
  ['clean, a server is missing', 'u', { ...SETTLED, builds: [running(false)], isSettled: false, missingServerAtMs: ago(0.5) }],
];

type Connected = Omit<EnvironmentFacts, 'environment' | 'lastEvaluatedAtMs' | 'value' | 'configuredAtMs'>;
const NOBODY: Connected = {
  ...{ reporting: 0, silent: 0, awaited: 0, isComplete: true, keysUsedAtMs: null, remoteUsedAtMs: null, silentSeenAtMs: null },
  ...{ lostAtMs: null, heardSinceMs: ago(90) },
};
const COVERAGE: Cases<Connected> = [
  ['all report', 'o', { ...NOBODY, reporting: 3, keysUsedAtMs: ago(0) }],
  ['one is silent', 'u', { ...NOBODY, reporting: 299, silent: 1 }],
  ['one is awaited', 'u', { ...NOBODY, reporting: 3, awaited: 1 }],
  ['all are silent', 'u', { ...NOBODY, silent: 3 }],
  ['a server of another version', 'u', { ...NOBODY, reporting: 3, isComplete: false }],
  ['used remotely in the window', 'u', { ...NOBODY, reporting: 3, remoteUsedAtMs: ago(WINDOW_DAYS - 1) }],
  ['used remotely before the window', 'o', { ...NOBODY, reporting: 3, remoteUsedAtMs: ago(WINDOW_DAYS + 1) }],
  ['silent in the window, and gone', 'u', { ...NOBODY, reporting: 3, silentSeenAtMs: ago(WINDOW_DAYS - 1) }],
  ['heard for less than the window', 'u', { ...NOBODY, reporting: 3, heardSinceMs: ago(WINDOW_DAYS - 1) }],
  ['heard just now', 'u', { ...NOBODY, reporting: 3, heardSinceMs: null }],
  ['silent before the window', 'o', { ...NOBODY, reporting: 3, silentSeenAtMs: ago(WINDOW_DAYS + 1) }],
  ['counts lost in the window', 'u', { ...NOBODY, reporting: 3, lostAtMs: ago(WINDOW_DAYS - 1) }],
  ['counts lost before the window', 'o', { ...NOBODY, reporting: 3, lostAtMs: ago(WINDOW_DAYS + 1) }],
  ['counts lost in the window, nobody connected', 'u', { ...NOBODY, lostAtMs: ago(WINDOW_DAYS - 1) }],
  ['used in the window, nobody connected', 'u', { ...NOBODY, keysUsedAtMs: ago(WINDOW_DAYS - 1) }],
  ['not used in the window', 'o', { ...NOBODY, keysUsedAtMs: ago(WINDOW_DAYS + 1) }],
];
const OTHER_COVERAGE = COVERAGE.filter(([name]) => ['one is silent', 'not used in the window'].includes(name));

type Times = readonly [number | null, number | null];
const EVALUATED: Cases<Times> = [
  ['never', 'o', [null, null]],
  ['before the window', 'o', [ago(WINDOW_DAYS), null]],
  ['in the window', 'b', [ago(WINDOW_DAYS - 1), null]],
  ['in the window in the other', 'b', [null, ago(0)]],
];
const AGE: Cases<number> = [
  ['older than the window', 'o', ago(200)],
  ['younger than the window', 'u', ago(WINDOW_DAYS - 1)],
];
const VALUES: Cases<readonly [string | null, string | null]> = [
  ['one', 'o', ['true', 'true']],
  ['another in each environment', 'd', ['true', 'false']],
  ['several in one', 'd', ['true', null]],
];
const DEPENDANTS: Cases<VerdictFacts['dependants']> = [
  ['none', 'o', []],
  ['one', 'b', [{ flag: 'other', environment: 'staging' }]],
];

describe('judge', () => {
  it('answers the table for every combination of facts', () => {
    let cases = 0;
    const wrong: string[] = [];
    const count = { safe: 0, caution: 0, blocked: 0 };
    for (const branches of BRANCHES)
      for (const builds of BUILDS)
        for (const coverage of COVERAGE)
          for (const other of OTHER_COVERAGE)
            for (const evaluated of EVALUATED)
              for (const age of AGE)
                for (const value of VALUES)
                  for (const dependants of DEPENDANTS) {
                    const place = (index: 0 | 1, connected: Connected): EnvironmentFacts => ({
                      ...connected,
                      environment: index === 0 ? 'production' : 'staging',
                      lastEvaluatedAtMs: evaluated[2][index],
                      value: value[2][index],
                      configuredAtMs: ago(50),
                    });
                    const facts: VerdictFacts = {
                      ...{ nowMs: NOW_MS, notEvaluatedDays: WINDOW_DAYS, createdAtMs: age[2], isArchived: false },
                      ...{ branches: branches[2], ...builds[2], dependants: dependants[2] },
                      environments: [place(0, coverage[2]), place(1, other[2])],
                    };
                    const isReported = coverage[2].reporting + other[2].reporting > 0;
                    const covered = !isReported || coverage[1] === 'u' || other[1] === 'u' ? 'u' : 'o';
                    const lastly = evaluated[1] === 'b' ? 'b' : age[1];
                    const scanned = branches[0] === 'scanned before the flag was made' ? 'u' : branches[1];
                    const states = [scanned, builds[1], covered, lastly, value[1], dependants[1]].join('');
                    const expected = states.includes('b') ? 'blocked' : states === 'oooooo' ? 'safe' : 'caution';
                    const awaiting = scanned === 'o' && builds[1] === 'b';
                    const { verdict, awaitingDeploy } = judge(facts);
                    cases++;
                    count[verdict]++;
                    if (verdict !== expected || awaitingDeploy !== awaiting)
                      wrong.push(
                        `${[branches, builds, coverage, other, evaluated, age, value, dependants].map(([name]) => name).join('; ')}: ${verdict}, not ${expected}`,
                      );
                  }
    expect(wrong.slice(0, 10)).toEqual([]);
    process.stdout.write(`verdict: ${cases} combinations, ${JSON.stringify(count)}\n`);
    expect(cases).toBe(9 * 16 * 16 * 2 * 4 * 2 * 3 * 2);
    expect(count.safe).toBeGreaterThan(0);
  });

  const SAFE: VerdictFacts = {
    ...{ nowMs: NOW_MS, notEvaluatedDays: WINDOW_DAYS, ...OLD, isArchived: false },
    ...{
      branches: [head()],
      builds: [running(false)],
      areBuildsComplete: true,
      isSettled: true,
      missingServerAtMs: null,
      killedServer: null,
      dependants: [],
    },
    environments: [
      {
        ...{ ...NOBODY, reporting: 3, environment: 'production', lastEvaluatedAtMs: ago(90) },
        ...{ value: 'true', configuredAtMs: ago(50) },
      },
    ],
  };
  const only = SAFE.environments[0] as EnvironmentFacts;
  const fact = (facts: VerdictFacts, code: VerdictFactCode) => judge(facts).facts.find((one) => one.code === code);

  it('is safe when everything that it looks at is known and speaks for it', () => {
    expect(judge(SAFE)).toMatchObject({ verdict: 'safe', awaitingDeploy: false });
  });

  it('lists every fact with its sentence, its items and their dates, the worst first', () => {
    const { facts } = judge({ ...SAFE, builds: [running(true)], environments: [{ ...only, silent: 1 }] });
    expect(facts.map(({ code, state }) => `${code} ${state}`).slice(0, 2)).toEqual(['builds blocks', 'coverage unknown']);
    expect(facts.map(({ code }) => code).sort()).toEqual([...VERDICT_FACTS].sort());
    expect(fact(SAFE, 'evaluations')?.items).toEqual([
      {
        ...{ state: 'ok', sentence: 'Last evaluated in production on 2030-03-03.', at: '2030-03-03T12:00:00.000Z' },
        ...{ environment: 'production', flag: null },
      },
    ]);
  });

  it('says in words that can be acted on what stands against it', () => {
    const sentences = [
      fact({ ...SAFE, branches: [head({ references: 2 })] }, 'default_branches'),
      fact({ ...SAFE, builds: [running(true)] }, 'builds'),
      fact({ ...SAFE, builds: [{ ...running(null), commit: null }] }, 'builds'),
      fact({ ...SAFE, builds: [running(false, null, ['apps/web', 'apps/x', 'tools', 'u', 'v'])] }, 'builds'),
      fact({ ...SAFE, builds: [running(false, null, null)] }, 'builds'),
      fact({ ...SAFE, environments: [{ ...only, silent: 1 }] }, 'coverage'),
      fact({ ...SAFE, environments: [{ ...only, remoteUsedAtMs: ago(1) }] }, 'coverage'),
      fact({ ...SAFE, environments: [{ ...only, lostAtMs: ago(1) }] }, 'coverage'),
      fact({ ...SAFE, isSettled: false }, 'coverage'),
      fact({ ...SAFE, isSettled: false, missingServerAtMs: ago(0.5) }, 'coverage'),
      fact({ ...SAFE, dependants: [{ flag: 'other', environment: 'staging' }] }, 'dependants'),
    ].map((one) => one?.items[0]?.sentence);
    expect(sentences).toEqual([
      'Named in 2 places on main of acme/shop (a1b2c3d4e5).',
      'shop 1.4 (a1b2c3d4), connected to production, still names it.',
      'shop 1.4, connected to production, may name it: it does not say its commit.',
      'shop 1.4 (a1b2c3d4), connected to production, may name it: of its commit nobody uploaded apps/web, apps/x, tools and 2 more; scan the whole repository, or each of those, too.',
      'shop 1.4 (a1b2c3d4), connected to production, may name it: no upload of its commit says whether it is all of it; run yardarm scan --upload on a checkout of that commit.',
      '3 of 4 connected instances report in production.',
      'Unknown in production: a key lets the server evaluate (OFREP or flagd), and that is in no count.',
      'Unknown in production: on 2030-05-31 an instance said that it lost evaluations, and those are in no count.',
      'A Yardarm server started or stopped a few minutes ago: instances that were connected may still be on their way back. Look again in ten minutes.',
      'A Yardarm server was last heard at 2030-06-01 00:00 UTC and has not said that it ended: it may have lost no more than the database, and instances may be connected to it. It is taken for gone a day later.',
      "Flag 'other' has it as a prerequisite in staging.",
    ]);
  });

  it('shows that a server was killed and replaced, which is no reason to doubt', () => {
    const facts = { ...SAFE, killedServer: { heardAtMs: ago(0.5), replacedAtMs: ago(0.25) } };
    expect(fact(facts, 'coverage')?.items).toContainEqual({
      ...{ state: 'ok', environment: null, flag: null, at: new Date(ago(0.25)).toISOString() },
      sentence:
        'A Yardarm server was killed, and what it heard between 2030-06-01 00:00 UTC and 2030-06-01 06:00 UTC is not known.',
    });
    expect(judge(facts).verdict).toBe('safe');
  });

  it('takes no value for a reason against removing an archived flag, which is in no rule set', () => {
    expect(fact({ ...SAFE, isArchived: true, environments: [{ ...only, value: null }] }, 'one_value')?.state).toBe('ok');
  });

  it('knows nothing of a project without environments', () => {
    expect(judge({ ...SAFE, environments: [] }).verdict).toBe('caution');
  });
});
