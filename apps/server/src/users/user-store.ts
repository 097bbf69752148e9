/** Reads people, and keeps the instance from losing its last administrator. */
import type { User } from '@yardarm/contract';
import { and, asc, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import { rightsByHolder } from '../auth/grant-store.ts';
import { ADVISORY_LOCK_CLASS, PEOPLE_LOCK } from '../db/advisory-locks.ts';
import type { Database, Tx } from '../db/client.ts';
import { grants, sessions, teamMembers, userIdentities, users } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';

export type UserRow = typeof users.$inferSelect;

/** Taken first by whatever changes people or their rights: names and the last administrator are judged under it. */
export async function lockPeople(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${PEOPLE_LOCK})`);
}

/** Throws `not_found`. */
export async function findUser(db: Database | Tx, id: string): Promise<UserRow> {
  const [user] = await db.select().from(users).where(eq(users.id, id));
  if (user === undefined) throw new AppError('not_found', `There is no user ${id}.`);
  return user;
}

/** Without regard to case; null when there is none. */
export async function findUserByName(db: Database | Tx, name: string): Promise<UserRow | null> {
  const [user] = await db
    .select()
    .from(users)
    .where(eq(sql`lower(${users.name})`, name.toLowerCase()));
  return user ?? null;
}

/** Throws `already_exists` when somebody else is called so, or has that address. Under the people lock. */
export async function requireFree(
  tx: Tx,
  { name, email }: { name: string; email: string | null },
  selfId: string | null,
): Promise<void> {
  const isTaken = or(
    eq(sql`lower(${users.name})`, name.toLowerCase()),
    email === null ? undefined : eq(sql`lower(${users.email})`, email.toLowerCase()),
  );
  for (const other of await tx.select().from(users).where(isTaken)) {
    if (other.id === selfId) continue;
    const what = other.name.toLowerCase() === name.toLowerCase() ? `called '${name}'` : `with the address ${email}`;
    throw new AppError('already_exists', `There is a user ${what} already.`);
  }
}

export async function presentUsers(db: Database | Tx, where?: SQL): Promise<User[]> {
  const rows = await db
    .select({
      user: users,
      identities: sql<number>`(select count(*)::int from ${userIdentities} where ${userIdentities.userId} = ${users.id})`,
      lastSeenAt: sql<
        string | null
      >`(select max(${sessions.lastSeenAt}) from ${sessions} where ${sessions.userId} = ${users.id})`,
    })
    .from(users)
    .where(where)
    .orderBy(asc(sql`lower(${users.name})`));
  const theirs = await rightsByHolder(db, grants.userId);
  return rows.map(({ user, identities, lastSeenAt }) => ({
    id: user.id,
    name: user.name,
    email: user.email,
    hasPassword: user.passwordHash !== null,
    identities,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
    version: user.version,
    createdAt: user.createdAt.toISOString(),
    grants: theirs.get(user.id) ?? [],
  }));
}

/** Throws `not_found`. */
export async function presentUser(db: Database | Tx, id: string): Promise<User> {
  const [user] = await presentUsers(db, eq(users.id, id));
  if (user === undefined) throw new AppError('not_found', `There is no user ${id}.`);
  return user;
}

/** An enabled person with the role admin in the whole instance. `hasWayIn`: a password or an identity, not just a link. */
export interface Administrator {
  readonly id: string;
  readonly name: string;
  readonly hasWayIn: boolean;
}

/** The oldest first. */
export async function listAdministrators(db: Database | Tx): Promise<Administrator[]> {
  const isAdministrator = sql`exists (select from ${grants} where ${grants.role} = 'admin' and ${grants.projectId} is null and (
    ${grants.userId} = ${users.id} or ${grants.teamId} in
      (select ${teamMembers.teamId} from ${teamMembers} where ${teamMembers.userId} = ${users.id})))`;
  const hasIdentity = sql`exists (select from ${userIdentities} where ${userIdentities.userId} = ${users.id})`;
  return db
    .select({ id: users.id, name: users.name, hasWayIn: sql<boolean>`(${users.passwordHash} is not null or ${hasIdentity})` })
    .from(users)
    .where(and(isNull(users.disabledAt), isAdministrator))
    .orderBy(asc(users.createdAt), asc(users.id));
}

/**
 * Runs a change of people or rights and throws `last_administrator`, undoing it with the transaction, when it leaves the
 * instance without an administrator, or with none who can sign in where there was one.
 */
export async function keepAdministrator<T>(tx: Tx, change: () => Promise<T>): Promise<T> {
  await lockPeople(tx);
  const before = await listAdministrators(tx);
  const result = await change();
  const after = await listAdministrators(tx);
  const lost = (who: (one: Administrator) => boolean) => before.some(who) && !after.some(who);
  if (lost(() => true) || lost(({ hasWayIn }) => hasWayIn))
    throw new AppError('last_administrator', 'This would leave the instance without an administrator; make another one first.');
  return result;
}
