/** Yardarm OpenFeature provider for Node. */
export { type YardarmOptions, YardarmProvider } from './provider.ts';
