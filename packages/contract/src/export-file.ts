/**
 * The file that holds a whole instance: JSON lines, a header first, one line per entity, and an end that counts and sums up.
 * Each line carries a checksum of itself, so that damage is named by its line; the end holds the SHA-256 over all lines
 * before it, so that no line can be missing, added or moved. What the lines of entities hold is the server's business.
 */
import { z } from 'zod';

/** Grows when a server of today could not read the lines any more. */
export const EXPORT_FORMAT = 1;

const sha256Text = z.string().regex(/^[0-9a-f]{64}$/);
export const exportHeader = z.strictObject({
  type: z.literal('header'),
  format: z.int().positive(),
  /** Version of the server that wrote it. */
  server: z.string(),
  at: z.iso.datetime(),
  /** With hashes of passwords, tokens and SDK keys. */
  secrets: z.boolean(),
  /** With the record of changes, which an import does not take. */
  history: z.boolean(),
});
export type ExportHeader = z.infer<typeof exportHeader>;

export const exportEnd = z.strictObject({
  type: z.literal('end'),
  /** Lines by type, header and end left out. */
  counts: z.record(z.string(), z.int()),
  /** SHA-256 over every body that the environments serve, without epoch and revision. */
  bodies: sha256Text,
  /** SHA-256 over all lines before this one, line ends included. */
  sha256: sha256Text,
});
export type ExportEnd = z.infer<typeof exportEnd>;

/** What an import answers. */
export const importReport = z.object({
  /** Lines of the file by type. */
  counts: z.record(z.string(), z.int()),
  /** Lines that are not here now, by type: of an export without secrets, keys and tokens, which nobody could use. */
  leftOut: z.record(z.string(), z.int()),
  /** SHA-256 over every body that is served now, the same as of the other instance. */
  bodies: sha256Text,
});
export type ImportReport = z.infer<typeof importReport>;

export interface ExportLine {
  /** From 1. */
  readonly number: number;
  readonly type: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What is wrong with a file, in one sentence that names the line. */
export class ExportFileError extends Error {}

/** As `createHash('sha256')` of Node makes it. */
export interface Sha256 {
  update(text: string): unknown;
  digest(encoding: 'hex'): string;
}

/** More than any entity takes; what is longer is no export. */
const MAX_LINE_CHARS = 64 * 1024 * 1024;
const SEALED = /^(\{.*),"crc":"([0-9a-f]{8})"\}$/s;

/** The line of an entity with its checksum and line end. */
export function sealLine(value: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(value);
  return `${text.slice(0, -1)},"crc":"${crc32(text)}"}\n`;
}

/** Every line of a file that is whole, in order; throws an ExportFileError at the first that is not. Holds one line at a time. */
export async function* readExport(chunks: AsyncIterable<Uint8Array>, sha256: Sha256): AsyncGenerator<ExportLine, void> {
  const counts = new Map<string, number>();
  let number = 0;
  let end: ExportEnd | undefined;
  for await (const text of linesOf(chunks)) {
    number++;
    if (end !== undefined)
      throw new ExportFileError(`Line ${number} comes after the end; remove whatever was added to the export.`);
    const line = openLine(text, number);
    if (number === 1) checkHeader(line);
    else if (line.type === 'end') {
      end = checkEnd(line, counts, sha256.digest('hex'));
    } else counts.set(line.type, (counts.get(line.type) ?? 0) + 1);
    if (end === undefined) sha256.update(`${text}\n`);
    yield line;
  }
  if (end === undefined)
    throw new ExportFileError(`The file ends after line ${number} without its last line: it was cut. Take the export again.`);
}

/** A line of another kind of damage than an end that is missing ends where its line feed should be. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  for await (const chunk of chunks) {
    const parts = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    pending = parts.pop() ?? '';
    if (pending.length > MAX_LINE_CHARS)
      throw new ExportFileError('This is no export: it has a line that is longer than any of an export.');
    yield* parts;
  }
  pending += decoder.decode();
  if (pending !== '') yield pending;
}

function openLine(text: string, number: number): ExportLine {
  const [, members, crc] = SEALED.exec(text) ?? [];
  if (members === undefined || crc !== crc32(`${members}}`))
    throw new ExportFileError(
      number === 1 && members === undefined
        ? 'Line 1 is no header: this is no export of Yardarm.'
        : `Line ${number} is damaged: its checksum does not fit. Take the export again, or use an older one.`,
    );
  const { type, ...value } = JSON.parse(`${members}}`) as Record<string, unknown>;
  if (typeof type !== 'string') throw new ExportFileError(`Line ${number} has no type.`);
  return { number, type, value };
}

function checkHeader({ type, value }: ExportLine): void {
  const format = z.object({ format: z.int().positive() }).safeParse(value);
  if (type !== 'header' || !format.success) throw new ExportFileError('Line 1 is no header: this is no export of Yardarm.');
  if (format.data.format > EXPORT_FORMAT)
    throw new ExportFileError(
      `Line 1 says format ${format.data.format}, and this version reads up to ${EXPORT_FORMAT}; use the version that wrote it, or a newer one.`,
    );
  if (!exportHeader.safeParse({ type, ...value }).success) throw new ExportFileError('Line 1 is a header that cannot be read.');
}

function checkEnd({ number, type, value }: ExportLine, counts: ReadonlyMap<string, number>, sha256: string): ExportEnd {
  const parsed = exportEnd.safeParse({ type, ...value });
  if (!parsed.success) throw new ExportFileError(`Line ${number}, the end, cannot be read.`);
  const names = new Set([...counts.keys(), ...Object.keys(parsed.data.counts)]);
  for (const name of names) {
    const [said, found] = [parsed.data.counts[name] ?? 0, counts.get(name) ?? 0];
    if (said !== found)
      throw new ExportFileError(`Line ${number}, the end, counts ${said} lines of type '${name}', and there are ${found}.`);
  }
  if (parsed.data.sha256 !== sha256)
    throw new ExportFileError(`Line ${number}, the end, has another SHA-256 than the lines before it: lines were exchanged.`);
  return parsed.data;
}

/** CRC-32 (IEEE) of the text as UTF-8, 8 hex digits. */
function crc32(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
