import type { Response } from 'undici';
import { fieldsOf, isFields, textIn } from '../../core/fields.ts';
import { ClusterError, invalidAnswerError, type RequestName, refusedError, unreachableError } from './errors.ts';

/** Refusals that say something about the cluster, which callers act on: only the API server's own count. */
const FACTS = new Set([403, 404, 409, 410]);

/** The body of an answer. @throws ClusterError if it is cut, or the page of a proxy */
export async function readText(response: Response, name: RequestName): Promise<string> {
  await requireNoPage(response, name);
  return await bodyOf(response, name);
}

/**
 * The object in an answer.
 *
 * @param kinds what the request asks for; the API server gives every object its kind
 *   (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris)
 * @throws ClusterError if the body is cut, or something else
 */
export async function readObject<T>(response: Response, name: RequestName, kinds: readonly string[]): Promise<T> {
  const text = await bodyOf(response, name);
  const invalid = (what: string) => invalidAnswerError(name, response.status, what);
  if (isPage(response, text)) throw invalid(pageOf(text));
  if (text === '') throw invalid('an empty body');
  let object: T;
  try {
    object = JSON.parse(text);
  } catch {
    // What was to be read may be a Secret, so nothing of it is shown.
    throw invalid(`${text.length} characters that are not whole JSON`);
  }
  const kind = textIn(fieldsOf(object), 'kind');
  const isFailure = kind === 'Status' && textIn(fieldsOf(object), 'status') !== 'Success';
  if (kind === undefined || isFailure || !kinds.includes(kind)) throw invalid(otherObject(object, kind));
  if (kind.endsWith('List') && !hasItems(object)) throw invalid(`a ${kind} without its items`);
  return object;
}

/** The error for an answer other than success. */
export async function refusalOf(response: Response, name: RequestName): Promise<ClusterError> {
  const { status, headers } = response;
  let body: string;
  try {
    body = await bodyOf(response, name);
  } catch (error) {
    return error instanceof ClusterError ? error : unreachableError(name, error);
  }
  if (status < 400 || (FACTS.has(status) && !isOwn(body))) return invalidAnswerError(name, status, pageOf(body));
  const said = isPage(response, body) ? pageOf(body) : body;
  return refusedError(name, status, said, headers.get('retry-after'));
}

/** @throws ClusterError for the page of a proxy or a login */
export async function requireNoPage(response: Response, name: RequestName): Promise<void> {
  if (!isPage(response, '')) return;
  throw invalidAnswerError(name, response.status, pageOf(await bodyOf(response, name)));
}

async function bodyOf(response: Response, name: RequestName): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachableError(name, error, { verb: `cut its answer (${response.status}) to` });
  }
}

function isPage({ headers }: Response, body: string): boolean {
  return (headers.get('content-type') ?? '').startsWith('text/html') || /^\s*</.test(body);
}

/** What a page is, by its title: the rest of it is markup. */
function pageOf(body: string): string {
  const [, title = ''] = /<title[^<>]{0,200}>([^<]{0,500})/i.exec(body) ?? [];
  const shown = title.replace(/\s+/g, ' ').trim().slice(0, 100);
  if (shown !== '') return `an HTML page (${shown})`;
  return body === '' || /^\s*</.test(body) ? 'an HTML page or nothing' : 'a text';
}

/** A refusal in the API server's own words: a Status, or what it answers where it serves no such path. */
function isOwn(body: string): boolean {
  if (body.trim() === '404 page not found') return true;
  try {
    return isFields(JSON.parse(body));
  } catch {
    return false;
  }
}

function otherObject(object: unknown, kind: string | undefined): string {
  if (kind === undefined) return 'JSON that is not a Kubernetes object';
  const message = textIn(fieldsOf(object), 'message');
  return kind === 'Status' && message !== undefined ? `a Status (${message})` : `an object of kind ${kind}`;
}

function hasItems(object: unknown): boolean {
  const { items, resources, metadata } = fieldsOf(object);
  // Go writes an empty list as null.
  return Array.isArray(resources) || (isFields(metadata) && (Array.isArray(items) || items === null));
}
