/**
 * Writes a plan through the management API, with ordinary commands: every flag is created off, then configured, and switched on last, so
 * that none of them ever serves anything but what the plan says. What others ask for comes before them. What the server refuses is named,
 * and the rest goes on that does not depend on it. A second run finishes what was interrupted, but for switching on: it cannot tell that
 * from a kill.
 */
import type { ApiClient } from '../api-client.ts';
import { ApiError, UnreachableError } from '../usage.ts';
import { type Plan, type PlannedFlag, segmentsOf } from './make-plan.ts';

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
}

/** Version of what nobody has edited yet: the server refuses to write over an edit that came after the plan. */
const UNTOUCHED = 1;

/** Throws an UnreachableError when the server is gone; a flag that was not finished by then is off. */
export async function applyPlan(client: ApiClient, project: string, plan: Plan, reason: string): Promise<Applied> {
  const refused: Refusal[] = [];
  const segments = plan.segments.filter(isWritten);
  const flags = plan.flags.filter(isWritten);
  await each('segment', segments, async ({ key, name, verdict, configurations }) => {
    if (verdict === 'create') await client.createSegment(project, { key, name, reason });
    for (const [environment, configuration] of configurations)
      await client.configureSegment({ project, environment, segment: key }, { ...configuration, reason }, UNTOUCHED);
  });
  // One after the other and whole, so that an interruption leaves at most one that a second run cannot finish.
  for (const flag of prerequisitesFirst(flags)) {
    refuseDependants();
    await each('flag', [flag], write);
  }
  const done = (kind: Refusal['kind'], all: readonly { readonly key: string }[]) =>
    all.map(({ key }) => key).filter((key) => !isRefused(kind, key));
  return { segments: done('segment', segments), flags: done('flag', flags), refused };

  async function write({ key, verdict, input, configurations }: PlannedFlag): Promise<void> {
    if (verdict === 'create') await client.createFlag(project, { ...input, reason });
    for (const [environment, { on: _on, ...configuration }] of configurations)
      await client.configureFlag({ project, environment, flag: key }, { ...configuration, reason }, UNTOUCHED);
    for (const [environment, { on }] of configurations)
      if (on) await client.switchFlag({ project, environment, flag: key }, 'unkill', reason);
  }

  function isRefused(kind: Refusal['kind'], wanted: string): boolean {
    return refused.some((one) => one.kind === kind && one.key === wanted);
  }

  /** What was refused is off or empty, so that whatever depends on it would serve something else than the plan says. */
  function refuseDependants(): void {
    for (const { key, configurations } of prerequisitesFirst(flags)) {
      if (isRefused('flag', key)) continue;
      const missing = [...configurations.values()].flatMap((configuration) => [
        ...configuration.prerequisites.map(({ flag }) => flag).filter((flag) => isRefused('flag', flag)),
        ...[...segmentsOf(configuration)].filter((segment) => isRefused('segment', segment)),
      ])[0];
      if (missing === undefined) continue;
      const sentence = `It depends on '${missing}', which was refused, and stays off; mend that and import again.`;
      refused.push({ kind: 'flag', key, sentence });
    }
  }

  /** One after the other: each write holds the lock of its environments. What was refused is not tried again. */
  async function each<Item extends { readonly key: string }>(
    kind: Refusal['kind'],
    items: readonly Item[],
    write: (item: Item) => Promise<void>,
  ): Promise<void> {
    for (const item of items) {
      if (isRefused(kind, item.key)) continue;
      try {
        await write(item);
      } catch (error) {
        if (!(error instanceof ApiError) || error instanceof UnreachableError) throw error;
        refused.push({ kind, key: item.key, sentence: error.message });
      }
    }
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
