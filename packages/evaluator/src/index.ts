/** Yardarm rule language: compile and evaluate. Pure: no clock, no I/O, no randomness, no dependency. */
export { nextBoundary } from './boundary.ts';
export { bodyIssues } from './cells.ts';
export { compile } from './compile.ts';
export type { CompiledRuleSet, Issue, IssueCode, RuleSetHeader } from './compiled.ts';
export { explain } from './explain.ts';
export { bucketOf, hashValue, murmur3 } from './hash.ts';
export * from './resolution.ts';
export { resolve } from './resolve.ts';
export * from './rule-set.ts';
export type { ConditionTrace, SegmentTrace, Trace, TraceStep } from './trace.ts';
export { withChanges } from './with-changes.ts';
