/** The secret of a key that was just made, to be copied now. */
import type { SdkKey } from '@yardarm/contract';
import { Button } from '../../../components/ui/button.tsx';
import { CopyButton } from '../../../components/ui/copy-button.tsx';
import { DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';

export function KeySecret({ made, onCopied }: { readonly made: SdkKey; readonly onCopied: () => void }) {
  return (
    <>
      <DialogBody>
        <div className="flex items-center gap-2 rounded-md border border-line-strong bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 break-all font-mono text-xs" data-testid="key-secret">
            {made.secret}
          </code>
          <CopyButton text={made.secret ?? ''} label="Copy SDK key" words />
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
