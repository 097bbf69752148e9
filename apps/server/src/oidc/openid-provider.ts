/**
 * The conversation with one OpenID provider: authorization code with PKCE, state and nonce, ID tokens of one algorithm. The
 * provider is asked for its description when somebody first signs in, and again after a failure: it may be down when
 * the server starts, and password sign-in never waits for it.
 */
import * as openid from 'openid-client';
import type { OidcConfig } from './oidc-config.ts';

/** A person waits for it, in front of a blank page. */
const TIMEOUT_SECONDS = 10;

/** What has to survive between leaving for the provider and coming back, bound to the browser. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who somebody is to the provider, and what it says about them. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Never used to find an account: addresses are given to other people. */
  readonly email: string | null;
  readonly name: string | null;
  readonly groups: readonly string[];
}

export interface OpenIdProvider {
  /** Where to send the browser. Rejects while the provider is away. */
  readonly begin: () => Promise<{ readonly url: string; readonly attempt: Attempt }>;
  /** `address`: with which the browser came back. Rejects when anything about it is not as it should be. */
  readonly complete: (address: URL, attempt: Attempt) => Promise<Identity>;
}

export function createOpenIdProvider(settings: OidcConfig, clientSecret: string | null, redirectUri: string): OpenIdProvider {
  let described: Promise<openid.Configuration> | null = null;
  const describe = () => {
    described ??= discover(settings, clientSecret).catch((error) => {
      described = null;
      throw error;
    });
    return described;
  };

  return {
    begin: async () => {
      const configuration = await describe();
      const codeVerifier = openid.randomPKCECodeVerifier();
      const attempt = { state: openid.randomState(), nonce: openid.randomNonce(), codeVerifier };
      const url = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state: attempt.state,
        nonce: attempt.nonce,
      });
      return { url: url.href, attempt };
    },
    complete: async (address, { state, nonce, codeVerifier }) => {
      const configuration = await describe();
      const tokens = await openid.authorizationCodeGrant(configuration, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('The provider sent no ID token.');
      const userInfo = configuration.serverMetadata().userinfo_endpoint
        ? await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)
        : {};
      return toIdentity(claims, { ...userInfo, ...claims }, settings.groupsClaim);
    },
  };
}

function discover(settings: OidcConfig, clientSecret: string | null): Promise<openid.Configuration> {
  const issuer = new URL(settings.issuer);
  return openid.discovery(
    issuer,
    settings.clientId,
    { id_token_signed_response_alg: settings.algorithm, ...(clientSecret !== null && { client_secret: clientSecret }) },
    clientSecret === null ? openid.None() : openid.ClientSecretPost(clientSecret),
    { timeout: TIMEOUT_SECONDS, ...(issuer.protocol === 'http:' && { execute: [openid.allowInsecureRequests] }) },
  );
}

function toIdentity(
  { iss, sub }: { readonly iss: string; readonly sub: string },
  said: Readonly<Record<string, unknown>>,
  groupsClaim: string,
): Identity {
  const text = (claim: string) => (typeof said[claim] === 'string' && said[claim].trim() !== '' ? said[claim].trim() : null);
  const groups = [said[groupsClaim]].flat().filter((group) => typeof group === 'string');
  return { issuer: iss, subject: sub, email: text('email'), name: text('preferred_username') ?? text('name'), groups };
}
