import type { ApiClient } from '../api-client.ts';
import { runGit } from '../ask-git.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output } from '../usage.ts';

/** Says which commit of an app runs in an environment, for apps whose SDKs do not say so; `--gone`: none any more. */
export async function deployed(client: ApiClient, options: Options, output: Output): Promise<number> {
  const app = required(options.app, '--app');
  const place = {
    project: required(options.project, '--project'),
    environment: required(options.environment, '--environment'),
  };
  const commit = options.gone
    ? null
    : required(options.commit ?? (await runGit('.', ['rev-parse', 'HEAD'])) ?? undefined, '--commit').toLowerCase();
  const build = await client.deploy(place, { app, commit, ...(options.appVersion && { version: options.appVersion }) });
  if (options.json) output.out(JSON.stringify({ version: 1, build }));
  else if (commit === null) output.out(`${app} runs in ${place.environment} no more.`);
  else {
    const known = build.hasReferences
      ? ''
      : '; the references of all of it were not uploaded: run yardarm scan --upload on that commit';
    output.out(`${app} runs ${commit.slice(0, 12)} in ${place.environment}${known}.`);
  }
  return EXIT.clean;
}
