/** The delivery protocol of Yardarm, both ends as pure state machines. No I/O, no timers, no clock. */
export * from './messages.ts';
