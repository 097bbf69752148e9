import { CopyButton } from './copy-button.tsx';

export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={code} label={`Copy ${label}`} words />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label={label} className="overflow-x-auto rounded-md">
        <pre className="p-3.5 pr-24 font-mono text-xs leading-5">{code}</pre>
      </section>
    </div>
  );
}
