import { useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { CheckIcon, CopyIcon } from './icons.tsx';

const SHOWN_MS = 1_800;

export interface CopyButtonProps {
  readonly text: string;
  /** Accessible name, for example `Copy flag key`. */
  readonly label: string;
  /** With visible words instead of the icon alone. */
  readonly words?: boolean;
}

export function CopyButton({ text, label, words = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => setCopied(await copyText(text));
  return (
    <Button
      look={words ? 'secondary' : 'ghost'}
      size={words ? 'sm' : 'icon'}
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={copy}
    >
      {copied ? <CheckIcon className="size-4 text-good" /> : <CopyIcon />}
      {words && (copied ? 'Copied' : 'Copy')}
    </Button>
  );
}

/** The clipboard API needs https or localhost; a server inside a company network often has neither, so the old way stays as second. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'fixed opacity-0';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
