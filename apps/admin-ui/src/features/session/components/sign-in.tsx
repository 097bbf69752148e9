/**
 * Signing in: by name and password, with the company's identity provider where there is one, or with a token. A
 * one-time link carries its token in the fragment; it is taken out of the address at once and redeemed.
 */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button, buttonClass } from '../../../components/ui/button.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { classNames } from '../../../lib/class-names.ts';
import { signInMethodsQuery } from '../api/get-sign-in-methods.ts';
import { useSignIn } from '../api/sign-in.ts';
import { toToken } from '../sign-in-token.ts';
import { takeToken } from '../take-token.ts';
import { ENTRY_CARD, EntryFrame } from './entry-frame.tsx';

export interface SignInProps {
  /** Why the identity provider sent somebody back without a session. */
  readonly problem: string | undefined;
  /** Where to go afterwards, a path of this app. */
  readonly next: string | undefined;
  readonly onSignedIn: () => void;
}

export function SignIn({ problem, next, onSignedIn }: SignInProps) {
  const [byToken, setByToken] = useState(false);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [linkTaken, setLinkTaken] = useState(false);
  const signingIn = useSignIn();
  const { data: methods } = useQuery(signInMethodsQuery());
  const redeemed = useRef(false);
  const { mutate } = signingIn;

  useEffect(() => {
    // Strict mode runs effects twice, and a one-time token works once.
    if (redeemed.current) return;
    const token = takeToken();
    if (!token) return;
    redeemed.current = true;
    setLinkTaken(true);
    mutate({ token }, { onSuccess: onSignedIn });
  }, [mutate, onSignedIn]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLinkTaken(false);
    mutate(byToken ? { token: toToken(secret) } : { name: name.trim(), password: secret }, { onSuccess: onSignedIn });
  };
  if (linkTaken && signingIn.isPending)
    return (
      <EntryFrame title="Sign in to Yardarm">
        <p role="status" className="flex items-center justify-center gap-2 text-ink-soft">
          <Spinner /> Signing in with your link…
        </p>
      </EntryFrame>
    );
  const error = signingIn.error ? toSentence(signingIn.error) : problem;
  return (
    <EntryFrame
      title="Sign in to Yardarm"
      note={
        <button
          type="button"
          className="rounded underline decoration-line-strong underline-offset-3 hover:text-ink"
          onClick={() => {
            setByToken(!byToken);
            setSecret('');
            signingIn.reset();
          }}
        >
          {byToken ? 'Use a name and a password' : 'Use a one-time link or an API token'}
        </button>
      }
    >
      <form className={ENTRY_CARD} onSubmit={submit}>
        {methods?.provider && (
          <>
            <a
              href={`/api/v1/oidc/sign-in${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}`}
              className={classNames(buttonClass('secondary'), 'h-9 w-full justify-center')}
            >
              Sign in with {methods.provider.name}
            </a>
            <div className="flex items-center gap-3 text-ink-faint text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
              or
            </div>
          </>
        )}
        {byToken ? (
          <TextField
            key="token"
            label="One-time link or API token"
            type="password"
            autoFocus
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
            hint="Paste either; a link may be pasted whole."
          />
        ) : (
          <>
            <TextField
              label="Name"
              name="username"
              autoFocus
              autoComplete="username"
              autoCapitalize="none"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
            <TextField
              key="password"
              label="Password"
              name="password"
              type="password"
              autoComplete="current-password"
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
            />
          </>
        )}
        {error && <InlineError message={error} />}
        <Button
          look="primary"
          type="submit"
          pending={signingIn.isPending}
          disabled={secret.trim() === '' || (!byToken && name.trim() === '')}
          className="w-full justify-center"
        >
          Sign in
        </Button>
      </form>
    </EntryFrame>
  );
}
