/**
 * Writes a plan through the management API, with ordinary commands: every flag is created off, then configured, and switched on last, so
 * that none of them ever serves anything but what the plan says. What others ask for comes before them. What the server refuses is named,
 * and the rest goes on that does not depend on it. A second run finishes what was interrupted, but for switching on: it cannot tell that
 * from a kill.
 */
import type { ApiClient } from '../api-client.ts';
import { ApiError, UnreachableError } from '../usage.ts';
import { askPatiently } from './ask-patiently.ts';
import type { ImportedConfiguration } from './imported.ts';
import { type Plan, type PlannedFlag, type PlannedSegment, segmentsOf } from './make-plan.ts';
import { isTouched } from './touched.ts';

export interface Refusal {
  readonly kind: 'flag' | 'segment';
  readonly key: string;
  /** The server's own sentence, or what it depends on that the server refused. */
  readonly sentence: string;
}

export interface Applied {
  /** Keys, of those that are in each environment as planned. */
  readonly segments: readonly string[];
  readonly flags: readonly string[];
  readonly refused: readonly Refusal[];
  /** Why it ended before all was tried: the server is gone, or takes nothing any more. Null: it did not. */
  readonly interrupted: string | null;
}

/** Version of what nobody has edited yet: the server refuses to write over an edit that came after the plan. */
const UNTOUCHED = 1;

/** A flag that was not finished where it is interrupted is off. */
export async function applyPlan(client: ApiClient, project: string, plan: Plan, reason: string): Promise<Applied> {
  const refused: Refusal[] = [];
  const done = { flag: new Set<string>(), segment: new Set<string>() };
  let interrupted: string | null = null;
  for (const segment of plan.segments.filter(isWritten)) await attempt('segment', segment.key, () => writeSegment(segment));
  // One after the other and whole, so that an interruption leaves at most one that a second run cannot finish.
  for (const flag of prerequisitesFirst(plan.flags.filter(isWritten))) await attempt('flag', flag.key, () => writeFlag(flag));
  const inOrder = (kind: Refusal['kind'], all: readonly { readonly key: string }[]) =>
    all.map(({ key }) => key).filter((key) => done[kind].has(key));
  return { segments: inOrder('segment', plan.segments), flags: inOrder('flag', plan.flags), refused, interrupted };

  /** One after the other: each write holds the lock of its environments. */
  async function attempt(kind: Refusal['kind'], key: string, write: () => Promise<void>): Promise<void> {
    if (interrupted !== null) return;
    try {
      await write();
      done[kind].add(key);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error instanceof UnreachableError) interrupted = error.message;
      else refused.push({ kind, key, sentence: error.message });
    }
  }

  async function writeSegment({ key, name, verdict, configurations }: PlannedSegment): Promise<void> {
    if (verdict === 'create') await askPatiently(() => client.createSegment(project, { key, name, reason }));
    for (const [environment, configuration] of configurations)
      await askPatiently(() =>
        client.configureSegment({ project, environment, segment: key }, { ...configuration, reason }, UNTOUCHED),
      );
  }

  async function writeFlag({ key, verdict, input, configurations }: PlannedFlag): Promise<void> {
    // What was refused is off or empty, so that whatever depends on it would serve something else than the plan says.
    const missing = [...configurations.values()].flatMap(refusedOf)[0];
    if (missing !== undefined)
      throw new ApiError(`It depends on '${missing}', which was refused, and stays off; mend that and import again.`);
    if (verdict === 'create') await askPatiently(() => client.createFlag(project, { ...input, reason }));
    else await refuseTouched(key, [...configurations.keys()]);
    for (const [environment, { on: _on, ...configuration }] of configurations)
      await askPatiently(() =>
        client.configureFlag({ project, environment, flag: key }, { ...configuration, reason }, UNTOUCHED),
      );
    for (const [environment, { on }] of configurations)
      if (on) await askPatiently(() => client.switchFlag({ project, environment, flag: key }, 'unkill', reason));
  }

  function refusedOf(configuration: ImportedConfiguration): readonly string[] {
    const isRefused = (kind: Refusal['kind'], wanted: string) => refused.some((one) => one.kind === kind && one.key === wanted);
    return [
      ...configuration.prerequisites.map(({ flag }) => flag).filter((flag) => isRefused('flag', flag)),
      ...[...segmentsOf(configuration)].filter((segment) => isRefused('segment', segment)),
    ];
  }

  /** The plan of many flags is minutes old by their turn, and a switch leaves the version as it was. */
  async function refuseTouched(flag: string, environments: readonly string[]): Promise<void> {
    for (const environment of environments)
      if (await askPatiently(() => isTouched(client, { project, environment, flag })))
        throw new ApiError(`Somebody switched or edited it in ${environment} since the plan was made; import again.`);
  }
}

/** A flag is on after those that it asks for; a plan has no cycles, which no server takes. */
function prerequisitesFirst(flags: readonly PlannedFlag[]): readonly PlannedFlag[] {
  const byKey = new Map(flags.map((flag) => [flag.key, flag]));
  const ordered = new Set<PlannedFlag>();
  const seen = new Set<string>();
  const visit = (flag: PlannedFlag): void => {
    if (seen.has(flag.key)) return;
    seen.add(flag.key);
    for (const { prerequisites } of flag.configurations.values())
      for (const { flag: key } of prerequisites) {
        const needed = byKey.get(key);
        if (needed !== undefined) visit(needed);
      }
    ordered.add(flag);
  };
  for (const flag of flags) visit(flag);
  return [...ordered];
}

function isWritten({ verdict }: Plan['flags'][number] | Plan['segments'][number]): boolean {
  return verdict === 'create' || verdict === 'finish';
}
