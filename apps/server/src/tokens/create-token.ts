import type { ApiToken, CommandOf, Right } from '@yardarm/contract';
import type { Principal } from '../auth/policies.ts';
import { hashSecret, visiblePrefix } from '../auth/secrets.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { apiTokens } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import { writeGrants } from '../grants/add-grants.ts';
import { requireGrantable, requireKnownActions } from '../grants/grant-places.ts';
import { findToken } from './token-store.ts';

type CreateToken = CommandOf<'token.create'>;

/** How a token's text begins, so that people and secret scanners know what they found. */
const TOKEN_PREFIX = 'yt_';
/** What a token without narrower limits is limited to; a personal one is held to its owner's rights besides. */
const EVERYTHING: Right = { role: 'admin', actions: [], project: null, environment: null };
const KILL_EVERYWHERE: Right = { role: null, actions: ['flag.kill'], project: null, environment: null };

/**
 * A token that can do at most what its maker can; the answer is the only place where its secret ever appears.
 * Throws `forbidden` for more than that, `validation_failed` for rights that do not go with the kind.
 */
export async function createToken(context: CommandContext, command: CreateToken): Promise<ApiToken & { secret: string }> {
  const { tx, nowMs, mintSecret, principal, record } = context;
  const { name, kind, expiresAt } = command.input;
  if (expiresAt !== null && Date.parse(expiresAt) <= nowMs) throw invalid('expiresAt', 'The expiry lies in the past.');
  const rights = rightsOf(principal, command.input);
  const secret = mintSecret(TOKEN_PREFIX);
  const [row] = await tx
    .insert(apiTokens)
    .values({
      name,
      kind,
      userId: kind === 'personal' && principal.actor.kind === 'person' ? principal.actor.id : null,
      prefix: visiblePrefix(secret),
      tokenHash: hashSecret(secret),
      createdBy: principal.actor.name,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
    })
    .returning();
  if (row === undefined) throw new Error('The token was not inserted.');
  const added = await writeGrants(tx, { kind: 'token', id: row.id, name }, rights);
  const after = { id: row.id, name, kind, prefix: row.prefix, expiresAt };
  const change: EntityChange = { kind: 'token', key: row.id, environmentId: null, before: null, after };
  await record(await lockHeads(tx, []), { projectId: null, changes: [change, ...added], bodies: [] });
  return { ...(await findToken(tx, principal, row.id)), secret };
}

function rightsOf(principal: Principal, { kind, grants }: CreateToken['input']): readonly Right[] {
  switch (kind) {
    case 'personal':
      // Through a narrowed token its holder would get at everything that the owner may.
      if (principal.actor.kind !== 'person')
        throw new AppError('forbidden', 'A personal token is made by its owner, signed in as a person.');
      for (const right of grants ?? []) requireKnownActions(right);
      return grants ?? [EVERYTHING];
    case 'break_glass': {
      const places = grants ?? [KILL_EVERYWHERE];
      if (places.some(({ role, actions }) => role !== null || actions.join() !== 'flag.kill'))
        throw invalid('grants', "A break-glass token can kill and nothing else: give it only the action 'flag.kill'.");
      for (const right of places) requireGrantable(principal, right);
      return places;
    }
    case 'machine':
    case 'agent':
      if (grants === undefined || grants.length === 0) throw invalid('grants', 'Say what the token may do: at least one right.');
      for (const right of grants) requireGrantable(principal, right);
      return grants;
  }
}

function invalid(path: string, message: string): AppError {
  return new AppError('validation_failed', message, { details: [{ path, message }] });
}
