/**
 * Signing in. A one-time link carries its token in the fragment, which never reaches a server log: it is
 * taken out of the address at once and redeemed. Without one, a token can be pasted.
 */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Mark } from '../../../components/ui/mark.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { useCreateSession } from '../api/create-session.ts';
import { toToken } from '../sign-in-token.ts';

export function SignIn({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [typed, setTyped] = useState('');
  const signingIn = useCreateSession();
  const redeemed = useRef(false);
  const { mutate } = signingIn;

  useEffect(() => {
    const token = toToken(window.location.hash);
    // Strict mode runs effects twice, and a one-time token works once.
    if (!token || redeemed.current) return;
    redeemed.current = true;
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
    mutate(token, { onSuccess: onSignedIn });
  }, [mutate, onSignedIn]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = toToken(typed);
    if (token) mutate(token, { onSuccess: onSignedIn });
  };
  const linkPending = signingIn.isPending && typed === '';
  return (
    <main className="flex min-h-dvh items-center justify-center px-4 py-12">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Mark className="size-12" />
          <h1 className="font-semibold text-xl tracking-tight">Sign in to Yardarm</h1>
        </div>
        {linkPending ? (
          <p role="status" className="flex items-center justify-center gap-2 text-ink-soft">
            <Spinner /> Signing in with your link…
          </p>
        ) : (
          <form className="space-y-4 rounded-xl border border-line bg-surface p-5 shadow-card" onSubmit={submit}>
            <TextField
              label="One-time link or API token"
              type="password"
              autoFocus
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              hint="Paste either; a link may be pasted whole."
            />
            {signingIn.error && <InlineError message={toSentence(signingIn.error)} />}
            <Button
              look="primary"
              type="submit"
              pending={signingIn.isPending}
              disabled={typed.trim() === ''}
              className="w-full justify-center"
            >
              Sign in
            </Button>
          </form>
        )}
        <p className="mt-4 text-center text-ink-faint text-sm">
          The server prints a one-time sign-in link in its terminal each time it starts. Open it, and you are in.
        </p>
      </div>
    </main>
  );
}
