/** Asks a test server over OFREP, and holds every answer against the published schemas. */
import { expect } from 'vitest';
import { ofrepProblems, ofrepSchemaOf } from './ofrep-schema.ts';

export interface OfrepFlag {
  readonly key: string;
  readonly reason?: string;
  readonly variant?: string;
  readonly value?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly errorCode?: string;
  readonly errorDetails?: string;
}

export interface OfrepBulk {
  readonly flags: readonly OfrepFlag[];
  readonly eventStreams: readonly { readonly type: string; readonly endpoint: { readonly requestUri: string } }[];
}

export interface OfrepAsked<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface OfrepRequest {
  readonly context?: unknown;
  /** In place of a context. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

/** @param secret null: no key */
export function ofrepClient(url: string, secret: string | null) {
  async function ask<Body>(kind: 'single' | 'bulk', path: string, request: OfrepRequest): Promise<OfrepAsked<Body>> {
    const { context, text = JSON.stringify({ context }), headers, query = '' } = request;
    const response = await fetch(`${url}/ofrep/v1/evaluate/flags${path}${query}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(secret !== null && { authorization: `Bearer ${secret}` }),
        ...headers,
      },
      body: text,
    });
    const answer = await response.text();
    const schema = ofrepSchemaOf(kind, response.status);
    if (schema === null) {
      expect(answer).toBe('');
      return { status: response.status, headers: response.headers, body: null as Body };
    }
    const body = JSON.parse(answer);
    expect(ofrepProblems(schema, body), answer).toEqual([]);
    return { status: response.status, headers: response.headers, body };
  }
  return {
    single: (key: string, request: OfrepRequest = {}) => ask<OfrepFlag>('single', `/${encodeURIComponent(key)}`, request),
    bulk: (request: OfrepRequest = {}) => ask<OfrepBulk>('bulk', '', request),
  };
}
