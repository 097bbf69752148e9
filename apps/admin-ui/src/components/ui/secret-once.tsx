/** A secret that is shown this once, to be copied now. */
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { DialogBody, DialogFooter } from './dialog.tsx';

export interface SecretOnceProps {
  readonly secret: string;
  /** Accessible name of the button that copies it. */
  readonly label: string;
  readonly onCopied: () => void;
}

export function SecretOnce({ secret, label, onCopied }: SecretOnceProps) {
  return (
    <>
      <DialogBody>
        <div className="flex items-center gap-2 rounded-md border border-line-strong bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 break-all font-mono text-xs" data-testid="secret">
            {secret}
          </code>
          <CopyButton text={secret} label={label} words />
        </div>
      </DialogBody>
      <DialogFooter>
        <Button look="primary" onClick={onCopied}>
          I have copied it
        </Button>
      </DialogFooter>
    </>
  );
}
