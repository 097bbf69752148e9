import type { ApiClient } from '../api-client.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output } from '../usage.ts';

/** Kill or unkill one flag in one environment, and say at which revision it stands so. */
export async function switchFlag(client: ApiClient, verb: 'kill' | 'unkill', options: Options, output: Output): Promise<number> {
  const target = {
    project: required(options.project, '--project'),
    environment: required(options.environment, '--environment'),
    flag: required(options.operands[0], `the key of the flag: yardarm ${verb} <flag>`),
  };
  const { flag, revision } = await client.switchFlag(target, verb, options.reason);
  if (options.json)
    output.out(JSON.stringify({ version: 1, flag: target.flag, environment: target.environment, on: flag.on, revision }));
  else output.out(`${target.flag} is ${flag.on ? 'on' : 'off'} in ${target.environment}, revision ${revision}.`);
  return EXIT.clean;
}
