import './styles.css';
import { validateWithoutEval } from '@yardarm/contract/without-eval';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Providers } from './providers.tsx';
import { createQueryClient } from './query-client.ts';
import { createAppRouter } from './router.tsx';

validateWithoutEval();

const SIGN_IN_PAGES = new Set(['/sign-in', '/set-up', '/invite', '/reset']);
const queryClient = createQueryClient(() => {
  const { pathname, href } = router.state.location;
  // On the way to a page of signing in already, or on it: its own refusals are shown there.
  if (SIGN_IN_PAGES.has(pathname)) return;
  void router.navigate({ to: '/sign-in', search: { next: href }, replace: true }).then(() => {
    // A page with an edit that is not published stays, and goes on showing what it had.
    if (router.state.location.pathname === '/sign-in') queryClient.clear();
  });
});
const router = createAppRouter(queryClient);

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no element #root.');
createRoot(container).render(
  <StrictMode>
    <Providers queryClient={queryClient} router={router} />
  </StrictMode>,
);
