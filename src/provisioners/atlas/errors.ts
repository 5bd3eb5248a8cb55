import { fieldsOf, textIn } from '../../core/fields.ts';
import { connectionError } from '../connection-errors.ts';
import { type ApiAnswer, HttpError } from '../http/send.ts';
import { ProvisionerError } from '../report.ts';

export interface Circumstances {
  readonly host: string;
  readonly projectId: string;
  readonly clusterName: string;
  /** What was tried, in words. */
  readonly doing: string;
}

/** Atlas's code of an error, such as `CLUSTER_NOT_FOUND` (https://www.mongodb.com/docs/atlas/reference/api-errors/). */
export function errorCodeOf(error: unknown): string {
  const cause = error instanceof ProvisionerError ? error.cause : error;
  return cause instanceof HttpError ? (textIn(fieldsOf(cause.answer.body), 'errorCode') ?? '') : '';
}

const ROLE = 'Give it the role Project Database Access Admin, or Project Owner, in the project.';

/** The error to end with: Atlas's words and code, and what to check. */
export function atlasError(error: unknown, circumstances: Circumstances): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const { host, doing } = circumstances;
  const make = (code: string, says: string, hint: string) =>
    new ProvisionerError(`atlas-${code}`, `Atlas's API at ${host}: ${doing} failed: ${says}.`, {
      host,
      hint,
      cause: error,
    });
  if (!(error instanceof HttpError)) {
    const lost = connectionError(error, "Atlas's API", host);
    const said = error instanceof Error ? error.message : String(error);
    return (
      lost ??
      make('no-answer', said, 'Check that the pods of the cluster reach the API, by a proxy where there must be one.')
    );
  }
  const [code, hint] = remedyOf(error.status, errorCodeOf(error), circumstances);
  return make(code, wordsOf(error.answer), hint);
}

function remedyOf(
  status: number,
  errorCode: string,
  { projectId, clusterName }: Circumstances,
): readonly [code: string, hint: string] {
  if (/ACCESS_LIST|WHITELIST/.test(errorCode)) {
    return [
      'access-list',
      "Add the address from which the cluster reaches the internet to the API access list of the key or service account (Atlas, Organization Access Manager), or do not require one; the server's message names the address.",
    ];
  }
  if (/MAX|LIMIT|QUOTA/.test(errorCode) && status !== 429) {
    return [
      'user-limit',
      'A project has at most 100 database users: delete some that are not used, or use another project.',
    ];
  }
  switch (errorCode) {
    case 'GROUP_NOT_FOUND':
    case 'INVALID_GROUP_ID':
      return [
        'project',
        `Check input atlas-project-id (${projectId}), and that the key or service account is of that project.`,
      ];
    case 'CLUSTER_NOT_FOUND':
    case 'NO_CLUSTER_IN_GROUP':
      return ['cluster', `Check input atlas-cluster-name (${clusterName}), in the project ${projectId}.`];
    case 'VERSION_GONE':
      return ['version', 'This version of the API is switched off: use a newer version of the action.'];
    default:
  }
  switch (status) {
    case 401:
      return [
        'keys',
        'Check inputs atlas-client-id and atlas-client-secret, or atlas-public-key and atlas-private-key: they are wrong, expired or deleted.',
      ];
    case 403:
      return ['rights', `The key or service account may not do that. ${ROLE}`];
    case 404:
      return ['not-found', `Check inputs atlas-project-id (${projectId}) and atlas-cluster-name (${clusterName}).`];
    case 410:
      return ['version', 'This version of the API is switched off: use a newer version of the action.'];
    case 429:
      return ['limit', 'The limit of requests is used up for longer than this run may take: run again later.'];
    default:
      return status >= 500
        ? ['unavailable', 'Look at https://status.mongodb.com, then run again.']
        : ['refused', "The message is Atlas's own; look its code up in the reference of the API."];
  }
}

function wordsOf({ status, headers, body }: ApiAnswer): string {
  const fields = fieldsOf(body);
  const detail = (
    textIn(fields, 'detail') ??
    textIn(fields, 'reason') ??
    textIn(fields, 'error_description') ??
    ''
  ).replace(/\.$/, '');
  const code = textIn(fields, 'errorCode');
  const id = headers.get('x-request-id') ?? headers.get('x-envoy-request-id');
  const extra = [code, id === null ? undefined : `request ${id}`].filter((part) => part !== undefined).join(', ');
  return [`${status} ${detail}`.trim(), extra === '' ? '' : `(${extra})`].filter((part) => part !== '').join(' ');
}
