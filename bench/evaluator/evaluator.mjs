// @ts-check
/** The evaluator as it is published: built, not the sources. main.mjs builds it first. */
const built = String(new URL('../../packages/evaluator/dist/index.js', import.meta.url));

/** @type {typeof import('../../packages/evaluator/src/index.ts')} */
export const { compile, resolve, withChanges } = await import(built);
