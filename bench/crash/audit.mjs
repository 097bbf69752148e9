// @ts-check
/** The hash chains of the record, proved by the server's own verification. */
import { TOKEN } from './server.mjs';

const VERIFY_MS = 10 * 60_000;

/**
 * @typedef {{ message: string }} Finding
 * @typedef {{ type: 'progress' } | { type: 'chain', finding: Finding | null } | { type: 'strays', findings: Finding[] }
 *   | { type: 'end', links: number }} Proof
 *
 * @param {{ url: string }} target a server that is ready
 * @returns {Promise<{ links: number, findings: string[] }>} links that were looked at; what does not fit, one sentence each
 */
export async function verifyChains(target) {
  const response = await fetch(`${target.url}/api/v1/audit/verify`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: AbortSignal.timeout(VERIFY_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The verification of the audit chains was answered ${response.status}: ${text}`);
  const proofs = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /** @type {Proof} */ (JSON.parse(line)));
  const end = proofs.at(-1);
  if (end?.type !== 'end') throw new Error('The verification of the audit chains broke off before its end.');
  const findings = proofs.flatMap((proof) => {
    if (proof.type === 'chain') return proof.finding === null ? [] : [proof.finding];
    return proof.type === 'strays' ? proof.findings : [];
  });
  return { links: end.links, findings: findings.map(({ message }) => `audit chain: ${message}`) };
}
