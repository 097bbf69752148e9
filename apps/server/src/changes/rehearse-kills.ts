/**
 * Has the connections for kills open before anybody kills, and on each one a kill rehearsed: a flag is made, killed and rolled back. Else
 * the first kill of the night pays for the connection, for some thirty statements that PostgreSQL parses, plans and opens tables for, and
 * for code that has never run: six to ten times what the second one takes.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, createFlagInput, type Role } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import { findApiToken } from '../auth/api-tokens.ts';
import { mintSecret } from '../auth/secrets.ts';
import { findSession } from '../auth/sessions.ts';
import type { Database, Tx } from '../db/client.ts';
import { passGate } from '../governance/gate.ts';
import { startAttempt } from './attempt.ts';
import { runCommand } from './run-command.ts';

export interface RehearsalOptions {
  readonly killDb: Database;
  /** Of `killDb`. */
  readonly connections: number;
  readonly now: () => number;
  readonly log: FastifyBaseLogger;
}

export interface Rehearsals {
  /** Rehearses on connections that are new. Never rejects. */
  look(): Promise<void>;
  /** Does not wait for what is under way, which ends with its pool. */
  close(): Promise<void>;
}

/** Connections are renewed within an hour, and after an outage. */
const LOOK_EVERY_MS = 10_000;
/** A kill that comes meanwhile waits no longer than it would have for its own connection; for a lock nobody waits here. */
const LIMIT_MS = 1_000;
const EVERYWHERE = { role: 'admin' as Role, actions: [], project: null, environment: null };
const ACTOR = { kind: 'token', id: 'rehearsal', name: 'rehearsal', breakGlass: false } as const;

export function startRehearsals(options: RehearsalOptions): Rehearsals {
  const ending = new AbortController();
  // At once, so that each has a connection of its own.
  const onEach = <T>(act: () => Promise<T>) => Promise.allSettled(Array.from({ length: options.connections }, act));
  const look = async () => {
    // One trip each, since a kill may wait behind it: hardly ever is one of them new.
    const known = await onEach(() => isWarm(options.killDb));
    if (known.every((outcome) => outcome.status === 'fulfilled' && outcome.value)) return;
    for (const outcome of await onEach(() => options.killDb.transaction((tx) => warm(tx, options))))
      if (outcome.status === 'rejected') options.log.debug({ err: outcome.reason }, 'a kill could not be rehearsed');
  };
  void (async () => {
    while (!ending.signal.aborted) {
      await look();
      await delay(LOOK_EVERY_MS, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  })();
  return { look, close: async () => ending.abort() };
}

class Rehearsed extends Error {}

/** Of the connection that answers; it has as long for it as for any statement of its pool. */
async function isWarm(db: Database | Tx): Promise<boolean> {
  const [row] = await db.execute<{ warm: string | null }>(sql`select current_setting('yardarm.rehearsed', true) as warm`);
  return row?.warm === 'yes';
}

async function warm(tx: Tx, { now }: RehearsalOptions): Promise<void> {
  if (await isWarm(tx)) return;
  await tx
    .transaction(async (inner) => {
      await rehearse(inner, now);
      throw new Rehearsed();
    })
    .catch((error) => {
      if (!(error instanceof Rehearsed)) throw error;
    });
  // Of the session: what is new does not have it.
  await tx.execute(sql`select set_config('yardarm.rehearsed', 'yes', false)`);
}

/** Everything that a kill does, and what goes before it, on things that nobody else sees. */
async function rehearse(tx: Tx, now: () => number): Promise<void> {
  await findApiToken(tx, ACTOR.id);
  await findSession(tx, ACTOR.id, now());
  const attempt = startAttempt(LIMIT_MS);
  const project = `rehearsal-${randomUUID()}`;
  const environment = 'production';
  const flag = 'flag';
  const target = { project, environment, flag };
  const commands: readonly Command[] = [
    { type: 'project.create', target: {}, input: { key: project, name: project } },
    { type: 'environment.create', target: { project }, input: { key: environment, name: environment, protected: false } },
    {
      type: 'flag.create',
      target: { project },
      input: createFlagInput.parse({ key: flag, kind: 'operational', type: 'boolean', variants: { on: true, off: false } }),
    },
    { type: 'flag.unkill', target, input: {} },
    { type: 'flag.kill', target, input: {} },
    { type: 'flag.unkill', target, input: {} },
    { type: 'flag.kill_many', target: { project, environment }, input: { flags: [flag] } },
  ];
  for (const command of commands) {
    const { grant } = passGate({ actor: ACTOR, grants: [EVERYWHERE], command, requestId: ACTOR.id, idempotencyKey: null });
    await runCommand({ db: tx, now, mintSecret, attempt }, grant);
  }
}
