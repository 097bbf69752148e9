import { counted } from '../counted.ts';
import type { Output } from '../usage.ts';
import type { Obstacle, Remark } from './imported.ts';
import type { Plan, PlannedFlag, PlannedSegment, Verdict } from './make-plan.ts';

const WORDS: { readonly [verdict in Verdict]: string } = {
  create: 'create',
  finish: 'finish',
  identical: 'is there already',
  conflict: 'CONFLICT',
  'leave-out': 'LEFT OUT',
  'no-right': 'NO RIGHT',
};

/** For people: one paragraph per flag and segment, what needs a look under it, and the sums last. */
export function printPlan(plan: Plan, { out }: Output): void {
  for (const segment of plan.segments) printPlanned(`segment ${segment.key}`, segment, out);
  for (const flag of plan.flags) printPlanned(`flag ${flag.key}`, flag, out, flagDetails(flag));
  for (const { kind, key, place, sentence } of plan.left) {
    out(`${WORDS['leave-out']}  ${[kind, key].filter(Boolean).join(' ')}`);
    out(`    ${sentence}${at(place)}`);
  }
  out(sumsOf(plan));
}

/** Whether everything in the file comes over as it is. */
export function isComplete({ flags, segments, left }: Plan): boolean {
  return (
    left.length === 0 &&
    [...flags, ...segments].every(({ verdict }) => verdict !== 'conflict' && verdict !== 'leave-out' && verdict !== 'no-right')
  );
}

/** What to say where it was only a plan. */
export function howToApply({ flags, segments }: Plan, { yes }: { readonly yes: boolean }): string {
  if (![...flags, ...segments].some(isWritten)) return 'Nothing was changed, and this plan would change nothing.';
  return `Nothing was changed. ${yes ? 'Leave --plan out' : 'Write --yes'} to apply this plan.`;
}

/** The plan as one JSON object; `applied` is null while it is only a plan. */
export function planJson({ flags, segments, left }: Plan): object {
  const entry = ({ key, verdict, obstacles, remarks, configurations }: PlannedFlag | PlannedSegment) => ({
    ...{ key, verdict, obstacles, remarks },
    environments: Object.fromEntries(configurations),
  });
  return {
    flags: flags.map((flag) => ({ ...entry(flag), flag: flag.input })),
    segments: segments.map((segment) => ({ ...entry(segment), name: segment.name })),
    left,
  };
}

function printPlanned(
  what: string,
  planned: PlannedFlag | PlannedSegment,
  out: Output['out'],
  details: readonly string[] = [],
): void {
  const { verdict, obstacles, remarks } = planned;
  out(`${WORDS[verdict]}  ${[what, ...details].join(', ')}`);
  for (const { sentence, place } of obstacles) out(`    ${sentence}${at(place)}`);
  if (isWritten(planned)) for (const { code, sentence, place } of remarks) out(`    ${code}: ${sentence}${at(place)}`);
}

function isWritten({ verdict }: PlannedFlag | PlannedSegment): boolean {
  return verdict === 'create' || verdict === 'finish';
}

function flagDetails(flag: PlannedFlag): string[] {
  if (!isWritten(flag)) return [];
  const { input, configurations } = flag;
  const states = [...configurations].map(([environment, { on }]) => `${on ? 'on' : 'off'} in ${environment}`);
  const { kind, type, owner, expiresOn } = input;
  return [`${kind} ${type}`, ...states, ...(owner ? [`owner ${owner}`] : []), ...(expiresOn ? [`expires ${expiresOn}`] : [])];
}

function at(place: Obstacle['place']): string {
  return place === '' ? '' : ` (${place})`;
}

function sumsOf({ flags, segments, left }: Plan): string {
  const all = [...flags, ...segments];
  const count = (verdict: Verdict) => all.filter((one) => one.verdict === verdict).length;
  const written = all.filter(isWritten);
  const remarked = (code: Remark['code']) => written.filter(({ remarks }) => remarks.some((one) => one.code === code)).length;
  return [
    `${count('create')} to create`,
    `${count('finish')} to finish`,
    `${count('identical')} there already`,
    counted(count('conflict'), 'conflict'),
    `${count('leave-out') + left.length} left out`,
    ...(count('no-right') > 0 ? [`${count('no-right')} not allowed`] : []),
    `${remarked('changes-meaning')} with another meaning`,
    `${remarked('re-bucketed')} dealt anew`,
  ].join(', ');
}
