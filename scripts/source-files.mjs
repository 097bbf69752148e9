/** The tracked and new files of the repository, so that every check reads the same list. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {string[]} paths relative to the repository, git-ignored ones left out. */
export function repositoryFiles() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(`${root}/${path}`));
}

/** Prints the findings of one check and sets the exit code. */
export function report(name, findings) {
  for (const finding of findings) console.error(`${name}: ${finding}`);
  if (findings.length > 0) process.exitCode = 1;
  else console.log(`${name}: clean`);
}

/** Whether the module at `url` is the script that Node was started with. */
export function isMain(url) {
  return process.argv[1] === fileURLToPath(url);
}
