/** An edit that is not published is lost with its page: whoever leaves is asked first. */
import { useBlocker } from '@tanstack/react-router';
import { Dialog } from '../components/ui/dialog.tsx';
import { DialogForm } from '../components/ui/dialog-form.tsx';
import { isElsewhere } from '../lib/is-elsewhere.ts';

export interface Leaving {
  readonly leave: () => void;
  readonly stay: () => void;
}

/** While `unpublished`: null until somebody is about to leave. A reload or a closed tab is asked about by the browser. */
export function useUnpublished(unpublished: boolean): Leaving | null {
  const blocker = useBlocker({
    // Without a session nothing can be published: signing in again must not be held up.
    shouldBlockFn: ({ current, next }) => unpublished && isElsewhere(current, next) && next.pathname !== '/sign-in',
    enableBeforeUnload: () => unpublished,
    withResolver: true,
  });
  return blocker.status === 'blocked' ? { leave: blocker.proceed, stay: blocker.reset } : null;
}

export function UnpublishedDialog({ leaving }: { readonly leaving: Leaving | null }) {
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
