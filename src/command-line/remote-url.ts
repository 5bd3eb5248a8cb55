import type { HostedRepository } from '../inputs/event/origin.ts';
import { withoutCredentials } from '../repository/git.ts';
import { usageError } from './usage.ts';

/**
 * Where a remote of git is hosted, by its URL in any of git's forms (https://git-scm.com/docs/git-clone#_git_urls);
 * undefined for a path of this machine.
 */
export function hostedAt(url: string): HostedRepository | undefined {
  const place = placeOf(url.trim());
  if (place === undefined) return undefined;
  const segments = place.path
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((segment) => segment !== '');
  const name = segments.pop();
  if (name === undefined) return undefined;
  return { serverUrl: place.serverUrl, host: place.host, owner: segments.join('/'), name };
}

/**
 * Where the cluster repository is hosted: as its remote says, else as the URL says by which Argo CD is to read it.
 *
 * @throws LaunchpadError `usage-invalid` where neither says enough for Argo CD to find it
 */
export function hostedRepository(remoteUrl: string, repositoryUrl: string | undefined): HostedRepository {
  const hosted = hostedAt(remoteUrl) ?? hostedAt(repositoryUrl ?? '');
  if (hosted !== undefined && (hosted.owner !== '' || repositoryUrl !== undefined)) return hosted;
  throw usageError(
    `From the remote ${withoutCredentials(remoteUrl)} of the clone it is not clear by which URL Argo CD reads the repository.`,
    'Give that URL by --repository-url.',
  );
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
