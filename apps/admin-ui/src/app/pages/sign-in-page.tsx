import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { SignIn } from '../../features/session/components/sign-in.tsx';

export function SignInPage() {
  const navigate = useNavigate();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const onSignedIn = useCallback(() => {
    // Only paths of this app: an address from elsewhere must not ride on a sign-in.
    if (next?.startsWith('/') && !next.startsWith('//')) router.history.replace(next);
    else void navigate({ to: '/', replace: true });
  }, [navigate, router, next]);
  return <SignIn onSignedIn={onSignedIn} />;
}
