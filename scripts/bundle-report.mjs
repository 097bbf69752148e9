/**
 * Where the bytes of the browser provider are: what each source file adds to the minified bundle, and how much smaller the
 * gzipped bundle is without it. The second column does not add up to the whole, because files share what gzip has learnt.
 *
 *     npm run bundle:report
 */
import path from 'node:path';
import { bundleBrowser } from './bundle-browser.mjs';
import { brotliBytes, gzipBytes } from './bundle-bytes.mjs';
import { isMain, root } from './source-files.mjs';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @returns {number[]} the numbers of one base64 VLQ segment of a source map */
function decodeSegment(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = BASE64.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

/** @returns {{ source: string, text: string }[]} the code in order, cut where the source file changes */
function piecesOf(code, { mappings, sources }) {
  const pieces = [];
  const lines = code.split('\n');
  let sourceIndex = 0;
  mappings.split(';').forEach((line, index) => {
    const text = lines[index] ?? '';
    let column = 0;
    let from = 0;
    let source = 'bundler';
    for (const segment of line === '' ? [] : line.split(',')) {
      const [columns = 0, sourcesOn] = decodeSegment(segment);
      column += columns;
      pieces.push({ source, text: text.slice(from, column) });
      from = column;
      if (sourcesOn !== undefined) sourceIndex += sourcesOn;
      source = sources[sourceIndex] ?? 'bundler';
    }
    pieces.push({ source, text: text.slice(from) });
  });
  return pieces.filter(({ text }) => text !== '');
}

if (isMain(import.meta.url)) {
  const { code, map } = await bundleBrowser(`export { YardarmWebProvider } from '${root}/packages/sdk-browser/src/index.ts';`);
  const pieces = piecesOf(code, map);
  const whole = gzipBytes(code);
  const rows = [...new Set(pieces.map(({ source }) => source))].map((source) => {
    const others = pieces.filter((piece) => piece.source !== source).map(({ text }) => text);
    const own = pieces.filter((piece) => piece.source === source).map(({ text }) => text);
    // Virtual modules keep the name they were given; files are relative to the folder the bundle would lie in.
    const name = source === 'bundler' ? source : path.relative(root, path.resolve(root, 'dist/assets', source));
    return { name, minified: Buffer.byteLength(own.join('')), gzip: whole - gzipBytes(others.join('')) };
  });
  rows.sort((a, b) => b.gzip - a.gzip);
  console.log('minified     gzip  file');
  for (const { name, minified, gzip } of rows) {
    console.log(`${String(minified).padStart(8)} ${String(gzip).padStart(8)}  ${name}`);
  }
  console.log(
    `${String(Buffer.byteLength(code)).padStart(8)} ${String(whole).padStart(8)}  together; ${brotliBytes(code)} brotli`,
  );
}
