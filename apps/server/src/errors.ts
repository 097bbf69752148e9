import { type AppErrorCode, ERROR_STATUS } from '@yardarm/contract';

export interface ErrorDetail {
  /** JSON path or header name of the place. */
  readonly path: string;
  readonly message: string;
  readonly code?: string | undefined;
  /** What a change found and left at the place, where a revert meets a later change. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** The entity as it stands, where a version was stale; the place as it stands, where a revert meets a later change. */
  readonly current?: unknown;
}

/** An answer to the caller: a stable code and one sentence that names the thing, the place and the remedy. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly details: readonly ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: AppErrorCode,
    message: string,
    options: { details?: readonly ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}
