#!/usr/bin/env node
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  today: new Date().toISOString().slice(0, 10),
  output: { out: (line) => console.log(line), error: (line) => console.error(line) },
});
