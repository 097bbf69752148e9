/**
 * Whether the packages that users install are packed so that Node, bundlers and TypeScript find what they look for: publint's and
 * attw's rules, on what `npm pack` puts together. ESM only: a CommonJS application loads them with `import()`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { isMain, report, root } from './source-files.mjs';

const PUBLISHED = ['evaluator', 'sync', 'sdk-node', 'sdk-browser'];
/** Read from the sources, by the tests of this repository alone. */
const INTERNAL = { sync: ['./testing'] };
/** What only CommonJS, and the resolution of TypeScript before 4.7, would ask for. */
const NOT_PROMISED = ['node10', 'node16-cjs'];

async function findingsOf(name, folder) {
  const pkgDir = path.join(root, 'packages', name);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: pkgDir,
  });
  const [{ filename }] = JSON.parse(stdout);
  const tarball = await readFile(path.join(folder, filename));
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
  });
  const { problems } = await checkPackage(createPackageFromTarballData(tarball), { excludeEntrypoints: INTERNAL[name] ?? [] });
  return [
    ...messages.map((message) => `packages/${name}: ${formatMessage(message, pkg, { color: false })}`),
    ...problems
      .filter((problem) => !NOT_PROMISED.includes(problem.resolutionKind))
      .map((problem) => `packages/${name}: ${problem.kind} ${problem.entrypoint ?? ''} (${problem.resolutionKind ?? 'all'})`),
  ];
}

if (isMain(import.meta.url)) {
  const folder = await mkdtemp(path.join(tmpdir(), 'packed-'));
  try {
    report('packages', (await Promise.all(PUBLISHED.map((name) => findingsOf(name, folder)))).flat());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
