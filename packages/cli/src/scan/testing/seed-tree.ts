/**
 * Seeds references to flags into a copy of somebody's code, at the ends of files that are there and in new ones. What a line
 * seeds stands in a comment at its end, `seed <idiom> <flag>`, so that line and expectation cannot part; every other line
 * that is written holds no reference.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FlagDefinition } from '../../flag-definitions.ts';
import { renderFlagsModule } from '../../flags-module.ts';
import { listSourceFiles } from '../source-files.ts';
import { DECOYS, OTHER_LANGUAGES, SCRIPT_SEEDS, SHARED_FILES, TYPESCRIPT_FILES } from './seeds.ts';

export interface Seeded {
  readonly flag: string;
  readonly file: string;
  readonly line: number;
  readonly idiom: string;
}

const SEED = /(?:\/\/|#|<!--) seed (\S+) (\S+)(?: -->| \?>)?$/;
const KEYS = 'literal constant imported object wrapper template accessor hook decorator quoted'
  .split(' ')
  .map((name) => `seed-${name}`);

/** How often each idiom is seeded into files that are there. */
const TIMES = 4;

export function seedKeys(): ReadonlySet<string> {
  return new Set(KEYS);
}

/** @param isCommonJs how the modules of the tree import */
export function seedTree(root: string, isCommonJs: boolean): Seeded[] {
  const own = listSourceFiles(root).filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'));
  const touched = new Set<string>();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    touched.add(file);
  };
  const flags = KEYS.map(
    (key): FlagDefinition => ({
      key,
      type: 'boolean',
      kind: 'release',
      description: '',
      variants: { on: true, off: false },
      offVariants: [],
    }),
  );
  write('seeds/generated-flags.ts', renderFlagsModule('seeded', flags));
  for (const [file, text] of Object.entries(SHARED_FILES(isCommonJs))) write(`seeds/${file}`, text);
  for (const [file, text] of Object.entries({ ...TYPESCRIPT_FILES, ...OTHER_LANGUAGES })) write(`seeds/${file}`, text);
  const snippets = [...SCRIPT_SEEDS(isCommonJs), ...DECOYS];
  for (const [index, snippet] of snippets.entries())
    for (let time = 0; time < TIMES; time++) {
      // Spread over the tree, no file twice: names of two snippets would collide.
      const file = own[Math.floor(((index * TIMES + time) * own.length) / (snippets.length * TIMES))];
      if (file === undefined) throw new Error(`${root} has no file to seed.`);
      const up = '../'.repeat(file.split('/').length - 1) || './';
      appendFileSync(join(root, file), `\n${snippet.replaceAll('@seeds/', `${up}seeds/`)}\n`);
      touched.add(file);
    }
  return [...touched].flatMap((file) => seededIn(file, readFileSync(join(root, file), 'utf8')));
}

function seededIn(file: string, text: string): Seeded[] {
  return text.split('\n').flatMap((line, index) => {
    const [, idiom, flag] = SEED.exec(line) ?? [];
    return idiom === undefined || flag === undefined ? [] : [{ flag, file, line: index + 1, idiom }];
  });
}
