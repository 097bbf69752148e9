/** Where source code names flags: uploaded per repository, branch and commit by `yardarm scan`, and read back with links. */
import { z } from 'zod';
import { commitHash } from './builds.ts';
import { projectKey } from './names.ts';

/** Of one upload; a scanner that finds more names what it leaves out in `left`. */
export const MAX_REFERENCES = 20_000;
/** Places of one flag in one commit that are kept; the count is of all. */
export const MAX_PLACES = 100;

/** Folders and files that one upload leaves out. */
export const MAX_REST = 1_000;

/** Of a line of code. */
const MAX_TEXT_CHARS = 300;

/** `acme/shop`, as people call it; the same in every upload of the repository. */
export const repositoryName = z
  .string()
  .max(200)
  .regex(/^[\w.-]+(?:\/[\w.-]+)*$/, "A repository is named like 'acme/shop': letters, digits, '_', '.', '-' and '/'.");
const branchName = z.string().trim().min(1).max(255);
/** Relative to the root of the repository, with `/`. */
const path = z.string().min(1).max(1_000);
/** The same folder has one name, so that those of several uploads can be held against each other. */
const leftOut = path.refine(
  (text) => text.split('/').every((name) => !['', '.', '..'].includes(name)),
  "A folder or file is named from the root of the repository, like 'apps/web', without a slash at either end.",
);
/** How the code names the flag: `call`, `constant`, `accessor`, `quoted`, … The scanner's own words. */
const kind = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, "A kind is a word like 'call' or 'quoted'.");

/** With `{path}`, `{line}` and `{commit}` in it; only http and https, since people click on what comes of it. */
export const lineUrl = z
  .string()
  .max(2_000)
  .refine(
    (text) =>
      /^https?:\/\//i.test(text) && URL.canParse(text.replaceAll(/\{(path|line|commit)\}/g, 'x')) && text.includes('{path}'),
    'A template of links is an address with {path} in it, such as https://git.example.com/shop/blob/{commit}/{path}#L{line}.',
  );

const place = z.object({
  path,
  line: z.int().min(1).max(10_000_000),
  column: z.int().min(1).max(10_000_000).nullable(),
  kind,
  /** The line of code, cut. */
  text: z.string().nullable(),
});
export type CodePlace = z.infer<typeof place>;

/**
 * `PUT /projects/{project}/code-references`: everything that one commit names, or a part of it. Sent again for the same commit it takes the place of what was sent before, and changes nothing
 * if it is the same.
 */
export const uploadReferencesInput = z.strictObject({
  repository: repositoryName,
  branch: branchName,
  commit: commitHash,
  /** When the commit was made: an older one that is uploaded late does not become the head of its branch. */
  committedAt: z.iso.datetime({ offset: true }).optional(),
  /** Whether `branch` is the one that is deployed from. A repository has one: the last that was said to be it. */
  isDefaultBranch: z.boolean(),
  lineUrl: lineUrl.nullable().default(null),
  /** Version of the scanner, for whoever wonders why it found something. */
  scanner: z.string().max(100).default(''),
  /** References that were found and had no room. */
  left: z.int().min(0).default(0),
  /**
   * Folders and files with code that the commit has outside of what was scanned; a folder stands for all in it. Empty: all of the repository
   * was scanned. Left out: not said, so that of a build of the commit it is not known whether it names a flag that is not among these.
   */
  rest: z.array(leftOut).max(MAX_REST).optional(),
  references: z
    .array(
      z.strictObject({
        /** What the code names; it need not be a flag of the project. */
        flagKey: z.string().min(1).max(128),
        path,
        line: place.shape.line,
        column: place.shape.column.default(null),
        kind: kind.default('quoted'),
        text: z
          .string()
          // A cut may leave half a pair, and files hold what they like; for want of a whole character no scan is refused.
          .transform((text) =>
            text
              .slice(0, MAX_TEXT_CHARS)
              .replaceAll(/\p{Surrogate}/gu, '\ufffd')
              .replaceAll('\0', '\ufffd'),
          )
          .nullable()
          .default(null),
      }),
    )
    .max(MAX_REFERENCES),
});
export type UploadReferencesInput = z.input<typeof uploadReferencesInput>;

/** `changed`: false when exactly this was there already. */
export const uploadedReferences = z
  .object({
    repository: repositoryName,
    commit: commitHash,
    /** Whether the commit is the head of its branch now. */
    isHead: z.boolean(),
    /** Folders and files with code of the commit that are in no upload of it, in order. Null: none says what it leaves out. */
    missing: z.array(z.string()).nullable(),
    references: z.int(),
    flags: z.int(),
    /** Keys that are no flags of the project, in order. */
    unknown: z.array(z.string()),
    /** Keys of archived flags, in order. */
    archived: z.array(z.string()),
    changed: z.boolean(),
  })
  .meta({ id: 'UploadedReferences' });
export type UploadedReferences = z.infer<typeof uploadedReferences>;

const branchHead = {
  branch: z.string(),
  isDefault: z.boolean(),
  commit: z.string(),
  committedAt: z.iso.datetime().nullable(),
  uploadedAt: z.iso.datetime(),
  /** Who uploaded it. */
  uploadedBy: z.string(),
};

/** `GET /projects/{project}/flags/{flag}/code-references`: where the heads of branches name one flag, default branches first. */
export const flagReferences = z
  .object({
    flag: z.string(),
    branches: z.array(
      z.object({
        repository: z.string(),
        ...branchHead,
        /** Of all places, of which at most 100 are listed. */
        count: z.int(),
        places: z.array(place.extend({ url: z.string().nullable() })),
      }),
    ),
  })
  .meta({ id: 'FlagReferences' });
export type FlagReferences = z.infer<typeof flagReferences>;

/** `GET /projects/{project}/code-references`: what is known of a project's source code. */
export const projectReferences = z
  .object({
    project: projectKey,
    repositories: z.array(
      z.object({
        name: z.string(),
        lineUrl: z.string().nullable(),
        /** Heads; the default branch first. */
        branches: z.array(z.object({ ...branchHead, flags: z.int(), references: z.int(), left: z.int() })),
        /** Commits of which references are kept, heads included. */
        commits: z.int(),
      }),
    ),
    /** By the heads of default branches, in order of key. */
    flags: z.array(z.object({ key: z.string(), references: z.int(), isKnown: z.boolean(), isArchived: z.boolean() })),
  })
  .meta({ id: 'ProjectReferences' });
export type ProjectReferences = z.infer<typeof projectReferences>;
