/**
 * Short messages in the corner: what somebody else changed, and what could not be done. They come unasked, so they keep clear
 * of what somebody is about to press: above a bar at the bottom of the page (`data-bottom-bar`), and a press goes through them
 * while a dialog asks for an answer (styles.css).
 */
import { Toast } from '@base-ui/react/toast';
import { classNames } from '../../lib/class-names.ts';
import { CloseIcon, UserIcon, WarningIcon } from './icons.tsx';

/** `type` of a toast: `person` for a change by somebody else, `error` for a failure. */
export function Toasts() {
  return (
    <Toast.Portal>
      <Toast.Viewport className="toasts fixed right-4 z-70 flex w-[calc(100vw-2rem)] flex-col gap-2 sm:w-96">
        <ToastList />
      </Toast.Viewport>
    </Toast.Portal>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection="right"
      className="rounded-lg border border-line bg-raised shadow-popup transition-[opacity,translate] duration-200 data-ending-style:translate-x-4 data-starting-style:translate-y-2 data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-3 p-3">
        <span
          className={classNames(
            'mt-0.5 flex size-6 shrink-0 items-center justify-center rounded-full',
            toast.type === 'error' ? 'bg-bad-soft text-bad' : 'bg-accent-soft text-accent',
          )}
        >
          {toast.type === 'error' ? <WarningIcon className="size-3.5" /> : <UserIcon className="size-3.5" />}
        </span>
        <div className="min-w-0 flex-1 pt-0.5 text-sm">
          <Toast.Title className="font-medium break-words" />
          <Toast.Description className="break-words text-ink-faint" />
        </div>
        <Toast.Close
          aria-label="Dismiss"
          className="-m-1 flex size-7 shrink-0 items-center justify-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
        >
          <CloseIcon className="size-3.5" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
