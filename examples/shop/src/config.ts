/** The shop's settings, read once from the environment. */

export interface ShopConfig {
  /** 0: any free port. */
  readonly port: number;
  readonly yardarmUrl: string;
  /** Secret: gives the shop's server the whole rule set. */
  readonly serverKey: string;
  /** Public: gives the page the browser-safe view. */
  readonly clientKey: string;
}

/** A setting is missing or malformed; the message is a sentence that names it. */
export class ConfigError extends Error {}

/** @throws ConfigError */
export function loadShopConfig(env: NodeJS.ProcessEnv): ShopConfig {
  const required = (name: string, what: string) => {
    const value = env[name];
    if (value === undefined || value === '') throw new ConfigError(`Set ${name} to ${what}. 'npm start' does it for you.`);
    return value;
  };
  const port = Number(env.SHOP_PORT || '4401');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ConfigError(`SHOP_PORT must be a port number from 0 to 65535, and is '${env.SHOP_PORT}'.`);
  const yardarmUrl = required('YARDARM_URL', "the Yardarm server's address, for example http://127.0.0.1:4400");
  if (!URL.canParse(yardarmUrl)) throw new ConfigError(`YARDARM_URL must be an address, and is '${yardarmUrl}'.`);
  return {
    port,
    yardarmUrl,
    serverKey: required('YARDARM_SERVER_KEY', 'a server SDK key of the environment to follow'),
    clientKey: required('YARDARM_CLIENT_KEY', 'a client SDK key of the same environment'),
  };
}
