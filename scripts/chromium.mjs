// @ts-check
/**
 * Finds a Chromium for the browser tests, the bench and the screenshots: CHROMIUM, then one on the PATH, then the one
 * inside the registry package @sparticuz/chromium (linux x64; needs no apt), then Playwright's own. We unpack the package
 * ourselves, because it unpacks to one fixed place and trusts whatever it finds there, and use flags of our own, because
 * its flags switch off the security that pages are tested with.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const decompress = promisify(brotliDecompress);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/**
 * @typedef {object} Chromium
 * @property {string} executablePath
 * @property {string[]} args
 * @property {Record<string, string>} env what it needs besides the environment of this process
 * @property {string} description for the one line that says which browser was used
 */

/**
 * @param {string} root of the repository
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Chromium>}
 * @throws with what to install, where there is none
 */
export async function findChromium(root, env) {
  const { executablePath, variables = {} } = await locate(root, env);
  const version = versionOf(executablePath, variables);
  if (version === null) throw new Error(`${executablePath} does not start; set CHROMIUM to a Chromium that does.`);
  // Chromium's sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? [...FLAGS, '--no-sandbox'] : FLAGS;
  return { executablePath, args, env: variables, description: `${version} (${executablePath})` };
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ executablePath: string, variables?: Record<string, string> }>}
 */
async function locate(root, env) {
  if (env.CHROMIUM) {
    if (!existsSync(env.CHROMIUM)) throw new Error(`CHROMIUM is '${env.CHROMIUM}', and there is no such file.`);
    return { executablePath: env.CHROMIUM };
  }
  const folders = (env.PATH ?? '').split(path.delimiter);
  const installed = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
  if (installed !== undefined) return { executablePath: installed };
  if (process.platform === 'linux' && process.arch === 'x64') return unpackPackage(root);
  const { chromium } = await import('playwright-core');
  if (existsSync(chromium.executablePath())) return { executablePath: chromium.executablePath() };
  throw new Error(
    "The browser tests need a Chromium: install one with 'npx playwright-core install chromium' or the system's package manager, or set CHROMIUM to its path.",
  );
}

/**
 * Unpacks once into node_modules/.cache, under the package's version. Libraries and fonts come along only where the
 * machine has none.
 * @param {string} root
 */
async function unpackPackage(root) {
  const packageRoot = path.join(root, 'node_modules', '@sparticuz', 'chromium');
  const { version } = JSON.parse(await readFile(path.join(packageRoot, 'package.json'), 'utf8'));
  const folder = path.join(root, 'node_modules', '.cache', `chromium-${version}`);
  if (!existsSync(folder)) await unpackTo(folder, path.join(packageRoot, 'bin'));

  const executablePath = path.join(folder, 'chromium');
  /** @type {Record<string, string>} */
  const variables = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: folder };
  if (versionOf(executablePath, variables) === null) variables.LD_LIBRARY_PATH = path.join(folder, 'lib');
  return { executablePath, variables };
}

/**
 * @param {string} folder appears whole or not at all, whoever else unpacks at the same time
 * @param {string} packed
 */
async function unpackTo(folder, packed) {
  await mkdir(path.dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    await writeFile(path.join(draft, 'chromium'), await decompress(await readFile(path.join(packed, 'chromium.br'))));
    await chmod(path.join(draft, 'chromium'), 0o755);
    for (const archive of ['al2023.tar.br', 'fonts.tar.br']) {
      const input = await decompress(await readFile(path.join(packed, archive)));
      const { status, stderr, error } = spawnSync('tar', ['-x', '-C', draft], { input });
      if (status !== 0) throw new Error(`tar could not unpack ${archive}: ${error?.message ?? stderr}`);
    }
    // The packed configuration looks for its fonts in the temp folder.
    await writeFile(
      path.join(draft, 'fonts.conf'),
      `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>`,
    );
    await chmod(draft, 0o755);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/**
 * @param {string} executablePath
 * @param {Record<string, string>} variables
 * @returns {string | null} null where it does not start
 */
function versionOf(executablePath, variables) {
  const { status, stdout } = spawnSync(executablePath, ['--version'], {
    env: { ...process.env, ...variables },
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}
