import { CSPProvider } from '@base-ui/react/csp-provider';
import { Toast } from '@base-ui/react/toast';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Toasts } from '../components/ui/toasts.tsx';
import type { createAppRouter } from './router.tsx';

const TOAST_MS = 7_000;

export interface ProvidersProps {
  readonly queryClient: QueryClient;
  readonly router: ReturnType<typeof createAppRouter>;
}

export function Providers({ queryClient, router }: ProvidersProps) {
  return (
    // The content security policy allows no inline style elements; what they would say is in styles.css.
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <Toast.Provider timeout={TOAST_MS} limit={2}>
          <RouterProvider router={router} />
          <Toasts />
        </Toast.Provider>
      </QueryClientProvider>
    </CSPProvider>
  );
}
