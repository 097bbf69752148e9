/** What the command line accepts, and how it answers: exit 0 clean, 1 findings, 2 usage, 3 API or network. */
export const EXIT = { clean: 0, findings: 1, usage: 2, api: 3 } as const;

export const USAGE = `yardarm <command> [options]

  flags                    list the flags of a project, with their state per environment
  kill <flag>...           switch flags off in an environment; idempotent, needs no version
  kill --tag, --owner      the same for every flag with that tag, or of that owner
  unkill <flag>            switch it on again
  diff                     show what differs between two environments; exit 1 when something does
  promote [<flag> ...]     copy configurations from one environment to another, of all flags and segments unless told
  check                    fail when the code names flags past their expiry
  generate                 write a TypeScript module in which a mistyped flag does not compile, and the OpenFeature CLI's manifest
  export                   write the whole instance to a file
  export verify <file>     check that an export is whole, without a server
  import <file>            read an export into an instance without projects
  audit verify             recompute the hash chains of the record; exit 1 with the first broken link of each
  audit checkpoints        print where each chain stands, one line each, to be kept off the server's machine

Options
  --url URL                address of the server           (YARDARM_URL, http://127.0.0.1:4400)
  --token TOKEN            API token                       (YARDARM_TOKEN)
  --project KEY            project                         (YARDARM_PROJECT)
  --environment KEY        environment, for kill and unkill
  --from KEY, --to KEY     diff, promote: the two environments
  --segments KEY,KEY       promote: these segments, besides the flags named
  --dry-run                promote: show what would change, and change nothing
  --reason TEXT            why; kept in the history
  --tag TAG                kill: every flag with this tag
  --owner NAME             kill: every flag of this owner
  --source DIR             check: where to look for the flags in code (.)
  --warn-days N            check: warn about flags that expire within N days (14)
  --out FILE               export: where to write it (yardarm-export.jsonl); generate: the TypeScript module
  --manifest FILE          generate: the manifest of the OpenFeature CLI
  --file FILE              generate: read the flags from an export, without a server
  --check                  generate: write nothing; exit 1 when a file is out of date
  --with-secrets           export: with the hashes that passwords, tokens and SDK keys are checked by
  --with-history           export: with the record of changes, to read
  --checkpoints FILE       audit verify: hold these checkpoints against the chains
  --json                   machine-readable output
  --help

Exit codes: 0 clean, 1 findings, 2 usage, 3 API or network.
`;

/** A mistake on the command line: one sentence, exit code 2. */
export class UsageError extends Error {}
/** The server could not be asked, or said no: one sentence, exit code 3. */
export class ApiError extends Error {}

/** Where a command writes, so that a test can read it. */
export interface Output {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}
