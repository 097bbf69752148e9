#!/usr/bin/env node
/**
 * The one entry behind `npm start`, `npm test`, `npm run check` and `npm run build`: installs what is missing, builds
 * what is stale, then runs the command. Uses nothing but Node and the npx beside it, so that a bare clone works.
 * This file keeps to syntax that old Nodes can read; everything else is loaded after the version is known.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;

if (supported) {
  void import('./commands.mjs').then(({ runCommand }) => runCommand(process.argv.slice(2)));
} else {
  console.error(`Yardarm needs Node 20.19, 22.12 or newer, and this is Node ${process.versions.node}. Node 24 is recommended.`);
  process.exit(1);
}
