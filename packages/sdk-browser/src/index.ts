/** Yardarm OpenFeature provider for browsers. */
export { type YardarmWebOptions, YardarmWebProvider } from './provider.ts';
