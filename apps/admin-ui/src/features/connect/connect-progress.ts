/** How far an application has got that somebody is connecting, by what the server was told of it. Pure. */
import type { Coverage, FlagEvaluations, Receipts, SdkKey } from '@yardarm/contract';

export interface Sought {
  /** What the application calls itself. */
  readonly app: string;
  readonly kind: SdkKey['kind'];
  readonly flag: string;
}

/** What is known by now; undefined: not read yet. */
export interface Evidence {
  readonly receipts: Receipts | undefined;
  readonly coverage: Coverage | undefined;
  /** Of the flag that is asked for; undefined too where it does not exist. */
  readonly evaluations: FlagEvaluations | undefined;
}

export interface Progress {
  /** Instances of the app that have a stream; without one, those that poll. */
  readonly instances: number;
  /** Whether one of them runs the newest revision. */
  readonly isCurrent: boolean;
  /** Evaluations of the flag by the app since yesterday began. */
  readonly evaluations: number;
  /** Flags that it asks for and that do not exist here. */
  readonly unknownFlags: readonly string[];
}

export function readProgress({ receipts, coverage, evaluations }: Evidence, { app, kind }: Sought): Progress {
  const isIt = (one: { readonly keyKind: SdkKey['kind']; readonly app: { readonly name: string | null } }) =>
    one.keyKind === kind && one.app.name === app;
  const streaming = (receipts?.apps ?? []).filter(isIt);
  const streams = sum(streaming.map(({ connected }) => connected));
  const covered = sum((coverage?.apps ?? []).filter(isIt).map(({ reporting, silent }) => reporting + silent));
  return {
    instances: streams || covered,
    isCurrent: streaming.some(({ applied }) => applied > 0),
    evaluations: sum((evaluations?.apps ?? []).filter(isIt).map(({ n }) => n)),
    unknownFlags: (coverage?.unknownFlags ?? []).filter((one) => one.keyKind === kind && one.app === app).map(({ key }) => key),
  };
}

/** What was seen once stays seen: a script that has ended was connected all the same. */
export function furthest(before: Progress, now: Progress): Progress {
  return {
    instances: now.instances || before.instances,
    isCurrent: before.isCurrent || now.isCurrent,
    evaluations: Math.max(before.evaluations, now.evaluations),
    unknownFlags: [...new Set([...before.unknownFlags, ...now.unknownFlags])],
  };
}

export const NO_PROGRESS: Progress = { instances: 0, isCurrent: false, evaluations: 0, unknownFlags: [] };

/** Whoever evaluates was connected, even if nobody looked at that moment. */
export function isConnected({ instances, evaluations, unknownFlags }: Progress): boolean {
  return instances > 0 || evaluations > 0 || unknownFlags.length > 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
