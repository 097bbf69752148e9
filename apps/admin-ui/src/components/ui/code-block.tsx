import { classNames } from '../../lib/class-names.ts';
import { CopyButton } from './copy-button.tsx';

export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  // Never over the code: beside a single line, which wraps; above several.
  const several = code.includes('\n');
  return (
    <div className={classNames('flex rounded-md border border-line bg-sunken', several ? 'flex-col-reverse' : 'items-start')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label={label} className="min-w-0 flex-1 overflow-x-auto rounded-md">
        <pre className={classNames('p-3.5 font-mono text-xs leading-5', several ? 'w-max pt-0' : 'whitespace-pre-wrap')}>
          {code}
        </pre>
      </section>
      <div className={classNames('m-1.5 shrink-0', several && 'self-end')}>
        <CopyButton text={code} label={`Copy ${label}`} words />
      </div>
    </div>
  );
}
