/** Choosing a password with a one-time link: of the first administrator, of somebody invited, or after a reset. */

import { useQuery } from '@tanstack/react-query';
import { PASSWORD_CHARS } from '@yardarm/contract';
import { type FormEvent, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { LockIcon } from '../../../components/ui/icons.tsx';
import { EmptyState, InlineError } from '../../../components/ui/notice.tsx';
import { ApiError, toSentence } from '../../../lib/api-client.ts';
import { useAcceptWithProvider } from '../api/accept-with-provider.ts';
import { signInMethodsQuery } from '../api/get-sign-in-methods.ts';
import { useSignIn } from '../api/sign-in.ts';
import { takeToken } from '../take-token.ts';
import { ENTRY_CARD, EntryFrame } from './entry-frame.tsx';

export type Purpose = 'set-up' | 'invite' | 'reset';

const TITLES = {
  'set-up': 'Set up Yardarm',
  invite: 'Welcome to Yardarm',
  reset: 'Choose a new password',
} as const satisfies { readonly [P in Purpose]: string };
const NOTES = {
  'set-up': 'You will be the first administrator, and can invite the others.',
  invite: 'You sign in with your name and this password from now on.',
  reset: 'Wherever you are signed in now, you will be signed out.',
} as const satisfies { readonly [P in Purpose]: string };

export function ChoosePassword({ purpose, onSignedIn }: { readonly purpose: Purpose; readonly onSignedIn: () => void }) {
  // A one-time link is read once, also where the page is rendered twice.
  const [token] = useState(takeToken);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [tried, setTried] = useState(false);
  const signingIn = useSignIn();
  const leaving = useAcceptWithProvider();
  const { data: methods } = useQuery(signInMethodsQuery());
  const provider = purpose === 'reset' ? null : (methods?.provider ?? null);
  if (token === '')
    return (
      <EntryFrame title={TITLES[purpose]}>
        <div className={ENTRY_CARD}>
          <EmptyState icon={<LockIcon className="size-5" />} title="This page needs its link">
            Open the whole link again; the part behind the # is the key. A link works once.
          </EmptyState>
        </div>
      </EntryFrame>
    );
  const problems = {
    name: purpose === 'set-up' && name.trim() === '' ? 'Choose the name that you sign in with.' : undefined,
    password:
      [...password].length < PASSWORD_CHARS.min ? `Use at least ${PASSWORD_CHARS.min} characters.` : refusalOf(signingIn.error),
    repeated: password === repeated ? undefined : 'This is not the same password.',
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const isReady = !problems.name && !problems.repeated && [...password].length >= PASSWORD_CHARS.min;
    if (isReady)
      signingIn.mutate({ token, password, name: purpose === 'set-up' ? name.trim() : undefined }, { onSuccess: onSignedIn });
  };
  const said = (problem: string | undefined) => (tried ? problem : undefined);
  return (
    <EntryFrame title={TITLES[purpose]} note={NOTES[purpose]}>
      <form className={ENTRY_CARD} onSubmit={submit} noValidate>
        {purpose === 'set-up' && (
          <TextField
            label="Your name"
            name="username"
            autoFocus
            autoComplete="username"
            hint="What you sign in with, and what the history shows."
            value={name}
            error={said(problems.name)}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <TextField
          label="Password"
          name="new-password"
          type="password"
          autoFocus={purpose !== 'set-up'}
          autoComplete="new-password"
          hint={`At least ${PASSWORD_CHARS.min} characters; a few words are fine.`}
          value={password}
          error={said(problems.password)}
          onChange={(event) => {
            setPassword(event.target.value);
            signingIn.reset();
          }}
        />
        <TextField
          label="The password again"
          name="new-password-again"
          type="password"
          autoComplete="new-password"
          value={repeated}
          error={said(problems.repeated)}
          onChange={(event) => setRepeated(event.target.value)}
        />
        {leaving.error && <InlineError message={toSentence(leaving.error)} />}
        {signingIn.error && !refusalOf(signingIn.error) && <InlineError message={toSentence(signingIn.error)} />}
        {provider && (
          <Button pending={leaving.isPending} className="w-full justify-center" onClick={() => leaving.mutate(token)}>
            Sign in with {provider.name} instead
          </Button>
        )}
        <Button look="primary" type="submit" pending={signingIn.isPending} className="w-full justify-center">
          {purpose === 'set-up' ? 'Set up and sign in' : 'Save and sign in'}
        </Button>
      </form>
    </EntryFrame>
  );
}

/** What the server says of the password itself. */
function refusalOf(error: unknown): string | undefined {
  return error instanceof ApiError ? error.details.find(({ path }) => path === 'password')?.message : undefined;
}
