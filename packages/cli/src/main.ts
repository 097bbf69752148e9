#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  nowMs: Date.now,
  readInput: () => text(process.stdin),
  output: { out: (line) => console.log(line), error: (line) => console.error(line) },
});
