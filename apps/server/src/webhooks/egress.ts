/**
 * The one way out for requests to addresses that people enter. A name is resolved here, every address it leads to must be
 * public, and the connection goes to an address that was checked: a name that leads elsewhere a moment later changes nothing.
 * The same on save, on test and on each send. Redirects are not followed, and nobody is ever shown what was answered.
 */
import { lookup } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type AllowedTargets, createAddressCheck } from './public-address.ts';

/** From the look-up of the name to the end of the answer. */
export const EGRESS_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const PORTS: ReadonlySet<string> = new Set(['80', '443']);

/** Why nothing was sent, or what went wrong; one sentence without anything of the answer but its status. */
export class EgressError extends Error {
  /** Status of the answer; null: there was none. */
  readonly status: number | null;
  constructor(message: string, status: number | null = null) {
    super(message);
    this.name = 'EgressError';
    this.status = status;
  }
}

export interface Egress {
  /** Throws an EgressError where nothing would be sent to this address. */
  check(url: string): Promise<void>;
  /** Status of a successful answer. Throws an EgressError. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number>;
}

export interface EgressOptions {
  readonly allowed: AllowedTargets;
  /** Every address of a name; tests bring their own. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly timeoutMs?: number;
}

interface Target {
  readonly url: URL;
  /** Where to connect: an address that was checked. */
  readonly address: string;
}

export function createEgress({ allowed, resolve = resolveAll, timeoutMs = EGRESS_TIMEOUT_MS }: EgressOptions): Egress {
  const mayReach = createAddressCheck(allowed);

  async function aim(text: string, signal: AbortSignal): Promise<Target> {
    const url = parse(text);
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    const isAllowedHost = allowed.hosts.has(`${url.hostname}:${port}`);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) === 0 ? await within(signal, resolve(host)) : [host];
    const [address] = addresses;
    if (address === undefined) throw new EgressError(`The host '${host}' has no address.`);
    const isWithinRanges = addresses.every((one) => allowed.ranges.check(one, isIP(one) === 6 ? 'ipv6' : 'ipv4'));
    if (!isAllowedHost && !addresses.every(mayReach))
      throw new EgressError(
        `The host '${host}' leads to an address that is not public; an operator can allow it with YARDARM_WEBHOOK_ALLOW.`,
      );
    if (!PORTS.has(port) && !isAllowedHost && !isWithinRanges)
      throw new EgressError(`Port ${port} is not 80 or 443; an operator can allow it with YARDARM_WEBHOOK_ALLOW.`);
    return { url, address };
  }

  return {
    check: async (url) => {
      await aim(url, AbortSignal.timeout(timeoutMs));
    },
    post: async (text, headers, body) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const { url, address } = await aim(text, signal);
      const status = await send(url, address, headers, body, signal);
      if (status >= 200 && status < 300) return status;
      const why = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
      throw new EgressError(`The target answered ${status}${why}.`, status);
    },
  };
}

function parse(text: string): URL {
  if (!URL.canParse(text)) throw new EgressError('This is no address; write one such as https://hooks.example.com/yardarm.');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new EgressError('The address must begin with https:// or http://.');
  if (url.username !== '' || url.password !== '') throw new EgressError('The address may not hold a user or a password.');
  return url;
}

function send(
  url: URL,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const family = isIP(address);
  const pinned: LookupFunction = (_host, { all }, done) => {
    if (all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  const options: RequestOptions = {
    method: 'POST',
    // No agent: a connection that is kept would outlive the check of its address.
    agent: false,
    lookup: pinned,
    signal,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      const status = response.statusCode ?? 0;
      let bytes = 0;
      // Read, so that the target can finish; never kept.
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) finish();
      });
      response.on('end', () => finish());
      response.on('error', fail);
      function finish(): void {
        resolve(status);
        request.destroy();
      }
    });
    function fail(error: NodeJS.ErrnoException): void {
      reject(toEgressError(error, signal));
    }
    request.on('error', fail);
    request.end(body);
  });
}

function toEgressError(error: NodeJS.ErrnoException, signal: AbortSignal): EgressError {
  if (error instanceof EgressError) return error;
  if (signal.aborted) return new EgressError('The target did not answer in time.');
  return new EgressError(`The target could not be reached (${error.code ?? error.name}).`);
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new EgressError('The host could not be looked up in time.')), { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw error instanceof EgressError
      ? error
      : new EgressError(`The host could not be looked up (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function resolveAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
