import { createApiClient } from '../api-client.ts';
import { writeLogin } from '../login-file.ts';
import { type Options, required } from '../options.ts';
import { EXIT, type Output } from '../usage.ts';

/** Asks the server who the token is, and keeps it for this server. Without `--token` it is read from the standard input. */
export async function login(
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
  readInput: () => Promise<string>,
  output: Output,
): Promise<number> {
  const token = required(
    options.token ?? ((await readInput()).trim() || undefined),
    '--token, YARDARM_TOKEN or the token on its standard input',
  );
  const { actor } = await createApiClient(options.url, token).session();
  const file = await writeLogin(env, { url: options.url, token });
  if (options.json) output.out(JSON.stringify({ version: 1, url: options.url, actor, file }));
  else output.out(`You are ${actor.name} at ${options.url}; the token is kept in ${file}.`);
  return EXIT.clean;
}
