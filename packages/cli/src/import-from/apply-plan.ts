/**
 * Writes a plan through the management API, with ordinary commands: every flag is created off, then configured, and switched on last, so
 * that none of them ever serves anything but what the plan says. What the server refuses is named, and the rest goes on that does not
 * depend on it. A second run finishes what was interrupted, but for switching on: it cannot tell that from a kill.
 */
import type { ApiClient } from '../api-client.ts';
import { ApiError, UnreachableError } from '../usage.ts';
import { type Plan, type PlannedFlag, segmentsOf } from './make-plan.ts';

export interface Refusal {
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

/** Throws an UnreachableError when the server is gone; a flag that was not finished by then is off. */
export async function applyPlan(client: ApiClient, project: string, plan: Plan, reason: string): Promise<Applied> {
  const refused: Refusal[] = [];
  const segments = plan.segments.filter(isWritten);
  const flags = plan.flags.filter(isWritten);
  await each(segments, async ({ key, name, verdict, configurations }) => {
    if (verdict === 'create') await client.createSegment(project, { key, name, reason });
    const { environments } = await client.getSegment(project, key);
    for (const [environment, configuration] of configurations) {
      const version = versionIn(environments, environment);
      await client.configureSegment({ project, environment, segment: key }, { ...configuration, reason }, version);
    }
  });
  await each(flags, async ({ verdict, input }) => {
    if (verdict === 'create') await client.createFlag(project, { ...input, reason });
  });
  // All of them are there by now, so that one may ask for another as its prerequisite.
  await each(flags, (flag) => configure(flag));
  // What was refused is off or empty, so that whatever depends on it would serve something else than the plan says.
  for (let found = dependent(); found !== undefined; found = dependent()) refused.push(found);
  await each(flags, async ({ key, configurations }) => {
    for (const [environment, { on }] of configurations)
      if (on) await client.switchFlag({ project, environment, flag: key }, 'unkill', reason);
  });
  const done = (all: readonly { readonly key: string }[]) =>
    all.map(({ key }) => key).filter((key) => !refused.some((one) => one.key === key));
  return { segments: done(segments), flags: done(flags), refused };

  async function configure({ key, configurations }: PlannedFlag): Promise<void> {
    const { environments } = await client.getFlag(project, key);
    for (const [environment, { on: _on, ...configuration }] of configurations) {
      const version = versionIn(environments, environment);
      await client.configureFlag({ project, environment, flag: key }, { ...configuration, reason }, version);
    }
  }

  function dependent(): Refusal | undefined {
    const isRefused = (wanted: string) => refused.some(({ key }) => key === wanted);
    for (const { key, configurations } of flags.filter((flag) => !isRefused(flag.key)))
      for (const configuration of configurations.values()) {
        const needs = [...configuration.prerequisites.map(({ flag }) => flag), ...segmentsOf(configuration)];
        const missing = needs.find(isRefused);
        if (missing !== undefined)
          return { key, sentence: `It depends on '${missing}', which was refused, and stays off; mend that and import again.` };
      }
    return undefined;
  }

  /** One after the other: each write holds the lock of its environments. What was refused is not tried again. */
  async function each<Item extends { readonly key: string }>(
    items: readonly Item[],
    write: (item: Item) => Promise<void>,
  ): Promise<void> {
    for (const item of items) {
      if (refused.some(({ key }) => key === item.key)) continue;
      try {
        await write(item);
      } catch (error) {
        if (!(error instanceof ApiError) || error instanceof UnreachableError) throw error;
        refused.push({ key: item.key, sentence: error.message });
      }
    }
  }
}

function isWritten({ verdict }: Plan['flags'][number] | Plan['segments'][number]): boolean {
  return verdict === 'create' || verdict === 'finish';
}

function versionIn(environments: readonly { readonly environment: string; readonly version: number }[], wanted: string): number {
  const there = environments.find(({ environment }) => environment === wanted);
  if (there === undefined) throw new ApiError(`The project has no environment '${wanted}' any more.`);
  return there.version;
}
