/**
 * Who may import whom, and what the pure packages may touch. The table below is the one that
 * docs/ARCHITECTURE.md draws. Type-level purity (no Node or DOM global) is the compiler's: those packages
 * are built without such types; what is part of the language itself (clock, randomness) is checked here.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { isMain, report, repositoryFiles, root } from './source-files.mjs';

const MAY_IMPORT = {
  'packages/evaluator': [],
  'packages/sync': ['evaluator'],
  'packages/contract': ['evaluator'],
  'packages/sdk-node': ['sync', 'evaluator'],
  'packages/sdk-browser': ['sync', 'evaluator'],
  'packages/cli': ['contract', 'evaluator'],
  'apps/server': ['contract', 'sync', 'evaluator'],
  'apps/admin-ui': ['contract', 'evaluator'],
  'examples/shop': ['sdk-node', 'sdk-browser'],
  'examples/react': ['sdk-browser'],
};
const PURE = new Set(['packages/evaluator', 'packages/sync']);
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bglobalThis\b|\bperformance\.now\(/;
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g;

export function importFindings(files, read) {
  const findings = [];
  for (const path of files) {
    if (!/\.(ts|tsx)$/.test(path)) continue;
    const home = Object.keys(MAY_IMPORT).find((folder) => path.startsWith(`${folder}/`));
    if (home === undefined) continue;
    const isTest = /\.test\.tsx?$|\/testing\//.test(path);
    const text = codeOf(read(path));
    for (const [, target] of text.matchAll(IMPORT)) {
      const problem = problemWith(target, { home, path, isTest });
      if (problem !== undefined) findings.push(`${path} imports '${target}': ${problem}`);
    }
    if (PURE.has(home) && !isTest && IMPURE.test(text))
      findings.push(`${path} uses '${IMPURE.exec(text)?.[0]}': ${home} is pure, so time and randomness are arguments`);
    if (!/^(packages|apps)\/[^/]+\/src\/(index|validate)\.ts$/.test(path) && /^export \*/m.test(text))
      findings.push(`${path} re-exports with 'export *': only a package's index.ts does`);
  }
  return findings;
}

function problemWith(target, { home, path, isTest }) {
  if (target.startsWith('@yardarm/')) {
    const name = target.split('/')[1];
    if (!MAY_IMPORT[home].includes(name)) return `${home} may import only [${MAY_IMPORT[home].join(', ')}] of Yardarm`;
    return undefined;
  }
  if (target.startsWith('.')) {
    const resolved = normalize(join(dirname(path), target));
    return resolved.startsWith(`${home}/`) ? undefined : `it leaves ${home}; import the package by its name`;
  }
  if (PURE.has(home) && !isTest) return `${home} is pure and depends on nothing outside Yardarm`;
  return undefined;
}

/** Without comments and template literals: code shown to a reader imports nothing. */
function codeOf(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/`(?:\\.|[^`\\])*`/g, '``');
}

if (isMain(import.meta.url)) {
  report(
    'import rules',
    importFindings(repositoryFiles(), (path) => readFileSync(`${root}/${path}`, 'utf8')),
  );
}
