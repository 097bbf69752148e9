import type { Encoding } from '../ruleset/prepared-answer.ts';

const OFFERED: readonly Encoding[] = ['br', 'gzip', 'identity'];
const GZIP: readonly Encoding[] = ['gzip', 'identity'];
const PLAIN: readonly Encoding[] = ['identity'];

/**
 * The encodings that an `Accept-Encoding` header lets this server use, best first: by its q values, and where they are equal
 * brotli before gzip before none. Never empty: a reader that forbids everything gets the bytes as they are (RFC 9110, 12.5.3).
 */
export function acceptedEncodings(header: string | string[] | undefined): readonly Encoding[] {
  if (header === undefined) return PLAIN;
  // What SDKs send; reading it takes a tenth of a whole answer.
  if (header === 'gzip') return GZIP;
  const weights = new Map(String(header).toLowerCase().split(',').map(readCoding));
  const weightOf = (encoding: Encoding) =>
    weights.get(encoding) ?? (encoding === 'identity' ? (weights.get('*') === 0 ? 0 : LEAST) : (weights.get('*') ?? 0));
  const accepted = OFFERED.filter((encoding) => weightOf(encoding) > 0);
  // Stable: equals stay in the order of OFFERED.
  accepted.sort((a, b) => weightOf(b) - weightOf(a));
  return accepted.length === 0 ? PLAIN : accepted;
}

/** Of what is acceptable without being named: behind everything that is. */
const LEAST = 0.000_5;

function readCoding(part: string): readonly [coding: string, weight: number] {
  const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return [coding === 'x-gzip' ? 'gzip' : coding, weight === undefined ? 1 : Number(weight) || 0];
}
