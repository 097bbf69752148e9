// @ts-check
/** Questions to a child process over IPC, each with one answer. Other messages on the same channel pass by. */

/**
 * @typedef {(question: string, body?: unknown) => Promise<any>} Ask rejects with what the child threw, or when it ends
 */

/**
 * @param {import('node:child_process').ChildProcess} child started with an IPC channel
 * @returns {Ask}
 */
export function askingOf(child) {
  let asked = 0;
  /** @type {Map<number, { resolve: (answer: unknown) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  child.on('message', (/** @type {any} */ message) => {
    const asker = waiting.get(message?.answerTo);
    if (asker === undefined) return;
    waiting.delete(message.answerTo);
    if (message.error === undefined) asker.resolve(message.answer);
    else asker.reject(new Error(message.error));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`Process ${child.pid} ended (${code ?? signal}).`));
    waiting.clear();
  });
  return (question, body) =>
    new Promise((resolve, reject) => {
      asked += 1;
      waiting.set(asked, { resolve, reject });
      child.send({ question, id: asked, body }, (error) => {
        if (error !== null) reject(error);
      });
    });
}

/**
 * In the child.
 * @param {Record<string, (body: any) => unknown>} answers by question
 */
export function answerQuestions(answers) {
  process.on('message', async (/** @type {any} */ message) => {
    const { question, id, body } = message ?? {};
    if (typeof question !== 'string') return;
    try {
      const answer = await answers[question]?.(body);
      process.send?.({ answerTo: id, answer });
    } catch (error) {
      process.send?.({ answerTo: id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}
