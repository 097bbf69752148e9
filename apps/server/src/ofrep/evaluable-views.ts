/**
 * Rule sets as remote evaluation needs them: compiled when first asked for, and led from one revision to the next by the bodies that
 * changed. Flags compile on first use; who is about to use all of them waits until they have been compiled a few in a turn.
 */
import {
  type BodyChange,
  bodyIssues,
  type CompiledRuleSet,
  compile,
  type EntityKind,
  type FlagBody,
  type FlagType,
  nextBoundary,
  type RuleSet,
  type SegmentBody,
  withChanges,
} from '@yardarm/evaluator';
import { digestText, type View } from '@yardarm/sync';
import { inSlices, NODE_TURNS, WORK_SLICE } from '../delivery/in-slices.ts';
import { renderRuleSet, type ServedBody } from '../ruleset/build.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { RuleSetView } from '../ruleset/rule-set-view.ts';

export interface EvaluableView {
  readonly rules: CompiledRuleSet;
  /** What each flag decides, by key, sorted. A flag whose body does not say counts as boolean: it has no value anyway. */
  readonly types: ReadonlyMap<string, FlagType>;
  /** Equal as long as every context is answered the same: the content, and the next instant at which the clock changes an answer. */
  readonly version: (nowMs: number) => string;
  /** Null: all that was there at the first request is compiled. Else resolves when it is. */
  readonly warming: () => Promise<void> | null;
}

/** `warming` of a view. */
export type Warming = (served: ServedEnvironment, name: View) => Promise<void> | null;

export type EvaluableViews = (served: ServedEnvironment, name: View) => EvaluableView;

export function createEvaluableViews(): EvaluableViews {
  const made = new Map<string, { readonly view: RuleSetView; readonly evaluable: EvaluableView }>();
  return ({ rules: { environmentId, views } }, name) => {
    const place = `${environmentId} ${name}`;
    const view = views[name];
    const known = made.get(place);
    if (known?.view === view) return known.evaluable;
    const isLed = known !== undefined && known.view.header.epoch === view.header.epoch;
    const { rules, warming } = isLed ? leadOn(known, view) : start(view);
    const evaluable = { rules, types: typesOf(view, known), version: versionOf(view, rules), warming };
    made.set(place, { view, evaluable });
    return evaluable;
  };
}

function leadOn({ view: from, evaluable }: Made, view: RuleSetView): Pick<EvaluableView, 'rules' | 'warming'> {
  const changes = changesBetween(from, view);
  return { rules: withChanges(evaluable.rules, { revision: view.header.revision, changes }), warming: evaluable.warming };
}

function start(view: RuleSetView): Pick<EvaluableView, 'rules' | 'warming'> {
  const ruleSet: RuleSet = JSON.parse(renderRuleSet(view.header, view.bodies.values()));
  const rules = compile(ruleSet, { lazy: true });
  let isWarm = false;
  let underWay: Promise<void> | null = null;
  const warmUp = async () => {
    const compileAll = (kind: EntityKind, bodies: { readonly [key: string]: unknown }) =>
      inSlices(Object.entries(bodies), ([key, body]) => bodyIssues(rules, kind, key, body), NODE_TURNS, WORK_SLICE);
    await compileAll('segment', ruleSet.segments);
    await compileAll('flag', ruleSet.flags);
    isWarm = true;
  };
  const warming = () => {
    if (isWarm) return null;
    underWay ??= warmUp();
    return underWay;
  };
  return { rules, warming };
}

/** Bodies that did not change are the same objects in both. */
function changesBetween(from: RuleSetView, to: RuleSetView): BodyChange[] {
  const changes: BodyChange[] = [];
  for (const [id, body] of to.bodies) if (from.bodies.get(id) !== body) changes.push(toChange(body, JSON.parse(body.text)));
  for (const [id, body] of from.bodies) if (!to.bodies.has(id)) changes.push(toChange(body, null));
  return changes;
}

function toChange({ kind, key, revision }: ServedBody, body: unknown): BodyChange {
  return kind === 'flag'
    ? { kind, key, revision, body: body as FlagBody | null }
    : { kind, key, revision, body: body as SegmentBody | null };
}

interface Made {
  readonly view: RuleSetView;
  readonly evaluable: EvaluableView;
}

function typesOf(view: RuleSetView, known: Made | undefined): ReadonlyMap<string, FlagType> {
  const types: [key: string, type: FlagType][] = [];
  for (const [id, body] of view.bodies) {
    if (body.kind !== 'flag') continue;
    const same = known?.view.bodies.get(id) === body ? known.evaluable.types.get(body.key) : undefined;
    types.push([body.key, same ?? (JSON.parse(body.text) as Partial<FlagBody>).type ?? 'boolean']);
  }
  return new Map(types.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function versionOf(view: RuleSetView, rules: CompiledRuleSet): EvaluableView['version'] {
  const digest = digestText(view.digest);
  let from = Number.POSITIVE_INFINITY;
  let until: number | undefined;
  return (nowMs) => {
    // The clock may have been set back.
    if (nowMs < from || (until !== undefined && nowMs >= until)) {
      from = nowMs;
      until = nextBoundary(rules, nowMs);
    }
    return `${digest}.${until ?? ''}`;
  };
}
