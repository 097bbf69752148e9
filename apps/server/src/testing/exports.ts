/** Exports and imports of test apps, as a client sends them. */
import { createHash } from 'node:crypto';
import { type ImportReport, sealLine } from '@yardarm/contract';
import { digestBodies } from '../exports/digest-bodies.ts';
import { TEST_TOKEN, type TestApp } from './test-app.ts';

export async function takeExport(server: TestApp, query = '?secrets=true'): Promise<string> {
  const response = await server.call('GET', `/export${query}`);
  if (response.statusCode !== 200) throw new Error(`export: ${response.statusCode} ${response.body}`);
  return response.body;
}

export function sendImport(server: TestApp, text: string | Buffer, token: string | null = TEST_TOKEN) {
  const headers = { 'content-type': 'application/x-ndjson', ...(token !== null && { authorization: `Bearer ${token}` }) };
  return server.app.inject({ method: 'POST', url: '/api/v1/import', headers, payload: text });
}

export async function mustImport(server: TestApp, text: string): Promise<ImportReport> {
  const response = await sendImport(server, text);
  if (response.statusCode !== 200) throw new Error(`import: ${response.statusCode} ${response.body}`);
  return response.json<ImportReport>();
}

export async function bodiesOf(server: TestApp) {
  return server.db.transaction((tx) => digestBodies(tx), { isolationLevel: 'repeatable read' });
}

/** The file with each line as `edit` makes it, sealed anew with a fitting end: what somebody who knows the format can make. */
export function forge(text: string, edit: (line: Record<string, unknown>) => Record<string, unknown> | null): string {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let forged = '';
  for (const line of text.trimEnd().split('\n')) {
    const { crc: _crc, ...value } = JSON.parse(line) as Record<string, unknown>;
    const edited = edit(value.type === 'end' ? { ...value, counts, sha256: hash.copy().digest('hex') } : value);
    if (edited === null) continue;
    if (value.type !== 'header' && value.type !== 'end') counts[String(edited.type)] = (counts[String(edited.type)] ?? 0) + 1;
    const sealed = sealLine(edited);
    hash.update(sealed);
    forged += sealed;
  }
  return forged;
}
