import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { buttonClass } from './button.tsx';
import { CloseIcon } from './icons.tsx';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly wide?: boolean;
  /** Only a button of its own closes the dialog: not Escape, not a click beside it. */
  readonly mustAnswer?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ open, onClose, title, description, wide = false, mustAnswer = false, children }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  const opener = useOpener(open);
  useEffect(() => (open ? focusHeadingIfLost : undefined), [open]);
  return (
    <BaseDialog.Root
      open={open}
      disablePointerDismissal={mustAnswer}
      onOpenChange={(next, { reason }) => {
        if (next || mustAnswer) return;
        // A finger slips; Escape and the buttons are meant.
        if (reason === 'outside-press' && popup.current?.querySelector('[data-typed]')) return;
        onClose();
      }}
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-[#0c1015]/45 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Viewport className="fixed inset-0 z-50 flex items-start justify-center overflow-y-auto px-4 py-[8vh]">
          <BaseDialog.Popup
            ref={popup}
            initialFocus={() => {
              const first = firstFieldOf(popup.current);
              if (!(first instanceof HTMLElement)) return first;
              // A long dialog begins at its title, with the buttons in sight, wherever its first field is.
              first.focus({ preventScroll: true });
              return false;
            }}
            finalFocus={() => (opener?.isConnected ? opener : true)}
            className={classNames(
              'w-full rounded-xl border border-line bg-raised shadow-popup outline-none transition-[opacity,scale] duration-150',
              'data-ending-style:scale-98 data-starting-style:scale-98 data-ending-style:opacity-0 data-starting-style:opacity-0',
              wide ? 'max-w-2xl' : 'max-w-lg',
            )}
          >
            <header className="flex items-start justify-between gap-4 px-5 pt-5">
              <div className="wrap-anywhere min-w-0">
                <BaseDialog.Title className="font-semibold text-lg">{title}</BaseDialog.Title>
                {description && (
                  <BaseDialog.Description className="mt-1 text-pretty text-ink-faint text-sm">
                    {description}
                  </BaseDialog.Description>
                )}
              </div>
              {!mustAnswer && (
                <BaseDialog.Close aria-label="Close" className={classNames(buttonClass('ghost', 'icon'), '-mt-1 -mr-1.5')}>
                  <CloseIcon />
                </BaseDialog.Close>
              )}
            </header>
            {children}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** What had the focus when the dialog opened. Asked while it is drawn: afterwards a field of its own may have it. */
function useOpener(open: boolean): HTMLElement | null {
  const [wasOpen, setWasOpen] = useState(false);
  const [opener, setOpener] = useState<HTMLElement | null>(null);
  if (open !== wasOpen) {
    setWasOpen(open);
    const { activeElement } = document;
    if (open) setOpener(activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : null);
  }
  return opener;
}

/** What opened a dialog may go in the same moment, deleted by it: only two frames later is it plain who has the focus. */
function focusHeadingIfLost(): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.querySelector('h1')?.focus({ preventScroll: true });
    }),
  );
}

/** Where typing begins: not at the button that closes, nor where nothing can be typed. False: the dialog has put the focus somewhere itself; true: it has no field. */
function firstFieldOf(popup: HTMLElement | null): HTMLElement | boolean {
  if (popup === null || popup.contains(document.activeElement)) return false;
  return popup.querySelector<HTMLElement>('input:not([readonly]), select, textarea') ?? true;
}

export function DialogBody({ children }: { readonly children: ReactNode }) {
  return <div className="space-y-4 px-5 py-4 empty:pb-0">{children}</div>;
}

/** The actions of a dialog, the one that matters last. In sight however long it is: at the lower edge, past the room that the viewport keeps. */
export function DialogFooter({ children }: { readonly children: ReactNode }) {
  return (
    <footer className="sticky -bottom-[8vh] flex items-center justify-end gap-2 rounded-b-xl border-line border-t bg-sunken px-5 py-3">
      {children}
    </footer>
  );
}
