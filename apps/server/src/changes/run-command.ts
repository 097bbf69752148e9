/**
 * Runs one command in one transaction: lock, read, validate, compile, write, record, commit. The only way in
 * is a grant of the gate (governance/gate.ts).
 */
import type { CommandOf } from '@yardarm/contract';
import { authorize } from '../auth/policies.ts';
import type { MintSecret } from '../auth/secrets.ts';
import { askingFirst, type Database, type Tx } from '../db/client.ts';
import { inOrder } from '../db/in-order.ts';
import { copyEnvironment } from '../environments/copy-environment.ts';
import { createEnvironment } from '../environments/create-environment.ts';
import { newEpoch } from '../environments/new-epoch.ts';
import { revertEnvironment } from '../environments/revert-environment.ts';
import { updateEnvironment } from '../environments/update-environment.ts';
import { importInstance } from '../exports/import-instance.ts';
import { recordExport } from '../exports/record-export.ts';
import { archiveFlag, unarchiveFlag } from '../flags/archive-flag.ts';
import { archiveFlags } from '../flags/archive-flags.ts';
import { configureFlag } from '../flags/configure-flag.ts';
import { copyFlag } from '../flags/copy-flag.ts';
import { createFlag } from '../flags/create-flag.ts';
import { killFlags } from '../flags/kill-flags.ts';
import { snoozeFlag, unsnoozeFlag } from '../flags/snooze-flag.ts';
import { killFlag, unkillFlag } from '../flags/switch-flag.ts';
import { updateFlag } from '../flags/update-flag.ts';
import { updateFlags } from '../flags/update-flags.ts';
import { closeReview } from '../governance/close-review.ts';
import type { GateGrant } from '../governance/gate.ts';
import { governBodies } from '../governance/govern.ts';
import { isKill } from '../governance/kills.ts';
import { createGrant } from '../grants/create-grant.ts';
import { deleteGrant } from '../grants/delete-grant.ts';
import { tellOwners } from '../hygiene/tell-owners.ts';
import { createKey } from '../keys/create-key.ts';
import { revokeKey } from '../keys/revoke-key.ts';
import { rotateKey } from '../keys/rotate-key.ts';
import { updateKey } from '../keys/update-key.ts';
import { admitPatterns } from '../patterns/admit-patterns.ts';
import { deleteAttribute, setAttribute } from '../projects/attributes.ts';
import { createProject } from '../projects/create-project.ts';
import { updateProject } from '../projects/update-project.ts';
import { configureSegment } from '../segments/configure-segment.ts';
import { createSegment } from '../segments/create-segment.ts';
import { deleteSegment } from '../segments/delete-segment.ts';
import { updateSegment } from '../segments/update-segment.ts';
import { createTeam } from '../teams/create-team.ts';
import { deleteTeam } from '../teams/delete-team.ts';
import { updateTeam } from '../teams/update-team.ts';
import { createToken } from '../tokens/create-token.ts';
import { revokeToken } from '../tokens/revoke-token.ts';
import { disableUser, enableUser } from '../users/disable-user.ts';
import { inviteUser } from '../users/invite-user.ts';
import { resetUser } from '../users/reset-user.ts';
import { setPassword } from '../users/set-password.ts';
import { updateUser } from '../users/update-user.ts';
import { createWebhook } from '../webhooks/create-webhook.ts';
import { deleteWebhook } from '../webhooks/delete-webhook.ts';
import type { SecretBox } from '../webhooks/secret-box.ts';
import { updateWebhook } from '../webhooks/update-webhook.ts';
import { type Attempt, beginCommit, notMade, requireTime, startAttempt, toOutcome } from './attempt.ts';
import type { CommandContext, CommandType, Handler } from './command-context.ts';
import { keepAnswer, replayAnswer } from './idempotency.ts';
import { startWriting } from './lock-heads.ts';
import { type RecordedChange, recordChange } from './record-change.ts';
import { revertChange } from './revert-change.ts';

const HANDLERS = {
  'project.create': createProject,
  'project.update': updateProject,
  'attribute.set': setAttribute,
  'attribute.delete': deleteAttribute,
  'environment.create': createEnvironment,
  'environment.update': updateEnvironment,
  'environment.new_epoch': newEpoch,
  'flag.create': createFlag,
  'flag.update': updateFlag,
  'flag.configure': configureFlag,
  'flag.kill': killFlag,
  'flag.kill_many': killFlags,
  'flag.update_many': updateFlags,
  'flag.archive_many': archiveFlags,
  'flag.unkill': unkillFlag,
  'flag.copy': copyFlag,
  'environment.copy': copyEnvironment,
  'environment.revert': revertEnvironment,
  'change.revert': revertChange,
  'flag.archive': archiveFlag,
  'flag.unarchive': unarchiveFlag,
  'flag.snooze': snoozeFlag,
  'flag.unsnooze': unsnoozeFlag,
  'hygiene.digest': tellOwners,
  'segment.create': createSegment,
  'segment.update': updateSegment,
  'segment.configure': configureSegment,
  'segment.delete': deleteSegment,
  'team.create': createTeam,
  'team.update': updateTeam,
  'team.delete': deleteTeam,
  'instance.export': recordExport,
  'instance.import': importInstance,
  'key.create': createKey,
  'key.update': updateKey,
  'key.rotate': rotateKey,
  'key.revoke': revokeKey,
  'webhook.create': createWebhook,
  'webhook.update': updateWebhook,
  'webhook.delete': deleteWebhook,
  'user.invite': inviteUser,
  'user.update': updateUser,
  'user.disable': disableUser,
  'user.enable': enableUser,
  'user.reset': resetUser,
  'user.set_password': setPassword,
  'grant.create': createGrant,
  'grant.delete': deleteGrant,
  'token.create': createToken,
  'token.revoke': revokeToken,
  'review.close': closeReview,
} satisfies { readonly [T in CommandType]: Handler<T> };

/** What a command of this type is answered. */
export type AnswerOf<T extends CommandType> = Awaited<ReturnType<(typeof HANDLERS)[T]>>;

/** Past this, a person rather sees "try again" than a spinner. */
const LOCK_TIMEOUT_MS = 2_000;
/** A kill is worth waiting for: nothing may hold a head lock longer than a quarter of a second, ten are an outage. */
const KILL_LOCK_TIMEOUT_MS = 10_000;
/** A lock is given up this long before the answer is, so that the answer says what was in the way. */
const ANSWER_MARGIN_MS = 250;

export interface CommandDependencies {
  /** A transaction may stand in for the database: several commands then commit together (the demo's seed). */
  readonly db: Pick<Database | Tx, 'transaction'>;
  readonly now: () => number;
  readonly mintSecret: MintSecret;
  /** Path of a file that goes with the command and is too large to be a part of it. */
  readonly attachment?: string;
  /** Keeps secrets that have to be known again; only where the server's secret is at hand. */
  readonly secretBox?: SecretBox;
  /** Of whoever waits for the answer; left out: nobody gives it up. */
  readonly attempt?: Attempt;
  /**
   * Called with what was committed, once the database has acknowledged it, and before the answer. Not where a transaction stands in for the
   * database.
   */
  readonly onCommitted?: (recorded: RecordedChange) => void;
}

/**
 * Commits the command, or throws an AppError and changes nothing, now or later; but where it throws `outcome_unknown` nobody
 * can say which. With an idempotency key that was used before it changes nothing either and gives the first answer.
 */
export async function runCommand<T extends CommandType>(
  { db, now, mintSecret, attachment, secretBox, attempt = startAttempt(), onCommitted }: CommandDependencies,
  grant: GateGrant<CommandOf<T>>,
): Promise<AnswerOf<T>> {
  const { actor, requestId } = grant;
  const command = await admitPatterns(grant.command);
  const committed: RecordedChange[] = [];
  const run = async (transaction: Tx): Promise<{ answer: AnswerOf<T>; inTime: Promise<unknown> }> => {
    // The driver's line for a connection has no end, and no way out.
    const leftMs = requireTime(attempt);
    // Given up, an import of thousands of statements would else keep its locks until it has come to its end.
    const tx = askingFirst(transaction, () => requireTime(attempt));
    const patienceMs = isKill(command.type) ? KILL_LOCK_TIMEOUT_MS : LOCK_TIMEOUT_MS;
    const starting = startWriting(tx, Math.max(1, Math.min(patienceMs, leftMs - ANSWER_MARGIN_MS)));
    if (grant.idempotencyKey !== null) {
      const clock = await starting;
      const replay = await replayAnswer(tx, grant);
      if (replay !== undefined)
        return { answer: (replay ?? undefined) as AnswerOf<T>, ...beginCommit(transaction, attempt, clock) };
    }
    const context: CommandContext = {
      tx,
      nowMs: now(),
      mintSecret,
      authorize: (action, target) => authorize(grant, action, target),
      principal: grant,
      attachment: attachment ?? null,
      secretBox: secretBox ?? null,
      record: async (heads, change) => {
        const [, recorded] = await inOrder([
          governBodies(tx, grant, command, new Set(change.bodies.map(({ environmentId }) => environmentId))),
          recordChange(tx, heads, {
            ...change,
            command: command.type,
            actor,
            reason: command.input.reason ?? null,
            requestId,
          }),
        ]);
        committed.push(recorded);
        return recorded;
      },
    };
    const handler = HANDLERS[command.type as CommandType] as (context: CommandContext, command: unknown) => Promise<AnswerOf<T>>;
    // Behind it and not after it: what it refuses, it refuses before the commit.
    const [clock, answer] = await inOrder([starting, handler(context, command)]);
    await keepAnswer(tx, grant, answer);
    return { answer, ...beginCommit(transaction, attempt, clock) };
  };
  const { answer, inTime } = await db.transaction(run).catch((error) => {
    throw toOutcome(attempt, error);
  });
  await inTime.catch((late) => {
    attempt.stage = 'withdrawn';
    throw notMade(late);
  });
  attempt.stage = 'made';
  for (const recorded of committed) onCommitted?.(recorded);
  return answer;
}
