import { MAX_REFERENCES, uploadReferencesInput } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { toDetails } from '../http/zod-details.ts';
import { readUpload } from './validate-upload.ts';

const REST = { repository: 'acme/shop', branch: 'main', commit: 'a'.repeat(40), isDefaultBranch: true };
const reference = (line: number) => ({ flagKey: 'new-checkout', path: 'src/index.ts', line, text: `on('new-checkout') \0` });
const uploadOf = (count: number) => ({ ...REST, references: Array.from({ length: count }, (_, index) => reference(index + 1)) });

describe('readUpload', () => {
  it('fills in what the schema fills in', async () => {
    const body = uploadOf(300);
    const expected = uploadReferencesInput.parse(uploadOf(300));
    await readUpload(body);
    expect(body).toEqual(expected);
  });

  it('lets other work have its turn while it judges thousands', async () => {
    let turns = 0;
    let nowMs = 0;
    const turn = async () => {
      turns++;
    };
    await readUpload(uploadOf(2_000), { turn, nowMs: () => (nowMs += 2) });
    expect(turns).toBeGreaterThan(40);
  });

  it.each([
    ['of the rest and of each reference', { ...uploadOf(2), branch: '', references: [reference(1), { line: 0 }] }],
    ['of references that are none', { ...REST, references: 'many' }],
    ['of a body that is none', null],
  ])('names the same problems as the schema: %s', async (_, body) => {
    const paths = (error: unknown) => (error instanceof AppError ? error.details.map(({ path }) => path) : error);
    const refused = await readUpload(structuredClone(body)).catch(paths);
    const { error } = uploadReferencesInput.safeParse(body);
    expect(refused).toEqual(toDetails(error?.issues ?? []).map(({ path }) => path));
    expect(refused).not.toHaveLength(0);
  });

  it('judges none of more than there may be', async () => {
    const references = new Array(MAX_REFERENCES + 1).fill({});
    await expect(readUpload({ ...REST, references })).rejects.toMatchObject({ details: [{ path: 'references' }] });
  });
});
