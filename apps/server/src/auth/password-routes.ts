/** `/api/v1/password`: choosing a password with a one-time link, and changing one's own. */
import { changePasswordInput, choosePasswordInput, session } from '@yardarm/contract';
import { runCommand } from '../changes/run-command.ts';
import { AppError } from '../errors.ts';
import { passGate } from '../governance/gate.ts';
import type { App } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findUser, lockPeople } from '../users/user-store.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { callerOf } from './authenticate.ts';
import { isCommonPassword } from './common-passwords.ts';
import {
  answerSignIn,
  isUnchanged,
  SIGN_IN_BODY_BYTES,
  SIGN_IN_LIMIT,
  type SignInOptions,
  signIn,
  toPerson,
} from './session-routes.ts';
import { findLink, PASSWORD_PURPOSES, redeemLink } from './sign-in-links.ts';

export function registerPasswordRoutes(app: App, options: SignInOptions): void {
  const { db, now, mintSecret, passwords } = options;
  const perPerson = createAttemptLimit({ max: 10, windowMs: 60_000, whose: 'for this account', now });

  app.post(
    '/api/v1/password',
    {
      config: { policy: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: SIGN_IN_BODY_BYTES,
      schema: { body: choosePasswordInput, response: { 201: session, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { token, password, name } = request.body;
      // Looked at before the costly hash, and used up after it: a password that is refused leaves the link as it is.
      const link = await findLink(db, token, PASSWORD_PURPOSES, now());
      if (link === null) throw deadLink();
      if (name !== undefined && link.purpose !== 'set_up')
        throw new AppError(
          'forbidden',
          'Only the set-up link lets its holder choose a name; ask an administrator to change yours.',
        );
      refuseCommon(password, name ?? link.name);
      const passwordHash = await passwords.hash(password);
      const opened = await db.transaction(async (tx) => {
        // Before the link, as whoever ends links does: disabling somebody, making them another one.
        await lockPeople(tx);
        const owner = await redeemLink(tx, token, PASSWORD_PURPOSES, now());
        if (owner === null) return null;
        const { grant } = passGate({
          actor: toPerson(owner),
          grants: [],
          command: { type: 'user.set_password', target: { user: owner.id }, input: { passwordHash, name } },
          requestId: request.id,
          idempotencyKey: null,
        });
        const user = await runCommand<'user.set_password'>({ db: tx, now, mintSecret }, grant);
        return signIn(tx, toPerson(user), request, options);
      });
      if (opened === null) throw deadLink();
      return answerSignIn(reply, opened, options);
    },
  );

  app.patch(
    '/api/v1/password',
    {
      config: { policy: 'user.set_password' },
      schema: { body: changePasswordInput, response: { 201: session, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { actor } = caller;
      if (actor.kind !== 'person') throw new AppError('forbidden', 'Only a signed-in person has a password.');
      const { current, password } = request.body;
      perPerson.take(actor.id);
      const user = await findUser(db, actor.id);
      // A stolen session must not become a stolen account.
      if (user.passwordHash !== null && !(await passwords.verify(user.passwordHash, current ?? ''))) throw wrongPassword();
      refuseCommon(password, user.name);
      const passwordHash = await passwords.hash(password);
      const command = { type: 'user.set_password', target: { user: user.id }, input: { passwordHash } } as const;
      const { grant } = passGate({ ...caller, command, requestId: request.id, idempotencyKey: null });
      // With the new session in it: to be told that it failed, and to be signed out with a password that is another one now, is no answer.
      const opened = await db.transaction(async (tx) => {
        await lockPeople(tx);
        if (!(await isUnchanged(tx, user))) throw wrongPassword();
        await runCommand<'user.set_password'>({ db: tx, now, mintSecret }, grant);
        return signIn(tx, toPerson(user), request, options);
      });
      return answerSignIn(reply, opened, options);
    },
  );
}

function refuseCommon(password: string, name: string): void {
  if (!isCommonPassword(password, name)) return;
  const message = 'This password is one of the first that anybody would try; choose another.';
  throw new AppError('validation_failed', message, { details: [{ path: 'password', message, code: 'common_password' }] });
}

function wrongPassword(): AppError {
  return new AppError('forbidden', 'The current password is not right.', {
    details: [{ path: 'current', message: 'This is not your current password.' }],
  });
}

function deadLink(): AppError {
  return new AppError('unauthenticated', 'This link does not work, or no longer; ask for another one.');
}
