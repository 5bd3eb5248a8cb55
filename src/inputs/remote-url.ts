import { LaunchpadError } from '../core/errors.ts';
import type { HostedRepository, Origin } from './event/origin.ts';

/**
 * Where a remote of git is hosted, by its URL in any of git's forms (https://git-scm.com/docs/git-clone#_git_urls);
 * undefined for a path of this machine.
 */
export function hostedAt(url: string): HostedRepository | undefined {
  const place = placeOf(url.trim());
  if (place === undefined) return undefined;
  const segments = place.path
    .replace(/(?<!\/)\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((segment) => segment !== '');
  const name = segments.pop();
  if (name === undefined) return undefined;
  return { serverUrl: place.serverUrl, host: place.host, owner: segments.join('/'), name };
}

interface Place {
  /** Root of the pages of its host. */
  readonly serverUrl: string;
  /** Without a port, as SSH URLs have another one. */
  readonly host: string;
  readonly path: string;
}

function placeOf(url: string): Place | undefined {
  // `host:path`; a single letter is a drive.
  const [, scpHost, scpPath] = /^(?:[^@/\s]+@)?([^:/\s]{2,}):(?!\/\/)(.+)$/.exec(url) ?? [];
  if (scpHost !== undefined && scpPath !== undefined) {
    return { serverUrl: `https://${scpHost}`, host: scpHost, path: scpPath };
  }
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === '') return undefined;
  const { protocol, host, hostname, pathname } = parsed;
  if (protocol === 'https:' || protocol === 'http:') {
    return { serverUrl: `${protocol}//${host}`, host: hostname, path: pathname };
  }
  if (!['ssh:', 'git+ssh:', 'git:'].includes(protocol)) return undefined;
  // GitHub serves SSH at port 443 under a name of its own.
  const name = hostname === 'ssh.github.com' ? 'github.com' : hostname;
  return { serverUrl: `https://${name}`, host: name, path: pathname };
}

/**
 * The repository that a run is about: the one that its checkout pushes to, which links and Argo CD's URL must name.
 *
 * @param remoteUrl of the checkout; a path of this machine has no owner, so that the workflow's repository counts
 * @throws LaunchpadError `other-repository` for an event of another repository, whose files it cannot tell of
 */
export function repositoryOfRun(
  remoteUrl: string,
  { hosted, event }: Pick<Origin, 'hosted' | 'event'>,
): HostedRepository {
  const found = hostedAt(remoteUrl);
  if (found === undefined || found.owner === '') return hosted;
  const [pushed, own] = [found, hosted].map(({ owner, name }) => `${owner}/${name}`);
  if (pushed?.toLowerCase() === own?.toLowerCase()) return hosted;
  if (event === undefined || event.kind === 'branch') return found;
  throw new LaunchpadError(
    'other-repository',
    `The checkout is of ${pushed}, but the event that started the workflow is about ${own}.`,
    {
      remedy: `Check out ${own}; or, to work on ${pushed}, start the workflow by workflow_dispatch with input instance.`,
    },
  );
}
