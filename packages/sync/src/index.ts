/** The delivery protocol of Yardarm, both ends as pure state machines. No I/O, no timers, no clock. */
export * from './connection.ts';
export * from './digest.ts';
export * from './messages.ts';
export * from './parse.ts';
export * from './position.ts';
