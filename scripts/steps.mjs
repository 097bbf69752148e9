// @ts-check
/** Progress that explains itself: one line a step with its seconds, and a tool's output only where it failed. */

/** Ends the command with one explanation and no stack trace. */
export class StepFailed extends Error {
  /**
   * @param {string} message what went wrong, and what to do
   * @param {number} [code] exit code
   */
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Ends the command because somebody asked it to: that is no failure, and the way out says so once. */
export class Interrupted extends StepFailed {
  /** @param {number} code exit code: 128 + n after signal n */
  constructor(code) {
    super('Stopped.', code);
  }
}

/**
 * Runs `action` under a line of progress. On a terminal the seconds count up; elsewhere the line is written in two halves.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function step(title, action) {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  process.stdout.write(`  ${title} … `);
  const ticker = process.stdout.isTTY ? setInterval(() => process.stdout.write(`\r  ${title} … ${seconds()}`), 500) : undefined;
  try {
    const result = await action();
    process.stdout.write(`${ticker === undefined ? '' : `\r  ${title} … `}${seconds()}\n`);
    return result;
  } catch (error) {
    if (error instanceof Interrupted) process.stdout.write('\n');
    else process.stdout.write(`${ticker === undefined ? '' : `\r  ${title} … `}failed after ${seconds()}\n`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}
