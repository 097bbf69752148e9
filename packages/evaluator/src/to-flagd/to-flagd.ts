/**
 * From a rule set to flagd's flag definitions. A flag's whole order of evaluation becomes one targeting expression
 * that gives a variant or null; prerequisites and segments are written out in it. docs/flagd.md says what is equal
 * and what is not. For servers and tools: no browser evaluation needs it.
 */
import { compile } from '../compile.ts';
import type { Issue } from '../compiled.ts';
import { isObject } from '../json.ts';
import { readMetadata } from '../outcomes.ts';
import { bodyPath } from '../place.ts';
import type { FlagBody, RuleSet, SegmentBody } from '../rule-set.ts';
import { namesUnit, translateCondition, translateSegment } from './conditions.ts';
import type { FlagdFlag, Logic, Obstacle, ReportObstacle } from './definition.ts';
import { firstOf, isOneOf, not, sizeOf } from './logic.ts';
import { translateServe } from './serve.ts';

export type { FlagdFlag, Logic, Obstacle, ObstacleCode } from './definition.ts';

/** Characters of one flag's targeting: whoever reads a definition parses and compiles all of it. */
const MAX_TARGETING_CHARACTERS = 4 * 1_024 * 1_024;
/** Each level of prerequisites is seven levels of JSON, which readers walk by recursion. */
const MAX_PREREQUISITE_DEPTH = 16;

export interface FlagdExport {
  /** Member `flags` of a flagd definition: the flags that flagd resolves to the same value and variant. */
  readonly flags: { readonly [key: string]: FlagdFlag };
  /** Every other flag, with all the reasons. */
  readonly obstacles: { readonly [key: string]: readonly Obstacle[] };
}

/** Part of a definition, with what stands in its way. */
interface Translation {
  readonly logic: Logic;
  readonly obstacles: readonly Obstacle[];
}

/**
 * Translates every flag of a rule set, whatever JSON it is; never throws. Each flag is in `flags` or in `obstacles`.
 * A rule set of another format has neither.
 */
export function toFlagd(ruleSet: RuleSet): FlagdExport {
  const bodies = isObject(ruleSet) && ruleSet.format === 1 && isObject(ruleSet.flags) ? ruleSet.flags : {};
  const flagIssues = new Map<string, Issue[]>();
  for (const issue of compile(ruleSet).issues) {
    if (issue.kind !== 'flag') continue;
    const known = flagIssues.get(issue.key);
    if (known === undefined) flagIssues.set(issue.key, [issue]);
    else known.push(issue);
  }
  const outcomeOf = remember((key, body: FlagBody) => translateOutcome(key, body));
  const membershipOf = remember((key, body: SegmentBody) =>
    translation((report) => translateSegment(body, bodyPath('segment', key), report)),
  );
  const flags: [key: string, flag: FlagdFlag][] = [];
  const obstacles: [key: string, obstacles: readonly Obstacle[]][] = [];
  for (const [key, body] of Object.entries(bodies)) {
    const outcome = outcomeOf(key, body);
    const unreadable = outcome.obstacles.some(({ code }) => code === 'unreadable');
    const found = unreadable ? outcome.obstacles : [...outcome.obstacles, ...bodyObstacles(key, body)];
    if (found.length > 0) obstacles.push([key, found]);
    else flags.push([key, makeFlag(body, outcome.logic)]);
  }
  return { flags: Object.fromEntries(flags), obstacles: Object.fromEntries(obstacles) };

  /** Steps 3 to 8 of the order of evaluation. A killed flag needs nothing that it refers to. */
  function translateOutcome(key: string, body: FlagBody): Translation {
    const issues = (flagIssues.get(key) ?? []).filter((issue) => isInTheWay(issue, body));
    if (issues.length > 0) return { logic: null, obstacles: issues.map(({ path }) => ({ code: 'unreadable', path })) };
    if (!body.on) return { logic: body.offVariant, obstacles: [] };
    const path = bodyPath('flag', key);
    if (!isShallow(body, MAX_PREREQUISITE_DEPTH))
      return { logic: null, obstacles: [{ code: 'size', path: `${path}/prerequisites` }] };
    return translation((report) => {
      const targeting = translateBody(body, path, report);
      if (sizeOf(targeting) > MAX_TARGETING_CHARACTERS) report('size', path);
      return targeting;
    });
  }

  /** Whether the prerequisites of a readable flag reach no deeper than `depth`. Killed and broken flags ask for none. */
  function isShallow({ on, prerequisites = [] }: FlagBody, depth: number): boolean {
    if (!on || prerequisites.length === 0) return true;
    if (depth === 0) return false;
    return prerequisites.every(({ flag }) => {
      const unreadable = flagIssues.get(flag)?.some((issue) => issue.unreadable) === true;
      return unreadable || !Object.hasOwn(bodies, flag) || isShallow(bodies[flag] as FlagBody, depth - 1);
    });
  }

  function translateBody(body: FlagBody, path: string, report: ReportObstacle): Logic {
    const { prerequisites = [], targets = [], fallthrough } = body;
    const branches: [Logic, Logic][] = [];
    for (const [index, { flag, variants }] of prerequisites.entries()) {
      branches.push([not(isServed(flag, variants, `${path}/prerequisites/${index}/flag`, report)), body.offVariant]);
    }
    for (const [index, { hashed, keys, variant }] of targets.entries()) {
      if (hashed === true) report('hashed', `${path}/targets/${index}/hashed`);
      branches.push([namesUnit(keys), variant]);
    }
    for (const [index, { when, serve }] of (body.rules ?? []).entries()) {
      const at = `${path}/rules/${index}`;
      const condition = translateCondition(when, `${at}/when`, { report, segment: (key) => membership(key, report) });
      branches.push([condition, translateServe(serve, `${at}/serve`, report)]);
    }
    return firstOf(branches, fallthrough === null ? null : translateServe(fallthrough, `${path}/fallthrough`, report));
  }

  /** Whether another flag yields one of the variants. An unknown flag yields none. */
  function isServed(key: string, variants: readonly string[], path: string, report: ReportObstacle): Logic {
    if (!Object.hasOwn(bodies, key)) return false;
    const { logic, obstacles } = outcomeOf(key, bodies[key] as FlagBody);
    if (obstacles.length > 0) report('prerequisite', path);
    if (logic === null) return false;
    return typeof logic === 'string' ? variants.includes(logic) : isOneOf(logic, variants);
  }

  function membership(key: string, report: ReportObstacle): Logic {
    const { logic, obstacles } = membershipOf(key, ruleSet.segments[key] as SegmentBody);
    for (const { code, path } of obstacles) report(code, path);
    return logic;
  }
}

/** An unknown prerequisite counts as not met; of a killed flag only its own text has to read well. */
function isInTheWay({ code, unreadable }: Issue, body: FlagBody): boolean {
  return unreadable || (code !== 'unknown_flag' && body.on);
}

/** What no flagd definition can carry, whatever the flag does. */
function bodyObstacles(key: string, body: FlagBody): readonly Obstacle[] {
  const path = bodyPath('flag', key);
  const found: Obstacle[] = /^.+$/u.test(key) ? [] : [{ code: 'key', path }];
  for (const [name, value] of Object.entries(body.variants)) {
    if (name === '' || !isJson(value))
      found.push({ code: 'variant', path: `${path}/variants/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` });
  }
  return found;
}

/** False if some number in it has no JSON form: a text such as 1e999 is read as infinite. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isJson);
}

function makeFlag(body: FlagBody, outcome: Logic): FlagdFlag {
  const metadata = readMetadata(body.metadata);
  const always = outcome === null || typeof outcome === 'string';
  return {
    state: !body.on && body.offVariant === null ? 'DISABLED' : 'ENABLED',
    variants: body.variants,
    defaultVariant: always ? outcome : null,
    ...(always ? {} : { targeting: outcome as NonNullable<FlagdFlag['targeting']> }),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

function translation(translate: (report: ReportObstacle) => Logic): Translation {
  const obstacles: Obstacle[] = [];
  const logic = translate((code, path) => {
    // A segment in use twice reports the same obstacle twice.
    if (!obstacles.some((known) => known.code === code && known.path === path)) obstacles.push({ code, path });
  });
  return { logic, obstacles };
}

function remember<Body>(translate: (key: string, body: Body) => Translation): (key: string, body: Body) => Translation {
  const known = new Map<string, Translation>();
  return (key, body) => {
    let result = known.get(key);
    if (result === undefined) {
      result = translate(key, body);
      known.set(key, result);
    }
    return result;
  };
}
