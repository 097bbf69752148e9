/** Who is looking: one of the demo crowd, remembered by this browser, signed in as beta tester or not. */
import { CROWD_SIZE, visitorId } from '../flags.ts';

const STORAGE_KEY = 'halyard.visitor';
/** Belongs to the demo project's segment of beta testers. */
const BETA_EMAIL = 'ada@beta.example.com';

export interface Visitor {
  /** 0 … CROWD_SIZE - 1 */
  readonly index: number;
  readonly betaTester: boolean;
}

export function loadVisitor(storage: Storage): Visitor {
  const [index, beta] = (storage.getItem(STORAGE_KEY) ?? '').split(' ');
  const known = index !== '' && Number.isInteger(Number(index)) && Number(index) >= 0 && Number(index) < CROWD_SIZE;
  return known ? { index: Number(index), betaTester: beta === 'beta' } : { index: anybody(), betaTester: false };
}

export function saveVisitor(storage: Storage, { index, betaTester }: Visitor): void {
  storage.setItem(STORAGE_KEY, `${index} ${betaTester ? 'beta' : ''}`);
}

/** Somebody of the crowd other than `visitor`. */
export function somebodyElse({ index, betaTester }: Visitor): Visitor {
  return { index: (index + 1 + Math.floor(Math.random() * (CROWD_SIZE - 1))) % CROWD_SIZE, betaTester };
}

/** The evaluation context, the same in the browser and on the shop's server. */
export function toContext({ index, betaTester }: Visitor): { targetingKey: string; email?: string } {
  return { targetingKey: visitorId(index), ...(betaTester ? { email: BETA_EMAIL } : {}) };
}

function anybody(): number {
  return Math.floor(Math.random() * CROWD_SIZE);
}
