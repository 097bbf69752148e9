/** The proof of the record: verified here, and taken away. */
import { useEffect, useRef, useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button, buttonClass } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { CheckIcon, WarningIcon } from '../../../components/ui/icons.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { counted } from '../../../lib/counted.ts';
import { readCheckpoints, verifyAudit } from '../api/audit.ts';
import { findingsOf, NO_PROOF, type Proof } from '../proof.ts';

export function ProofCard() {
  const [proof, setProof] = useState<Proof | null>(null);
  const [busy, setBusy] = useState<'verifying' | 'reading' | null>(null);
  const [error, setError] = useState<string | null>(null);
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);

  const run = async (what: 'verifying' | 'reading', task: (signal: AbortSignal) => Promise<void>) => {
    const own = new AbortController();
    ending.current = own;
    setBusy(what);
    setError(null);
    try {
      await task(own.signal);
    } catch (cause) {
      if (!own.signal.aborted) setError(toSentence(cause));
    } finally {
      if (!own.signal.aborted) setBusy(null);
    }
  };
  const verify = () =>
    run('verifying', (signal) => {
      setProof(NO_PROOF);
      return verifyAudit(signal, setProof);
    });
  const takeAway = () =>
    run('reading', async (signal) => {
      const checkpoints = await readCheckpoints(signal);
      saveAs('yardarm-checkpoints.json', JSON.stringify({ checkpoints }, null, 2));
    });

  return (
    <Card title="The record">
      <div className="space-y-3 p-4 text-sm">
        <p className="text-ink-soft">
          Every change is a link of a chain; a link that is changed, taken out or moved breaks it. Checkpoints that you keep
          elsewhere show even a record that was written anew.
        </p>
        <div className="flex flex-wrap gap-2">
          <Button look="primary" pending={busy === 'verifying'} disabled={busy !== null} onClick={() => void verify()}>
            Verify now
          </Button>
          <Button pending={busy === 'reading'} disabled={busy !== null} onClick={() => void takeAway()}>
            Download checkpoints
          </Button>
          <a className={buttonClass()} href="/api/v1/export?history=true" download="yardarm-export.jsonl">
            Export with history
          </a>
        </div>
        <p className="text-ink-faint text-xs">
          Reading checkpoints or an export is recorded too. The export has no secrets in it.
        </p>
        {error && <InlineError message={error} />}
        {proof && <ProofView proof={proof} running={busy === 'verifying'} />}
      </div>
    </Card>
  );
}

function ProofView({ proof, running }: { readonly proof: Proof; readonly running: boolean }) {
  const findings = findingsOf(proof);
  const links = counted(proof.links, 'link');
  return (
    <div
      role="status"
      className="overflow-hidden rounded-md border border-line bg-sunken"
      data-testid="proof"
      data-ok={String(proof.ok)}
    >
      <p className="flex items-center gap-2 px-3 py-2">
        {running && (
          <>
            <Spinner className="size-4 text-accent" /> {links} so far…
          </>
        )}
        {proof.ok === true && (
          <>
            <CheckIcon className="size-4 text-good" /> <span className="font-medium text-good">Sound.</span> {links} fit, in{' '}
            {counted(proof.chains.length, 'chain')}.
          </>
        )}
        {proof.ok === false && (
          <>
            <WarningIcon className="size-4 text-bad" />
            <span className="font-medium text-bad">
              {counted(findings.length, 'thing')} {findings.length === 1 ? 'does' : 'do'} not fit.
            </span>
          </>
        )}
      </p>
      {findings.length > 0 && (
        <ul className="divide-y divide-line border-line border-t">
          {findings.map((finding) => (
            <li
              key={`${finding.chain} ${finding.seq} ${finding.changeSet} ${finding.cause}`}
              className="flex items-start gap-2 px-3 py-2"
            >
              <Badge tone="bad">{finding.cause}</Badge>
              <span className="min-w-0 break-words">{finding.message}</span>
            </li>
          ))}
        </ul>
      )}
      {proof.chains.length > 0 && (
        <ul className="divide-y divide-line border-line border-t text-ink-soft text-xs">
          {proof.chains.map(({ chain, project, links: own, checkpoints, adopted }) => (
            <li key={chain} className="flex flex-wrap justify-between gap-x-4 px-3 py-1.5 tabular-nums">
              <span className="font-medium">{chain === 'instance' ? 'the instance' : (project ?? chain)}</span>
              <span>
                {counted(own, 'link')}, {counted(checkpoints, 'checkpoint')}
                {adopted > 0 && `; ${adopted} from before there was a chain`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function saveAs(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
