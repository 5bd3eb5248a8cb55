import { LaunchpadError } from '../core/errors.ts';
import type { Request } from './api/transport.ts';

const ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/**
 * Requires that the API server stores nothing for this request: it reads, asks what we may do, or is a server-side apply
 * with `dryRun=All` (https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run).
 *
 * @throws LaunchpadError `read-only` for every other request
 */
export function requireReadOnly({ method, path, query, contentType }: Request): void {
  const isReview = method === 'POST' && path === ACCESS_REVIEWS;
  const isDryApply = contentType === 'application/apply-patch+yaml' && query?.dryRun === 'All' && method === 'PATCH';
  if (method === 'GET' || isReview || isDryApply) return;
  throw new LaunchpadError('read-only', `A dry run does not send ${method} ${path}, which would change the cluster.`, {
    remedy: 'This is a fault of the action: please report it. Nothing was changed.',
  });
}
