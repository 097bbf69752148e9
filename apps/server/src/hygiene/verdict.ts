/**
 * Whether a flag can be removed. Pure and total: from facts to a verdict, with every fact that it is made of and its date. What is not
 * known speaks for nothing: a build of whose commit a part was not uploaded is unknown and never clean, and coverage below 100 % is never safe.
 */
import type { FactState, Verdict, VerdictFact, VerdictFactCode, VerdictFactItem } from '@yardarm/contract';
import { FACT_STATES, VERDICT_FACTS } from '@yardarm/contract';

const DAY_MS = 24 * 3_600_000;
/** In one sentence; the items name all. */
const SHORT_COMMIT = 10;
const SHORT_VALUE = 60;
const SHORT_LIST = 3;

/** The default branch of a repository that was uploaded at least once. Times are epoch milliseconds. */
export interface BranchFacts {
  readonly repository: string;
  /** Null: nobody has said which branch is the default one. */
  readonly head: {
    readonly branch: string;
    readonly commit: string;
    readonly uploadedAtMs: number;
    /** Places that name the flag. */
    readonly references: number;
    /** False: the scanner found more than it could upload. */
    readonly isWhole: boolean;
  } | null;
}

/** One build that runs. */
export interface BuildFacts {
  readonly environment: string;
  readonly app: string | null;
  readonly version: string | null;
  readonly commit: string | null;
  /** Null: connected now. */
  readonly deployedAtMs: number | null;
  /** Null: no references of its commit are known, or none that are younger than the flag. */
  readonly names: boolean | null;
  /** Folders and files with code of its commit that were not uploaded; null: no upload says what it leaves out. */
  readonly missing: readonly string[] | null;
}

export interface EnvironmentFacts {
  readonly environment: string;
  /** By any kind of key, by rules or with the code default; null: never. */
  readonly lastEvaluatedAtMs: number | null;
  /** Connected instances: that report, that never did, that need not have yet. */
  readonly reporting: number;
  readonly silent: number;
  readonly awaited: number;
  /** False: a server of another version has readers of which nothing is known. */
  readonly isComplete: boolean;
  /** The last use of any of its keys. */
  readonly keysUsedAtMs: number | null;
  /** The last time that a key let the server evaluate (OFREP, flagd): such evaluations are in no count. */
  readonly remoteUsedAtMs: number | null;
  /** The last time that an instance was connected which had not reported for long; null: never. */
  readonly silentSeenAtMs: number | null;
  /** The last time that an instance said that it lost evaluations: of which flags nobody knows. Null: never. */
  readonly lostAtMs: number | null;
  /** Since when reports are heard: it may be for a shorter time than the flag is there. Null: it was not noted yet. */
  readonly heardSinceMs: number | null;
  /** What everybody gets, as text; null: several values. */
  readonly value: string | null;
  /** Since when it is configured like this. */
  readonly configuredAtMs: number;
}

export interface VerdictFacts {
  readonly nowMs: number;
  readonly notEvaluatedDays: number;
  readonly createdAtMs: number;
  readonly isArchived: boolean;
  readonly branches: readonly BranchFacts[];
  readonly builds: readonly BuildFacts[];
  /** False: more builds are connected than are told apart. */
  readonly areBuildsComplete: boolean;
  /** False: a server began or ended so lately that instances which were connected may still be on their way back, or one is missing. */
  readonly isSettled: boolean;
  /** When a server was last heard that may still have readers of whom nothing is known; null: none. */
  readonly missingServerAtMs: number | null;
  /** The last server that was killed within a day and is replaced; null: none. */
  readonly killedServer: { readonly heardAtMs: number; readonly replacedAtMs: number } | null;
  readonly environments: readonly EnvironmentFacts[];
  /** Flags that have it as a prerequisite, and where. */
  readonly dependants: readonly { readonly flag: string; readonly environment: string }[];
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly awaitingDeploy: boolean;
  /** The worst first. */
  readonly facts: readonly VerdictFact[];
}

type Judge = (facts: VerdictFacts) => { readonly sentence: string; readonly items: readonly VerdictFactItem[] };

export function judge(facts: VerdictFacts): Judgement {
  const all = VERDICT_FACTS.map((code): VerdictFact => {
    const { sentence, items } = JUDGES[code](facts);
    return { code, state: worstOf(items), sentence, items: [...items] };
  });
  const stateOf = (code: VerdictFactCode) => all.find((fact) => fact.code === code)?.state;
  return {
    verdict: toVerdict(all.map(({ state }) => state)),
    awaitingDeploy: stateOf('default_branches') === 'ok' && stateOf('builds') === 'blocks',
    facts: all.sort((a, b) => FACT_STATES.indexOf(b.state) - FACT_STATES.indexOf(a.state)),
  };
}

function toVerdict(states: readonly FactState[]): Verdict {
  if (states.includes('blocks')) return 'blocked';
  return states.every((state) => state === 'ok') ? 'safe' : 'caution';
}

/** No item is no evidence, and that is not known. */
function worstOf(items: readonly VerdictFactItem[]): FactState {
  if (items.length === 0) return 'unknown';
  return items.reduce<FactState>(
    (worst, { state }) => (FACT_STATES.indexOf(state) > FACT_STATES.indexOf(worst) ? state : worst),
    'ok',
  );
}

function item(
  state: FactState,
  sentence: string,
  more: { readonly atMs?: number | null; readonly environment?: string; readonly flag?: string } = {},
): VerdictFactItem {
  const { atMs = null, environment = null, flag = null } = more;
  return { state, sentence, at: atMs === null ? null : new Date(atMs).toISOString(), environment, flag };
}

const JUDGES: { readonly [code in VerdictFactCode]: Judge } = {
  default_branches: ({ branches, createdAtMs }) => ({
    sentence: 'No default branch names the flag.',
    items:
      branches.length === 0
        ? [item('unknown', 'No source code is known: nothing was uploaded by yardarm scan.')]
        : branches.map((branch) => judgeBranch(branch, createdAtMs)),
  }),

  builds: (facts) => {
    const items = facts.builds.map(judgeBuild);
    if (!facts.isSettled) items.push(unsettled(facts));
    else if (!facts.areBuildsComplete) items.push(item('unknown', 'More builds are connected than are told apart.'));
    if (items.length === 0) items.push(item('unknown', 'No build is known to run: none is connected, and none was deployed.'));
    return { sentence: 'No build that runs names the flag.', items };
  },

  evaluations: ({ environments, nowMs, notEvaluatedDays, createdAtMs }) => {
    const sinceMs = nowMs - notEvaluatedDays * DAY_MS;
    const items = environments.map(({ environment, lastEvaluatedAtMs: atMs }) =>
      atMs === null
        ? item('ok', `Never evaluated in ${environment}, as far as was reported.`, { environment })
        : item(atMs > sinceMs ? 'blocks' : 'ok', `Last evaluated in ${environment} on ${toDay(atMs)}.`, { atMs, environment }),
    );
    if (createdAtMs > sinceMs) {
      const sentence = `Made on ${toDay(createdAtMs)}: that is not ${days(notEvaluatedDays)} ago yet, so that no evaluation says little.`;
      items.push(item('unknown', sentence, { atMs: createdAtMs }));
    }
    return { sentence: `No evaluation for ${days(notEvaluatedDays)}.`, items };
  },

  coverage: (facts) => {
    const { environments, nowMs, notEvaluatedDays, isSettled } = facts;
    const items = environments.map((environment) => judgeCoverage(environment, isSettled, nowMs, notEvaluatedDays));
    if (!isSettled) items.unshift(unsettled(facts));
    if (facts.killedServer !== null) items.push(killed(facts.killedServer));
    if (!environments.some(({ reporting }) => reporting > 0))
      items.push(
        item('unknown', 'No instance that reports is connected anywhere: nothing shows that reports arrive.', { atMs: nowMs }),
      );
    return { sentence: 'Every connected instance reports its evaluations.', items };
  },

  one_value: ({ environments, isArchived }) => {
    const sentence = 'Everybody gets one value everywhere.';
    if (isArchived)
      return { sentence, items: [item('ok', 'Archived: in no rule set, so that everybody gets the code default.')] };
    const first = environments.find(({ value }) => value !== null);
    const items = environments.map(({ environment, value, configuredAtMs: atMs }) => {
      if (value === null) return item('doubt', `Serves several values in ${environment}.`, { atMs, environment });
      const said = `Serves everybody ${shorten(value)} in ${environment}`;
      return first === undefined || first.value === value
        ? item('ok', `${said}.`, { atMs, environment })
        : item('doubt', `${said}, and ${shorten(first.value ?? '')} in ${first.environment}.`, { atMs, environment });
    });
    return { sentence, items };
  },

  dependants: ({ dependants, nowMs }) => ({
    sentence: 'No other flag has it as a prerequisite.',
    items:
      dependants.length === 0
        ? [item('ok', 'No other flag has it as a prerequisite.', { atMs: nowMs })]
        : dependants.map(({ flag, environment }) =>
            item('blocks', `Flag '${flag}' has it as a prerequisite in ${environment}.`, { atMs: nowMs, environment, flag }),
          ),
  }),
};

function judgeBranch({ repository, head }: BranchFacts, createdAtMs: number): VerdictFactItem {
  if (head === null) return item('unknown', `Nobody has said which branch of ${repository} is the default one.`);
  const { branch, commit, uploadedAtMs: atMs, references, isWhole } = head;
  const where = `${branch} of ${repository} (${commit.slice(0, SHORT_COMMIT)})`;
  if (references > 0)
    return item('blocks', `Named in ${references === 1 ? 'one place' : `${references} places`} on ${where}.`, { atMs });
  if (!isWhole) return item('unknown', `Not among the references of ${where}, of which more were found than uploaded.`, { atMs });
  if (atMs < createdAtMs) return item('unknown', `Not named on ${where}, which was scanned before the flag was made.`, { atMs });
  return item('ok', `Not named on ${where}.`, { atMs });
}

function judgeBuild({ environment, app, version, commit, deployedAtMs: atMs, names, missing }: BuildFacts): VerdictFactItem {
  const what = `${app ?? 'An app without a name'}${version === null ? '' : ` ${version}`}${commit === null ? '' : ` (${commit.slice(0, SHORT_COMMIT)})`}`;
  const build = `${what}, ${atMs === null ? 'connected to' : 'deployed to'} ${environment},`;
  if (names === true) return item('blocks', `${build} still names it.`, { atMs, environment });
  const unknown = (why: string) => item('unknown', `${build} may name it: ${why}.`, { atMs, environment });
  if (commit === null) return unknown('it does not say its commit');
  if (names === null) return unknown('no references of its commit are known');
  if (missing === null)
    return unknown(
      'no upload of its commit says whether it is all of it; run yardarm scan --upload on a checkout of that commit',
    );
  if (missing.length > 0)
    return unknown(`of its commit nobody uploaded ${listed(missing)}; scan the whole repository, or each of those, too`);
  return item('ok', `${build} does not name it.`, { atMs, environment });
}

function listed(paths: readonly string[]): string {
  const named = paths.slice(0, SHORT_LIST).map(shorten).join(', ');
  return paths.length > SHORT_LIST ? `${named} and ${paths.length - SHORT_LIST} more` : named;
}

function unsettled({ nowMs, missingServerAtMs: atMs }: VerdictFacts): VerdictFactItem {
  if (atMs !== null) {
    const missing = `A Yardarm server was last heard at ${toMinute(atMs)} and has not said that it ended: it may have lost no more than the database, and instances may be connected to it.`;
    return item('unknown', `${missing} It is taken for gone a day later.`, { atMs });
  }
  const sentence =
    'A Yardarm server started or stopped a few minutes ago: instances that were connected may still be on their way back. Look again in ten minutes.';
  return item('unknown', sentence, { atMs: nowMs });
}

/** Shown, and no doubt: who is back is known, and nobody is noticed who was there for as short a time as is missing. */
function killed({ heardAtMs, replacedAtMs }: NonNullable<VerdictFacts['killedServer']>): VerdictFactItem {
  const between = `between ${toMinute(heardAtMs)} and ${toMinute(replacedAtMs)}`;
  return item('ok', `A Yardarm server was killed, and what it heard ${between} is not known.`, { atMs: replacedAtMs });
}

function judgeCoverage(facts: EnvironmentFacts, isSettled: boolean, nowMs: number, notEvaluatedDays: number): VerdictFactItem {
  const sinceMs = nowMs - notEvaluatedDays * DAY_MS;
  const { environment, reporting, silent, awaited, isComplete, keysUsedAtMs, remoteUsedAtMs, silentSeenAtMs } = facts;
  const { lostAtMs, heardSinceMs } = facts;
  const connected = reporting + silent + awaited;
  if (remoteUsedAtMs !== null && remoteUsedAtMs > sinceMs) {
    const sentence = `Unknown in ${environment}: a key lets the server evaluate (OFREP or flagd), and that is in no count.`;
    return item('unknown', sentence, { atMs: remoteUsedAtMs, environment });
  }
  if (!isComplete && isSettled)
    return item('unknown', `Unknown in ${environment}: a server of another version has readers there.`, { environment });
  if (silent + awaited > 0)
    return item('unknown', `${reporting} of ${connected} connected instances report in ${environment}.`, { environment });
  // It may have evaluated the flag until it ended.
  if (silentSeenAtMs !== null && silentSeenAtMs > sinceMs) {
    const sentence = `Unknown in ${environment}: an instance that reports nothing was connected on ${toDay(silentSeenAtMs)}.`;
    return item('unknown', sentence, { atMs: silentSeenAtMs, environment });
  }
  if (lostAtMs !== null && lostAtMs > sinceMs) {
    const sentence = `Unknown in ${environment}: on ${toDay(lostAtMs)} an instance said that it lost evaluations, and those are in no count.`;
    return item('unknown', sentence, { atMs: lostAtMs, environment });
  }
  // Its instances may be older than their reports, or than this server.
  if (connected > 0 && (heardSinceMs === null || heardSinceMs > sinceMs)) {
    const sentence = `Reports of ${environment} are heard since ${toDay(heardSinceMs ?? nowMs)}: that is not ${days(notEvaluatedDays)} ago yet.`;
    return item('unknown', sentence, { atMs: heardSinceMs ?? nowMs, environment });
  }
  if (connected > 0) return item('ok', `All ${connected} connected instances report in ${environment}.`, { environment });
  if (keysUsedAtMs !== null && keysUsedAtMs > sinceMs) {
    const sentence = `Nobody is connected to ${environment} now, and somebody was: whether they reported is not known.`;
    return item('unknown', sentence, { atMs: keysUsedAtMs, environment });
  }
  return item('ok', `Nobody uses ${environment}.`, { atMs: keysUsedAtMs, environment });
}

function toDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** UTC. */
function toMinute(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function days(count: number): string {
  return count === 1 ? 'a day' : `${count} days`;
}

function shorten(value: string): string {
  return value.length > SHORT_VALUE ? `${value.slice(0, SHORT_VALUE)}…` : value;
}
