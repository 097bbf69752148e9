// @ts-check
/** The evaluator, and the protocol of the SDKs, as they are published: built, not the sources. main.mjs builds them first. */
const built = String(new URL('../../packages/evaluator/dist/index.js', import.meta.url));

/** @type {typeof import('../../packages/evaluator/src/index.ts')} */
export const { compile, resolve, withChanges } = await import(built);

const builtSync = String(new URL('../../packages/sync/dist/index.js', import.meta.url));

/** @type {typeof import('../../packages/sync/src/index.ts')} */
export const { decide, loadRuleSet, parseRuleSet } = await import(builtSync);
