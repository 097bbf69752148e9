import { brotliCompressSync, gzipSync } from 'node:zlib';

/** As a server sends it that compresses as well as it can. */
export const gzipBytes = (code) => gzipSync(code, { level: 9 }).length;
export const brotliBytes = (code) => brotliCompressSync(code).length;
