/** What the command line accepts, and how it answers: exit 0 clean, 1 findings, 2 usage, 3 API or network. */
export const EXIT = { clean: 0, findings: 1, usage: 2, api: 3 } as const;

/** A mistake on the command line: one sentence, exit code 2. */
export class UsageError extends Error {}
/** The server could not be asked, or said no: one sentence, exit code 3. */
export class ApiError extends Error {
  /** One of docs/errors.md, on which scripts branch; null where no server said it. */
  readonly code: string | null;
  /** The server did nothing, and takes the same again after this. Null: it did not say so. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { code = null, retryAfterMs = null, cause }: { code?: string | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
/** Nothing answered, or takes nothing now, or nothing of this token: whatever is asked next will fare no better. */
export class UnreachableError extends ApiError {}

/** Where a command writes, so that a test can read it. */
export interface Output {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}
