/** Why the server cannot start, as one sentence for the person who starts it, with the remedy. Shown without a stack. */
export class StartError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StartError';
  }
}
