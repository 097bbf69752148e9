// @ts-check
/** One thread of main.mjs: simulates its share of the seeds and reports each outcome. */
import { parentPort, workerData } from 'node:worker_threads';

const { module, from, step, below, bug } = workerData;
/** @type {typeof import('../../apps/server/src/testing/simulation/simulate.ts')} */
const { simulate } = await import(module);
for (let seed = from; seed < below; seed += step) parentPort?.postMessage(await simulate({ seed, bug }));
