/** Yardarm rule language: compile and evaluate. Pure: no clock, no I/O, no randomness, no dependency. */
export * from './resolution.ts';
export * from './rule-set.ts';
