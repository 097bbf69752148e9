/**
 * An answer as it leaves the server, headers and bytes, each encoding made once and sent to everybody who asks. Whoever asks
 * first after a change waits for the fast encoding only; the small one is made behind its back.
 */
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import { STATE_HEADER } from '@yardarm/sync';
import { once } from './once.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface Bytes {
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export interface PreparedAnswer {
  readonly etag: string;
  /** Headers of a 304. */
  readonly unchanged: readonly string[];
  /** Bytes in the first of these encodings that is there; a promise where gzip has yet to be made. */
  readonly encoded: (accepted: readonly Encoding[]) => Bytes | Promise<Bytes>;
}

export interface AnswerParts {
  readonly etag: string;
  /** Of the answer and of a 304, names and values in turn. */
  readonly headers: readonly string[];
  /** Called when first asked, once. */
  readonly render: () => Buffer;
  /** Left out: JSON. */
  readonly type?: string;
}

/** Of every answer to an SDK. Any page may ask, since the key decides; a page of another site can read no header but those named. */
export const SHARED_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': `etag, retry-after, ${STATE_HEADER.toLowerCase()}`,
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** Below this a compressed body saves no packet. */
const MIN_COMPRESSED_BYTES = 1_024;
/** Brotli takes longer than gzip and serves many: not worth it for each of a hundred revisions a second that one reader fetches. */
const BROTLI_FROM_REQUESTS = 5;
/**
 * Of 1 000 mixed flags, 345 kB: level 3 makes 26.7 kB in 1.0 ms and level 6 24.0 kB in 2.1 ms; brotli 5 makes 16.6 kB in 2.7 ms,
 * 9 makes 15.8 kB in 34 ms and 11 13.2 kB in a second and more.
 */
const GZIP_LEVEL = 3;
const BROTLI_QUALITY = 5;

const JSON_TYPE = 'application/json; charset=utf-8';

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

export function prepareAnswer({ etag, headers, render, type: mediaType = JSON_TYPE }: AnswerParts): PreparedAnswer {
  const shared = ['ETag', etag, ...headers, 'Vary', 'authorization, accept-encoding', ...Object.entries(SHARED_HEADERS).flat()];
  const body = once(render);
  const plain = once(() => bytesOf(body(), null));
  const gzipped = making(async () => bytesOf(await toGzip(body(), { level: GZIP_LEVEL }), 'gzip'));
  const brotlied = making(async () => bytesOf(await toBrotli(body(), brotliOptions(body().length)), 'br'));
  let brotliRequests = 0;

  function bytesOf(made: Buffer, encoding: string | null): Bytes {
    const type = ['Content-Type', mediaType, 'Content-Length', String(made.length)];
    return { headers: [...shared, ...type, ...(encoding === null ? [] : ['Content-Encoding', encoding])], body: made };
  }

  return {
    etag,
    unchanged: shared,
    encoded: (accepted) => {
      if (body().length < MIN_COMPRESSED_BYTES) return plain();
      for (const encoding of accepted) {
        if (encoding === 'identity') return plain();
        if (encoding === 'gzip') return gzipped.ready() ?? gzipped.make();
        const small = brotlied.ready();
        if (small !== undefined) return small;
        brotliRequests++;
        // Nobody waits for it, and whoever asks next tries again.
        if (brotliRequests >= BROTLI_FROM_REQUESTS) brotlied.make().catch(() => undefined);
      }
      return plain();
    },
  };
}

interface Making<T> {
  readonly ready: () => T | undefined;
  /** Shared by all who ask while it is being made. A failure is not kept. */
  readonly make: () => Promise<T>;
}

function making<T>(work: () => Promise<T>): Making<T> {
  let value: T | undefined;
  let underWay: Promise<T> | undefined;
  async function run(): Promise<T> {
    try {
      value = await work();
      return value;
    } finally {
      underWay = undefined;
    }
  }
  return {
    ready: () => value,
    make: () => {
      underWay ??= run();
      return underWay;
    },
  };
}

function brotliOptions(bytes: number) {
  return { params: { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes } };
}
