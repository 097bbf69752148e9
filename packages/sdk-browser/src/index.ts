/** Yardarm OpenFeature provider for browsers. */
export { anonymousKey } from './anonymous-key.ts';
export type { YardarmWebOptions } from './options.ts';
export { YardarmWebProvider } from './provider.ts';
