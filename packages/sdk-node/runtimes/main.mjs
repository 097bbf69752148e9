// @ts-check
/**
 * npm run runtimes [-- 20.19.0 22.12.0 24.9.0]: the built Node SDK on other Nodes, on a main thread, in a worker and under frozen intrinsics.
 * Fetches each Node from npm into .data/nodes. Exit code 1 where one does not answer, complains, or does not end by itself.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHost, WAYS } from './run-host.mjs';
import { serveOneRuleSet } from './serve.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : ['20.19.0', '22.12.0', '24.9.0'];

execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/sdk-node'], {
  cwd: root,
  stdio: 'inherit',
});
const server = await serveOneRuleSet();
for (const version of versions) {
  for (const way of /** @type {(keyof typeof WAYS)[]} */ (Object.keys(WAYS))) {
    const before = server.streams();
    try {
      const said = await runHost(nodeOf(version), way, server.url);
      const isRight = said.startsWith('ok 3 ok 3 ') && said.endsWith(version) && server.streams() > before;
      if (!isRight) process.exitCode = 1;
      console.log(`${isRight ? 'ok  ' : 'FAIL'}  Node ${version}, ${way}${isRight ? '' : `: said '${said}'`}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAIL  Node ${version}, ${way}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
await server.stop();

/** @param {string} version @returns {string} path of its executable */
function nodeOf(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = path.join(root, '.data/nodes', version);
  const executable = path.join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(executable)) return executable;
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder, `${name}@${version}`], {
    stdio: 'ignore',
  });
  return executable;
}
