/** The migrations that this build brings, in their order. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../start-error.ts';

export interface Migration {
  /** Name of its file, `0001_control_plane`. */
  readonly tag: string;
  /** When it was made, in epoch milliseconds: identifies it in the database. */
  readonly madeAtMs: number;
  /** SHA-256 of the file, in hex. */
  readonly checksum: string;
  readonly statements: readonly string[];
  /** Oldest schema version whose builds may still write after it: its line `-- min_writer: 2`. Null where it says nothing. */
  readonly minWriter: number | null;
}

interface Journal {
  readonly entries: readonly { readonly tag: string; readonly when: number }[];
}

const BREAKPOINT = '--> statement-breakpoint';
const MIN_WRITER = /^-- min_writer: (\d+)$/m;

export function readMigrations(folder: string = findMigrations()): readonly Migration[] {
  const journal: Journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8'));
  return journal.entries.map(({ tag, when }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
    const minWriter = MIN_WRITER.exec(text)?.[1];
    return {
      tag,
      madeAtMs: when,
      checksum: createHash('sha256').update(text).digest('hex'),
      statements: text.split(BREAKPOINT),
      minWriter: minWriter === undefined ? null : Number(minWriter),
    };
  });
}

/** The folder is beside `apps` in the repository and in the image; from here it is the same climb in `src` and `dist`. */
function findMigrations(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'migrations/meta/_journal.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new StartError("The folder 'migrations' was not found beside the server: the installation is incomplete.");
    folder = parent;
  }
  return join(folder, 'migrations');
}
