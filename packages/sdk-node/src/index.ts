/** Yardarm OpenFeature provider for Node. */
export { type ClientView, followClientView } from './client-view.ts';
export type { YardarmOptions } from './options.ts';
export { YardarmProvider } from './provider.ts';
