import { classNames } from '../../lib/class-names.ts';
import { CopyButton } from './copy-button.tsx';
import { ScrollRegion } from './scroll-region.tsx';

export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  // Never over the code: beside a single line, which wraps; above several.
  const several = code.includes('\n');
  return (
    <div className={classNames('flex rounded-md border border-line bg-sunken', several ? 'flex-col-reverse' : 'items-start')}>
      <ScrollRegion label={label} className="min-w-0 flex-1 rounded-md">
        <pre className={classNames('p-3.5 font-mono text-xs leading-5', several ? 'w-max pt-0' : 'whitespace-pre-wrap')}>
          {code}
        </pre>
      </ScrollRegion>
      <div className={classNames('m-1.5 shrink-0', several && 'self-end')}>
        <CopyButton text={code} label={`Copy ${label}`} words />
      </div>
    </div>
  );
}
