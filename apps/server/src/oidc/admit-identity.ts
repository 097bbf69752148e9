/**
 * From an identity of the provider to a user of this instance. Found by issuer and subject and by nothing else; unknown
 * ones come in with an invite, or where everybody may. What their groups bring is renewed at each sign-in.
 */
import { and, eq, inArray } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../auth/actor.ts';
import { redeemLink } from '../auth/sign-in-links.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { type EntityChange, recordChange } from '../changes/record-change.ts';
import type { Tx } from '../db/client.ts';
import { grants, teamMembers, teams, userIdentities, users } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import { HOLDER_COLUMN } from '../grants/add-grants.ts';
import { type Place, toPlace } from '../grants/grant-places.ts';
import { findUserByName, keepAdministrator, lockPeople, type UserRow } from '../users/user-store.ts';
import type { GroupRight, OidcConfig } from './oidc-config.ts';
import type { Identity } from './openid-provider.ts';

export interface AdmitOptions {
  readonly settings: Pick<OidcConfig, 'createUsers' | 'groups'>;
  /** Token of an invite that the person came with; null without one. */
  readonly invite: string | null;
  readonly requestId: string;
  readonly nowMs: number;
  readonly log: FastifyBaseLogger;
}

/** Or why somebody is not let in; the codes are in the address of the sign-in page. */
export type Admitted = { readonly user: UserRow } | { readonly problem: 'not_invited' | 'disabled' };

export async function admitIdentity(tx: Tx, identity: Identity, options: AdmitOptions): Promise<Admitted> {
  await lockPeople(tx);
  const changes: EntityChange[] = [];
  const user = (await findByIdentity(tx, identity)) ?? (await welcome(tx, identity, options, changes));
  if (user === null) return { problem: 'not_invited' };
  if (user.disabledAt !== null) return { problem: 'disabled' };
  changes.push(...(await renewGroups(tx, user, identity, options)));
  if (changes.length > 0) {
    const actor: Actor = { kind: 'system', name: identity.issuer };
    const { requestId } = options;
    const record = { projectId: null, command: 'user.sign_in', actor, reason: null, requestId, changes, bodies: [] };
    await recordChange(tx, await lockHeads(tx, []), record);
  }
  return { user };
}

async function findByIdentity(tx: Tx, { issuer, subject }: Identity): Promise<UserRow | null> {
  const [row] = await tx
    .select({ user: users })
    .from(userIdentities)
    .innerJoin(users, eq(users.id, userIdentities.userId))
    .where(and(eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)));
  return row?.user ?? null;
}

async function welcome(tx: Tx, identity: Identity, options: AdmitOptions, changes: EntityChange[]): Promise<UserRow | null> {
  const { issuer, subject } = identity;
  const invited =
    options.invite === null ? null : await redeemLink(tx, options.invite, ['set_up', 'invite', 'reset'], options.nowMs);
  if (invited === null && !options.settings.createUsers) return null;
  const name = await freeName(tx, identity);
  const [user] = invited
    ? await tx.select().from(users).where(eq(users.id, invited.id))
    : // Without the address: somebody else may have it here, and it must not decide anything.
      await tx.insert(users).values({ name }).returning();
  if (user === undefined) throw new Error('The user was neither found nor made.');
  await tx.insert(userIdentities).values({ issuer, subject, userId: user.id });
  const after = { id: user.id, name: user.name, identity: { issuer, subject } };
  changes.push({ kind: 'user', key: user.name, environmentId: null, before: invited ? { id: user.id } : null, after });
  return user;
}

/** What the provider calls them, made free: a name that somebody has here is not taken over. */
async function freeName(tx: Tx, { name, email, subject }: Identity): Promise<string> {
  const wanted =
    (name ?? email ?? subject)
      .normalize('NFKC')
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 90) || subject.slice(0, 90);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? wanted : `${wanted} (${number})`;
    if ((await findUserByName(tx, candidate)) === null) return candidate;
  }
}

/** Rights of groups replace those of the last sign-in; what people here gave stays. The last administrator stays one. */
async function renewGroups(tx: Tx, user: UserRow, identity: Identity, { settings, log }: AdmitOptions): Promise<EntityChange[]> {
  const wanted = identity.groups.flatMap((group) => settings.groups.get(group) ?? []);
  try {
    return await tx.transaction((inner) =>
      keepAdministrator(inner, async () => [
        ...(await renewGrants(inner, user, identity.issuer, wanted, log)),
        ...(await renewTeams(inner, user, wanted, [...settings.groups.values()].flat())),
      ]),
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'last_administrator') throw error;
    log.warn({ user: user.id }, 'the groups of the last administrator would take their rights away; they stay as they are');
    return [];
  }
}

async function renewGrants(tx: Tx, user: UserRow, issuer: string, wanted: readonly GroupRight[], log: FastifyBaseLogger) {
  const places: (Place & Pick<typeof grants.$inferSelect, 'role' | 'actions'>)[] = [];
  for (const right of wanted) {
    if ('team' in right) continue;
    const place = await toPlace(tx, right).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      log.warn(
        { project: right.project, environment: right.environment },
        'YARDARM_OIDC_GROUPS names a place that does not exist',
      );
      return null;
    });
    if (place !== null) places.push({ ...place, role: right.role, actions: right.actions });
  }
  const isOld = and(eq(grants.userId, user.id), eq(grants.issuer, issuer));
  const old = await tx.select().from(grants).where(isOld);
  const toText = ({ projectId, environmentId, role, actions }: (typeof places)[number]) =>
    JSON.stringify([projectId, environmentId, role, actions]);
  const [before, after] = [new Set(old.map(toText)), new Set(places.map(toText))];
  if (before.size === after.size && [...before].every((text) => after.has(text))) return [];
  await tx.delete(grants).where(isOld);
  for (const place of places) await tx.insert(grants).values({ [HOLDER_COLUMN.user]: user.id, issuer, ...place });
  const say = (texts: ReadonlySet<string>) => ({ user: user.name, issuer, rights: [...texts].map((text) => JSON.parse(text)) });
  return [{ kind: 'grant' as const, key: user.id, environmentId: null, before: say(before), after: say(after) }];
}

/** Only teams that the mapping names are the provider's business. */
async function renewTeams(
  tx: Tx,
  user: UserRow,
  wanted: readonly GroupRight[],
  all: readonly GroupRight[],
): Promise<EntityChange[]> {
  const keysOf = (rights: readonly GroupRight[]) => rights.flatMap((right) => ('team' in right ? [right.team] : []));
  if (keysOf(all).length === 0) return [];
  const named = await tx
    .select()
    .from(teams)
    .where(inArray(teams.key, keysOf(all)));
  const member = await tx.select({ teamId: teamMembers.teamId }).from(teamMembers).where(eq(teamMembers.userId, user.id));
  const changes: EntityChange[] = [];
  for (const team of named) {
    const [is, should] = [member.some(({ teamId }) => teamId === team.id), keysOf(wanted).includes(team.key)];
    if (is === should) continue;
    if (should) await tx.insert(teamMembers).values({ teamId: team.id, userId: user.id });
    else await tx.delete(teamMembers).where(and(eq(teamMembers.teamId, team.id), eq(teamMembers.userId, user.id)));
    const say = (inTeam: boolean) => ({ member: user.name, inTeam });
    changes.push({ kind: 'team', key: team.key, environmentId: null, before: say(is), after: say(should) });
  }
  return changes;
}
