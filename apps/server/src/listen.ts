/** Opens the port. What usually goes wrong there is the operator's to mend, so it is said in one sentence. */

import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { StartError } from './start-error.ts';

const WILDCARDS = new Set(['0.0.0.0', '::']);

/** The address under which this machine reaches the server, without a trailing slash. */
export async function listen(
  app: Pick<FastifyInstance, 'listen' | 'server'>,
  { host, port }: Pick<Config, 'host' | 'port'>,
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new StartError(explain((cause as NodeJS.ErrnoException).code ?? 'unknown error', host, port), { cause });
  }
  const address = app.server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${toUrlHost(host)}:${boundPort}`;
}

function explain(code: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program. Stop that one, or set PORT to another port (0 takes any free one).`;
    case 'EACCES':
      return `This user may not listen on port ${port}. Set PORT to 1024 or above.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST is '${host}', which is no address of this machine. Set it to 127.0.0.1, or to 0.0.0.0 to let other machines in.`;
    default:
      return `The server cannot listen on ${host}, port ${port} (${code}). Set HOST and PORT to an address that is free.`;
  }
}

/** As it stands in an address that people open on this machine. */
export function toUrlHost(host: string): string {
  if (WILDCARDS.has(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
