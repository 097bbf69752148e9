/** A secret that is shown this once, to be copied now. */
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { DialogBody, DialogFooter } from './dialog.tsx';

/** Title of what is shown instead where it was made, and the answer with its secret was lost on the way. */
export const LOST_SECRET = 'It was made, and its secret was lost on the way';

export const ONLY_HASH = 'Only its hash is stored: this is the one time that it is shown.';

export interface SecretOnceProps {
  /** Undefined: the answer that had it was lost. */
  readonly secret: string | undefined;
  /** Accessible name of the button that copies it. */
  readonly label: string;
  /** What to do where it was lost. */
  readonly instead: string;
  readonly onCopied: () => void;
}

export function SecretOnce({ secret, label, instead, onCopied }: SecretOnceProps) {
  if (secret === undefined)
    return (
      <>
        <DialogBody>
          <p className="text-sm">{instead}</p>
        </DialogBody>
        <DialogFooter>
          <Button look="primary" onClick={onCopied}>
            Close
          </Button>
        </DialogFooter>
      </>
    );
  return (
    <>
      <DialogBody>
        {/* Over the whole width, so that a secret stands in one line; a person compares its ends. */}
        <code
          className="block break-all rounded-md border border-line-strong bg-sunken px-3 py-2.5 font-mono text-xs"
          data-testid="secret"
        >
          {secret}
        </code>
      </DialogBody>
      <DialogFooter>
        <CopyButton text={secret} label={label} words />
        <Button look="primary" onClick={onCopied}>
          I have copied it
        </Button>
      </DialogFooter>
    </>
  );
}
