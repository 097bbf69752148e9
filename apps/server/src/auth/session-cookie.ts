/** The cookie that holds a session's secret. With https its name makes browsers insist on Secure and Path=/. */
import type { CookieSerializeOptions } from '@fastify/cookie';

export interface SessionCookie {
  readonly name: string;
  readonly options: CookieSerializeOptions;
}

export function sessionCookie(https: boolean): SessionCookie {
  return {
    name: https ? '__Host-yardarm' : 'yardarm',
    options: { httpOnly: true, sameSite: 'lax', secure: https, path: '/' },
  };
}
