import { readdir, realpath } from 'node:fs/promises';
import { LaunchpadError } from '../core/errors.ts';
import { Git, type GitOptions } from './git.ts';
import { localFailure } from './local-failures.ts';
import { quotedWords, withoutCredentials } from './words.ts';

interface CheckoutOptions extends Omit<GitOptions, 'config' | 'isReadOnly'> {
  /** Such as `origin`. */
  readonly remote: string;
  /** Token for the remote's host, used in place of the checkout's own credentials. */
  readonly token: string | undefined;
  /** Whether the directory itself must be the root: a checkout around it is somebody else's. */
  readonly mustBeRoot?: boolean;
}

/** The caller's checkout. */
export interface OpenedCheckout {
  readonly git: Git;
  /** Its root. */
  readonly directory: string;
  /** URL of the remote, without credentials. */
  readonly remoteUrl: string;
  /** Whether it lacks a part of its history. */
  readonly isShallow: boolean;
}

/** @throws LaunchpadError `no-checkout` if the directory is not a git checkout with that remote */
export async function openCheckout(options: CheckoutOptions): Promise<OpenedCheckout> {
  const plain = await realpath(options.directory).catch(() => options.directory);
  // The runner's user need not own the checkout, as in a container.
  const safe: [string, string][] = [['safe.directory', plain]];
  const probe = new Git({ ...options, config: safe });
  const [top, listed] = await Promise.all([
    probe.run(['rev-parse', '--show-toplevel', '--is-shallow-repository']),
    probe.run(REMOTES),
  ]);
  if (top.code !== 0) throw localFailure(top.stderr, plain)?.error ?? (await noCheckout(options.directory, top.stderr));
  const [, directory = '', isShallow] = /^([\s\S]*)\n(true|false)\n$/.exec(top.stdout.toString('utf8')) ?? [];
  if (options.mustBeRoot === true && (await realpath(directory)) !== plain)
    throw notTheRoot(options.directory, directory);
  const config: [string, string][] = [...safe, ['safe.directory', directory]];
  // In a checkout of another user, git wants to know of its root first.
  const remotes = listed.code === 0 ? listed.stdout : await new Git({ ...options, directory, config }).bytes(REMOTES);
  const urls = urlsOf(remotes.toString('utf8'), options.remote);
  const [url] = urls;
  if (url === undefined) throw noRemote(directory, options.remote);
  const hasNoSsh = urls.every((one) => HTTP.test(one));
  const git = new Git({ ...options, directory, config: [...config, ...tokenConfig(url, options.token)], hasNoSsh });
  return { git, directory, remoteUrl: withoutCredentials(url), isShallow: isShallow === 'true' };
}

const HTTP = /^https?:/;

const REMOTES = ['remote', '--verbose'];

/** The URLs of a remote, first that which is fetched from, then those that are pushed to. */
function urlsOf(remotes: string, remote: string): string[] {
  const lines = remotes.trimEnd().split('\n');
  const of = (use: string) =>
    lines.flatMap((line) => {
      const [name, url = ''] = line.split('\t');
      const end = url.lastIndexOf(` (${use})`);
      return name === remote && end > 0 ? [url.slice(0, end)] : [];
    });
  return [...of('fetch'), ...of('push')];
}

/**
 * Configuration that makes git send this token, and nothing else, to the remote's host: GitHub answers 400 to two
 * Authorization headers, so the one that checkout left is cleared by an empty value first.
 */
function tokenConfig(remoteUrl: string, token: string | undefined): [string, string][] {
  if (token === undefined || !HTTP.test(remoteUrl)) return [];
  const key = `http.${new URL(remoteUrl).origin}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return [
    [key, ''],
    [key, `AUTHORIZATION: basic ${basic}`],
  ];
}

/** Where git is missing or too old, actions/checkout downloads the files by the REST API: they come without `.git`. */
async function noCheckout(directory: string, stderr: string): Promise<LaunchpadError> {
  const files = await readdir(directory).catch((): string[] => []);
  if (files.length > 0 && !files.includes('.git')) {
    return new LaunchpadError('no-checkout', `${directory} has files, and is not a checkout of a git repository.`, {
      remedy:
        'Put a step `uses: actions/checkout@v5` before this one, and install git before that step: without git it downloads the files alone. Input repository-path says where the checkout is.',
    });
  }
  const message = `${directory} is not a checkout of a git repository: ${quotedWords(stderr)}`;
  return new LaunchpadError('no-checkout', message, {
    remedy:
      'Put a step `uses: actions/checkout@v5` before this one; input repository-path says where it is, if not in the workspace.',
  });
}

function notTheRoot(directory: string, root: string): LaunchpadError {
  return new LaunchpadError('no-checkout', `${directory} is not a checkout: it lies inside another one, ${root}.`, {
    remedy:
      'Check out the cluster repository into that directory by actions/checkout, or set repository-path to the root of its checkout.',
  });
}

function noRemote(directory: string, remote: string): LaunchpadError {
  return new LaunchpadError('no-checkout', `The checkout ${directory} has no remote ${remote}.`, {
    remedy: 'Check out with actions/checkout, which sets it.',
  });
}
