// @ts-check
/**
 * How long `yardarm scan` takes over a large tree, beside a floor that reads the same files and does nothing with them.
 *
 * The tree is copies of three code bases that the tests use, one flag call in FLAG_EVERY files. Each round runs the floor and the scan in
 * processes of their own, in turn, so that both see the same machine; wall time and processor time are told, since on a busy
 * machine only the second says what the work costs. `FILES=1000` makes a smaller tree.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = Number(process.env.FILES ?? 10_000);
const FLAGS = Number(process.env.FLAGS ?? 500);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const FLAG_EVERY = 25;
const LIMIT_MS = 10_000;

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(path.join(root, 'packages/cli/package.json'));
const scanner = path.join(root, 'packages/cli/dist/scan/scan-tree.js');
const lister = path.join(root, 'packages/cli/dist/scan/source-files.js');

const FLOOR = `import { readFileSync } from 'node:fs';
import { listSourceFiles } from ${JSON.stringify(lister)};
const root = process.argv[1];
let bytes = 0;
const started = performance.now();
for (const file of listSourceFiles(root)) bytes += readFileSync(root + '/' + file).toString('utf8').length;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms: performance.now() - started, cpuMs: (user + system) / 1e3, bytes }));`;
const SCAN = `import { scanTree } from ${JSON.stringify(scanner)};
const [, root, flags] = process.argv;
const keys = new Set(Array.from({ length: Number(flags) }, (_, index) => 'flag-' + index));
const started = performance.now();
const { files, references } = scanTree(root, keys);
const { user, system } = process.cpuUsage();
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ ms: performance.now() - started, cpuMs: (user + system) / 1e3, files, references: references.length, peakBytes }));`;

/** @param {string} script @param {...string} args */
function run(script, ...args) {
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script, ...args], { encoding: 'utf8' }));
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[jt]sx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** @param {string} folder */
function makeTree(folder) {
  const sources = ['rxjs/package.json', '@reduxjs/toolkit/package.json', 'lodash/package.json'].flatMap((name) => {
    const home = path.dirname(require.resolve(name));
    return filesBelow(name.startsWith('lodash') ? home : path.join(home, 'src'));
  });
  let flagged = 0;
  for (let index = 0; index < FILES; index++) {
    const source = sources[index % sources.length];
    if (source === undefined) throw new Error('There is no source to copy.');
    const place = path.join(folder, `copy-${Math.floor(index / sources.length)}`, `part-${index % 40}`);
    mkdirSync(place, { recursive: true });
    const file = path.join(place, `${index}-${path.basename(source)}`);
    cpSync(source, file);
    if (index % FLAG_EVERY !== 0) continue;
    flagged++;
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nclient.getBooleanValue('flag-${flagged % FLAGS}', false);\n`);
  }
  return flagged;
}

const folder = mkdtempSync(path.join(tmpdir(), 'yardarm-bench-scan-'));
let worst = 0;
try {
  const flagged = makeTree(folder);
  console.log(`${FILES} files, ${flagged} with a call, ${FLAGS} flags; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  for (let round = 1; round <= ROUNDS; round++) {
    const floor = run(FLOOR, folder);
    const scan = run(SCAN, folder, String(FLAGS));
    if (scan.references !== flagged) throw new Error(`${scan.references} references were found, and ${flagged} were made.`);
    worst = Math.max(worst, scan.ms);
    const second = (/** @type {number} */ ms) => `${(ms / 1_000).toFixed(2)} s`;
    console.log(
      `round ${round}: read alone ${second(floor.ms)} (cpu ${second(floor.cpuMs)}), scan ${second(scan.ms)} (cpu ${second(scan.cpuMs)}), ` +
        `${Math.round(FILES / (scan.ms / 1_000))} files/s, ${(floor.bytes / 1e6).toFixed(0)} MB, peak ${Math.round(scan.peakBytes / 1e6)} MB`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`Slowest of ${ROUNDS}: ${(worst / 1_000).toFixed(2)} s; the limit for 10,000 files is ${LIMIT_MS / 1_000} s.`);
process.exitCode = FILES <= 10_000 && worst > LIMIT_MS ? 1 : 0;
