/** An edit that is not published is lost with its page: whoever leaves is asked first, and whose session ends keeps it. */
import { useBlocker } from '@tanstack/react-router';
import { Dialog } from '../components/ui/dialog.tsx';
import { DialogForm } from '../components/ui/dialog-form.tsx';
import { isElsewhere } from '../lib/is-elsewhere.ts';

export interface Leaving {
  /** The session has ended: nobody wants to leave, and nothing can be published before somebody signs in. */
  readonly signedOut: boolean;
  readonly leave: () => void;
  readonly stay: () => void;
}

/** While `unpublished`: null until somebody is about to leave. A reload or a closed tab is asked about by the browser. */
export function useUnpublished(unpublished: boolean): Leaving | null {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => unpublished && isElsewhere(current, next),
    enableBeforeUnload: () => unpublished,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return { signedOut: blocker.next.pathname === SIGN_IN, leave: blocker.proceed, stay: blocker.reset };
}

export function UnpublishedDialog({ leaving }: { readonly leaving: Leaving | null }) {
  if (leaving?.signedOut) return <SignedOutDialog stay={leaving.stay} />;
  return (
    <Dialog
      open={leaving !== null}
      onClose={() => leaving?.stay()}
      title="Leave without publishing?"
      description="Your edit on this page has not been published. It is lost when you leave."
    >
      <DialogForm
        action="Leave"
        look="danger"
        cancel="Stay"
        pending={false}
        errors={[]}
        onClose={() => leaving?.stay()}
        onSubmit={() => leaving?.leave()}
      />
    </Dialog>
  );
}

const SIGN_IN = '/sign-in';

/** In another tab, since this one would lose the edit. */
function SignedOutDialog({ stay }: Pick<Leaving, 'stay'>) {
  return (
    <Dialog
      open
      onClose={stay}
      title="Your session has ended"
      description="Your edit is still on this page. Sign in in another tab, come back, and publish it."
    >
      <DialogForm
        action="Sign in in another tab"
        cancel="Back to the edit"
        pending={false}
        errors={[]}
        onClose={stay}
        onSubmit={() => {
          window.open(SIGN_IN, '_blank', 'noopener');
          stay();
        }}
      />
    </Dialog>
  );
}
