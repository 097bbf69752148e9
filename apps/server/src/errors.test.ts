import { readFileSync } from 'node:fs';
import { ERROR_STATUS } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';

const DOCUMENT = new URL('../../../docs/errors.md', import.meta.url);

describe('docs/errors.md', () => {
  const rows = readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(\w+)` \| (\d{3}) \| (.*\S) \|$/gm);
  const documented = [...rows].map(([, code, status, meaning]) => ({ code, status: Number(status), meaning }));

  it('describes every code, with its status', () => {
    const table = Object.fromEntries(documented.map(({ code, status }) => [code, status]));
    expect(table).toMatchObject(ERROR_STATUS);
  });

  it('describes nothing that the server cannot answer', () => {
    expect(documented.map(({ code }) => code).sort()).toEqual(Object.keys(ERROR_STATUS).sort());
  });
});
