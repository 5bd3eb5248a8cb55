import type { HostedRepository } from '../inputs/event/origin.ts';
import { hostedAt } from '../inputs/remote-url.ts';
import { withoutCredentials } from '../repository/git.ts';
import { usageError } from './usage.ts';

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
