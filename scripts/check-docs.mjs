/**
 * Documentation names files; files move. Every relative link and every path in backticks that starts with a
 * top-level folder of the repository must exist.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { isMain, report, repositoryFiles, root } from './source-files.mjs';

const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/g;
const PATH = /`((?:apps|packages|migrations|examples|docs|bench|scripts|e2e)\/[\w./@-]*[\w/])`/g;

/** @returns {string[]} one sentence per path that `exists` denies. */
export function documentFindings(path, text, exists) {
  const findings = [];
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  for (const [, target] of prose.matchAll(LINK)) {
    const resolved = target.startsWith('/') ? target.slice(1) : normalize(join(dirname(path), target));
    if (!exists(resolved)) findings.push(`${path} links to '${target}', which does not exist`);
  }
  for (const [, target] of prose.matchAll(PATH)) {
    if (!exists(target)) findings.push(`${path} names '${target}', which does not exist`);
  }
  return findings;
}

export function allDocumentFindings() {
  return repositoryFiles()
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      documentFindings(path, readFileSync(`${root}/${path}`, 'utf8'), (target) => existsSync(`${root}/${target}`)),
    );
}

if (isMain(import.meta.url)) report('documentation paths', allDocumentFindings());
