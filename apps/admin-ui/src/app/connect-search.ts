/** What the page for connecting an application keeps in the address. */
export interface ConnectSearch {
  readonly environment?: string | undefined;
  readonly language?: string | undefined;
  readonly app?: string | undefined;
  readonly flag?: string | undefined;
}

export function parseConnectSearch({ environment, language, app, flag }: Record<string, unknown>): ConnectSearch {
  return {
    ...(environment !== undefined && { environment: String(environment) }),
    ...(language !== undefined && { language: String(language) }),
    ...(app !== undefined && { app: String(app) }),
    ...(flag !== undefined && { flag: String(flag) }),
  };
}
