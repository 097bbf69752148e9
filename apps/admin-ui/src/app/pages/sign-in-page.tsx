import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { SignIn } from '../../features/session/components/sign-in.tsx';

/** Why the identity provider sent somebody back, by the code in the address. */
const PROBLEMS: Readonly<Record<string, string>> = {
  provider_unavailable: 'The identity provider does not answer. Use your password, or try again in a moment.',
  not_invited: 'The identity provider knows you, and this Yardarm does not. Ask an administrator for an invite.',
  disabled: 'Your account is disabled. Ask an administrator.',
  failed: 'Signing in with the identity provider did not work. Try again.',
};

export function SignInPage() {
  const navigate = useNavigate();
  const router = useRouter();
  const { next, error } = useSearch({ from: '/sign-in' });
  const onSignedIn = useCallback(() => {
    // Only paths of this app: an address from elsewhere must not ride on a sign-in.
    if (next?.startsWith('/') && !next.startsWith('//')) router.history.replace(next);
    else void navigate({ to: '/', replace: true });
  }, [navigate, router, next]);
  return (
    <SignIn
      problem={error === undefined ? undefined : (PROBLEMS[error] ?? PROBLEMS.failed)}
      next={next}
      onSignedIn={onSignedIn}
    />
  );
}
