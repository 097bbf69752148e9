/** Who is looking. Somebody who is not signed in keeps one random key in this browser, so that a rollout keeps its promise. */
import { anonymousKey } from '@yardarm/sdk-browser';

/** An evaluation context. A type and not an interface: OpenFeature's contexts are open records. */
export type Visitor = {
  readonly targetingKey: string;
  readonly email?: string;
};

/** Belongs to the demo project's segment of beta testers. */
const BETA_EMAIL = 'ada@beta.example.com';

export function thisBrowser(): Visitor {
  return { targetingKey: anonymousKey() };
}

export function somebodyElse(): Visitor {
  return { targetingKey: `visitor-${Math.floor(Math.random() * 1_000_000)}` };
}

export function asBetaTester({ targetingKey }: Visitor, isBetaTester: boolean): Visitor {
  return isBetaTester ? { targetingKey, email: BETA_EMAIL } : { targetingKey };
}
