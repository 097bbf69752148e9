/** Yardarm OpenFeature provider for Node. */
export { type ClientView, followClientView } from './client-view.ts';
export { type YardarmOptions, YardarmProvider } from './provider.ts';
