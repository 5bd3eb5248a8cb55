import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { HostedRepository, Origin } from '../inputs/event/origin.ts';
import { readValue } from '../inputs/input.ts';
import type { InputSource } from '../inputs/input-source.ts';
import { INPUTS } from '../inputs/inputs.ts';
import { hostedAt } from '../inputs/remote-url.ts';
import { withoutCredentials } from '../repository/words.ts';
import type { Clone } from './clone.ts';
import { usageError } from './exit-codes.ts';

/**
 * Where a run comes from that an operator started in a clone of the cluster repository.
 *
 * @param workspace directory that it was started in
 * @throws LaunchpadError `usage-invalid` where it is not clear how Argo CD reads the repository
 */
export function terminalOrigin(
  { branch, remote, remoteUrl }: Clone,
  inputSource: InputSource,
  workspace: string,
): Origin {
  return {
    source: { branch, remote },
    workspace,
    hosted: hostedRepository(remoteUrl, readValue(INPUTS.repositoryUrl, inputSource)),
    run: {
      id: `terminal-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`,
      url: undefined,
      description: `${userName()}@${hostname()}`,
    },
  };
}

/** In a container the user need not have a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
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
