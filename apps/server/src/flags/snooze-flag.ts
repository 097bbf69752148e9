/** Snooze: until a day nobody is told of a flag, and the record says why. Its lifecycle, verdict and values stay what they are. */
import type { CommandOf, Flag } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import { flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject } from '../projects/project-store.ts';
import { toDay } from './flag-lifecycle.ts';
import { type FlagRow, findFlag, refuseArchived } from './flag-store.ts';
import { loadFlag } from './load-flags.ts';

/** A year: whoever will not see a flag for longer should move its expiry, or archive it. */
const MAX_DAYS = 365;
const DAY_MS = 24 * 3_600_000;

type Snoozed = Pick<FlagRow, 'snoozedUntil' | 'snoozeReason'>;
const AWAKE: Snoozed = { snoozedUntil: null, snoozeReason: null };

/** Takes the place of a snooze that is there. Throws `not_found`, `archived`, and `validation_failed` for a day of the past or too far ahead. */
export async function snoozeFlag(context: CommandContext, { target, input }: CommandOf<'flag.snooze'>): Promise<Flag> {
  const [today, latest] = [toDay(context.nowMs), toDay(context.nowMs + MAX_DAYS * DAY_MS)];
  if (input.until < today || input.until > latest) {
    const message = `A flag is snoozed until a day from ${today} to ${latest}, and ${input.until} is none.`;
    throw new AppError('validation_failed', message, { details: [{ path: 'until', message }] });
  }
  return writeSnooze(context, target, { snoozedUntil: input.until, snoozeReason: input.reason });
}

/** Of a flag that is not snoozed it changes nothing. Throws `not_found`, `archived`. */
export async function unsnoozeFlag(context: CommandContext, { target }: CommandOf<'flag.unsnooze'>): Promise<Flag> {
  return writeSnooze(context, target, AWAKE);
}

async function writeSnooze(
  { tx, nowMs, record }: CommandContext,
  target: CommandOf<'flag.snooze'>['target'],
  after: Snoozed,
): Promise<Flag> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const flag = await findFlag(tx, project, target.flag);
  refuseArchived(flag);
  const before: Snoozed = { snoozedUntil: flag.snoozedUntil, snoozeReason: flag.snoozeReason };
  const written = { ...flag, ...after };
  if (before.snoozedUntil === after.snoozedUntil && before.snoozeReason === after.snoozeReason)
    return loadFlag(tx, written, nowMs);
  // The version stays: a snooze touches nothing that an edit which was begun before it does.
  await tx.update(flags).set(after).where(eq(flags.id, flag.id));
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'flag', key: flag.key, environmentId: null, before, after }],
    bodies: [],
  });
  return loadFlag(tx, written, nowMs);
}
