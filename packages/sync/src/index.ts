/** The delivery protocol of Yardarm, both ends as pure state machines. No I/O, no timers, no clock. */
export * from './client.ts';
export { connectionStep, fetchSpreadMs, openConnection } from './connection.ts';
export * from './connection-state.ts';
export * from './details.ts';
export * from './digest.ts';
export { textSum, withSum } from './frame-sum.ts';
export * from './messages.ts';
export * from './options.ts';
export * from './parse.ts';
export * from './position.ts';
export * from './provider-core.ts';
export { replicaStep, startReplica } from './replica.ts';
export * from './replica-state.ts';
export { readSnapshot, snapshotLines, storeOfRuleSet } from './snapshot.ts';
export { toStorable } from './storable-text.ts';
export { applyDelta, applyKills, loadRuleSet, type Store } from './store.ts';
export * from './sync-requests.ts';
export * from './telemetry.ts';
